import { SerKitError } from '../core/errors.ts';
import { binFrequencies, type SpectralConfig, type SpectrumMeasure } from './spectral-frames.ts';

/** One band: its bins, sorted afresh for each frame, and how many of them make its peak and its valley. */
export interface Band {
  readonly from: number;
  readonly sorted: Float64Array<ArrayBuffer>;
  readonly extremes: number;
}

/** numpy.rint: halves go to the even neighbour. */
function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}

/** What decides the bands: see SpectralContrastOptions. */
interface ContrastSplit extends SpectralConfig {
  readonly nBands: number;
  readonly fMin: number;
  readonly quantile: number;
}

/** Which bins each band holds; librosa's rule: bands share a bin at their edge, then all but the last lose their top. */
export function contrastBands(who: string, config: ContrastSplit): readonly Band[] {
  const { nBands, fMin, quantile, sampleRate, nFft } = config;
  const edge = fMin * 2 ** (nBands - 1);
  if (edge >= sampleRate / 2) {
    throw new SerKitError(
      'bad-option',
      `${who}: fMin * 2^(nBands - 1) expected < ${sampleRate / 2}, half the sample rate, got ${edge}; ` +
        'take fewer bands or a lower fMin',
    );
  }
  const frequencies = binFrequencies(config);
  return Array.from({ length: nBands + 1 }, (_, b) => {
    const low = b === 0 ? 0 : fMin * 2 ** (b - 1);
    const high = fMin * 2 ** b;
    const inside = frequencies.reduce((sum, f) => sum + (f >= low && f <= high ? 1 : 0), 0);
    const lowest = frequencies.findIndex((f) => f >= low);
    const from = b === 0 ? lowest : lowest - 1;
    const end = b === nBands ? frequencies.length : lowest + inside;
    const size = b === nBands ? end - from : end - from - 1;
    if (inside === 0 || size < 1) {
      throw new SerKitError(
        'bad-option',
        `${who}: nFft expected to leave a bin in every band, got ${nFft}, whose bins are ${sampleRate / nFft} Hz apart, ` +
          `for the band from ${low} to ${high} Hz`,
      );
    }
    const extremes = Math.min(size, Math.max(1, roundHalfEven(quantile * (end - from))));
    return { from, sorted: new Float64Array(size), extremes };
  });
}

/** Peaks, then valleys, of one frame: 2 * (nBands + 1) numbers. */
export function peaksAndValleys(bands: readonly Band[]): SpectrumMeasure {
  return (magnitudes, data, at) => {
    for (let b = 0; b < bands.length; b++) {
      const { from, sorted, extremes } = bands[b];
      for (let i = 0; i < sorted.length; i++) sorted[i] = magnitudes[from + i];
      sorted.sort();
      let valley = 0;
      let peak = 0;
      for (let i = 0; i < extremes; i++) {
        valley += sorted[i];
        peak += sorted[sorted.length - 1 - i];
      }
      data[at + b] = peak / extremes;
      data[at + bands.length + b] = valley / extremes;
    }
  };
}
