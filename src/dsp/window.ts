/** The windows that are known by name. */
export type WindowName = 'hann' | 'hamming' | 'povey' | 'ones';

/** Their names, for schemas. */
export const WINDOW_NAMES = ['hann', 'hamming', 'povey', 'ones'] as const satisfies readonly WindowName[];

/**
 * A window of `length` samples, w[n] = a - (1 - a) cos(2 pi n / N): a = 0.5 for 'hann', 0.54 for 'hamming', 1 for
 * 'ones'; 'povey' is Kaldi's, a Hann window to the power of 0.85. N = length, the periodic form that spectral analysis
 * wants, as scipy.signal.get_window gives it; or N = length - 1, the symmetric form of speech front ends, whose ends are
 * equal. A symmetric window of one sample is 1.
 */
export function createWindow(name: WindowName, length: number, symmetric = false): Float64Array {
  if (symmetric && length === 1) return Float64Array.of(1);
  const a = name === 'hamming' ? 0.54 : name === 'ones' ? 1 : 0.5;
  const power = name === 'povey' ? 0.85 : 1;
  const period = symmetric ? length - 1 : length;
  return Float64Array.from({ length }, (_, n) => {
    const value = a - (1 - a) * Math.cos((2 * Math.PI * n) / period);
    return power === 1 ? value : value ** power;
  });
}
