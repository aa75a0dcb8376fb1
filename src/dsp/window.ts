/** The windows that are known by name. */
export type WindowName = 'hann' | 'hamming' | 'ones';

/** Their names, for schemas. */
export const WINDOW_NAMES = ['hann', 'hamming', 'ones'] as const satisfies readonly WindowName[];

/**
 * A window of `length` samples in its periodic form, w[n] = a - (1 - a) cos(2 pi n / length), as spectral analysis
 * wants it and scipy.signal.get_window gives it: a = 0.5 for 'hann', 0.54 for 'hamming', 1 for 'ones'.
 */
export function createWindow(name: WindowName, length: number): Float64Array {
  const a = name === 'hann' ? 0.5 : name === 'hamming' ? 0.54 : 1;
  return Float64Array.from({ length }, (_, n) => a - (1 - a) * Math.cos((2 * Math.PI * n) / length));
}
