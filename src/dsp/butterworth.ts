import type { Biquad } from './biquad.ts';

/**
 * A Butterworth filter as sections of second order (and one of first, where the order is odd), by the bilinear
 * transform with the cutoff kept in its place: 1 / sqrt(2) of the amplitude (-3.01 dB) at `cutoffHz`, whatever the
 * order. The filter of `scipy.signal.butter(order, cutoffHz, fs=sampleRate, output='sos')`; scipy puts all the gain
 * into the first section, here each has its own: 1 at 0 Hz (low-pass) or at half the rate (high-pass).
 *
 * The analog poles lie on a circle, pair k at s^2 + 2 sin((2k + 1) pi / (2 order)) s + 1, and s = (1 - 1/z) / (1 + 1/z) / K
 * with K = tan(pi cutoffHz / sampleRate). The sharpest sections come last.
 *
 * @param cutoffHz  above 0 and below half the rate
 */
export function butterworth(
  kind: 'lowPass' | 'highPass',
  order: number,
  cutoffHz: number,
  sampleRate: number,
): Biquad[] {
  const low = kind === 'lowPass';
  const K = Math.tan((Math.PI * cutoffHz) / sampleRate);
  const sections: Biquad[] = [];
  if (order % 2 === 1) {
    const b0 = (low ? K : 1) / (1 + K);
    sections.push({ b0, b1: low ? b0 : -b0, b2: 0, a1: (K - 1) / (1 + K), a2: 0 });
  }
  for (let k = Math.floor(order / 2) - 1; k >= 0; k--) {
    const damping = 2 * Math.sin(((2 * k + 1) * Math.PI) / (2 * order)) * K;
    const divisor = 1 + damping + K * K;
    const b0 = (low ? K * K : 1) / divisor;
    sections.push({
      b0,
      b1: low ? 2 * b0 : -2 * b0,
      b2: b0,
      a1: (2 * (K * K - 1)) / divisor,
      a2: (1 - damping + K * K) / divisor,
    });
  }
  return sections;
}
