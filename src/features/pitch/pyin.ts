import { type Framing, frameCount, visitRuns } from '../../dsp/frames.ts';
import { type PitchConfig, periodRange, pitchBins } from './pitch-options.ts';
import { PitchPath } from './pitch-path.ts';
import { PeriodRefiner } from './refine-period.ts';
import { TroughProbabilities } from './trough-probabilities.ts';
import { Troughs, troughShift } from './troughs.ts';
import { YinDifference } from './yin-difference.ts';

/** Prepares pYIN: a function from a whole clip to [frames, 2], f0 and the probability that a frame is voiced. */
export function preparePyin(
  who: string,
  config: PitchConfig,
): (samples: Float32Array<ArrayBuffer>) => { readonly data: Float32Array<ArrayBuffer>; readonly frames: number } {
  const { sampleRate, fMin, fMax, frameLength, hopLength, refine } = config;
  const framing: Framing = config;
  const range = periodRange(config);
  const difference = new YinDifference(frameLength, range);
  const { normalized, similarity } = difference;
  const troughs = new Troughs(normalized.length);
  const probabilities = new TroughProbabilities(troughs.at.length, config);
  const refiner = new PeriodRefiner();
  const { perOctave, nBins } = pitchBins(config);
  // librosa rounds the most that pitch moves in a frame to semitones, and takes half of it to either side.
  const semitones = Math.round((config.maxTransitionRate * 12 * hopLength) / sampleRate);
  const reach = Math.floor((semitones * perOctave) / 12 / 2);
  const path = new PitchPath({ nBins, reach: Math.min(reach, nBins - 1), switchProb: config.switchProb });
  const observed = new Float64Array(nBins);
  const binPitches = Float64Array.from({ length: nBins }, (_, bin) => fMin * 2 ** (bin / perOctave));

  return (samples) => {
    const frames = frameCount(who, samples.length, framing);
    const data = new Float32Array(2 * frames);
    // The candidates of all frames, frame after frame.
    const bins: number[] = [];
    const pitches: number[] = [];
    const ends = new Uint32Array(frames + 1);
    path.begin(frames);

    const takeFrame = (buffer: Float32Array, first: number, frame: number): void => {
      difference.run(buffer, first);
      troughs.find(normalized);
      probabilities.run(troughs, normalized);
      const start = bins.length;
      for (let i = 0; i < troughs.count; i++) {
        const probability = probabilities.values[i];
        if (!(probability > 0)) continue;
        const lag = troughs.at[i];
        const period = range.minPeriod + lag + troughShift(normalized, lag);
        let bin = Math.max(0, Math.round(perOctave * Math.log2(sampleRate / period / fMin)));
        if (bin >= nBins) {
          // librosa drops it. Periods being whole, it can be a pitch just below fMax, and its octave would be taken for it.
          if (!refine) continue;
          bin = nBins - 1;
        }
        observed[bin] = probability;
        bins.push(bin);
        pitches.push(refine ? sampleRate / refiner.refine(similarity, period) : binPitches[bin]);
      }
      ends[frame + 1] = bins.length;
      let voiced = 0;
      for (let j = 0; j < nBins; j++) voiced += observed[j];
      voiced = Math.min(1, voiced);
      path.step(observed, (1 - voiced) / nBins);
      for (let c = start; c < bins.length; c++) observed[bins[c]] = 0;
      data[2 * frame + 1] = voiced;
    };

    visitRuns(samples, framing, frames, (buffer, first, frame, count) => {
      for (let t = 0; t < count; t++) takeFrame(buffer, first + t * hopLength, frame + t);
    });
    for (const [frame, bin] of path.finish().entries()) {
      if (bin >= nBins) continue; // unvoiced
      // The candidate in the bin of the path; the path also passes bins without one.
      let f0 = binPitches[bin];
      for (let c = ends[frame]; c < ends[frame + 1]; c++) if (bins[c] === bin) f0 = pitches[c];
      data[2 * frame] = Math.min(fMax, Math.max(fMin, f0));
    }
    return { data, frames };
  };
}
