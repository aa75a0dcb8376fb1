import type { Framing } from '../../dsp/frames.ts';
import type { FrameRun, Framewise } from '../framewise.ts';
import { type PitchConfig, periodRange } from './pitch-options.ts';
import { PeriodRefiner } from './refine-period.ts';
import { Troughs, troughShift } from './troughs.ts';
import { YinDifference } from './yin-difference.ts';

/** The lag of YIN's period: the first trough of d' below the threshold; with none, the smallest d'. An index into d'. */
function yinLag(normalized: Float64Array, troughs: Troughs, threshold: number): number {
  troughs.find(normalized);
  for (let i = 0; i < troughs.count; i++) {
    if (normalized[troughs.at[i]] < threshold) return troughs.at[i];
  }
  let lag = 0;
  for (let i = 1; i < normalized.length; i++) if (normalized[i] < normalized[lag]) lag = i;
  return lag;
}

/** [f0, voiced] of every frame by itself. */
export function yinFrames(config: PitchConfig): Framewise {
  const { sampleRate, fMin, fMax, frameLength, hopLength, refine, troughThreshold, voicingThreshold } = config;
  const framing: Framing = config;
  const range = periodRange(config);
  const difference = new YinDifference(frameLength, range);
  const refiner = new PeriodRefiner();
  const { normalized, similarity } = difference;
  const troughs = new Troughs(normalized.length);
  const run: FrameRun = (samples, first, count, data, at) => {
    for (let t = 0; t < count; t++) {
      difference.run(samples, first + t * hopLength);
      const lag = yinLag(normalized, troughs, troughThreshold);
      const coarse = range.minPeriod + lag + troughShift(normalized, lag);
      const fine = refiner.refine(similarity, coarse);
      const f0 = refine ? Math.min(fMax, Math.max(fMin, sampleRate / fine)) : sampleRate / coarse;
      const voiced = Math.min(1, Math.max(0, refiner.similarity));
      // Of silence, similarity[0] is 0.
      data[at + 2 * t] = similarity[0] > 0 && voiced >= voicingThreshold ? f0 : 0;
      data[at + 2 * t + 1] = voiced;
    }
  };
  return { framing, dims: 2, begin: () => run };
}
