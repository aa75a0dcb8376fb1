import { NormalizedAutocorrelation } from '../../dsp/normalized-autocorrelation.ts';
import { createWindow } from '../../dsp/window.ts';

/** Boersma's costs, as Praat's "To Pitch (ac)" has them by default. */
const SILENCE = 0.03;
const VOICING = 0.45;
const OCTAVE = 0.01;
const OCTAVE_JUMP = 0.35;
const VOICING_CHANGE = 0.14;
const CANDIDATES = 14;

/** What is a voice to {@link periodContour}; Praat's by default. */
export interface ContourOptions {
  /** The level below which frames tend to be silent, of the loudest sample. @default 0.03 */
  readonly silence?: number | undefined;
  /** How periodic a frame is at least, from 0 to 1. @default 0.45 */
  readonly voicing?: number | undefined;
}

/** The period of a voice over a whole signal. */
export interface PeriodContour {
  /** Samples from one frame to the next; frame t is centred on sample first + t * hop. */
  readonly hop: number;
  readonly first: number;
  /** The period of each frame in samples; 0 where it is unvoiced. */
  readonly periods: Float64Array;
  /** The largest absolute sample. */
  readonly loudest: number;
}

/**
 * Follows the voice's period through a signal, after Boersma 1993: each frame of three periods of fMin offers the peaks
 * of its normalized autocorrelation and "unvoiced" (the better the softer it is against the loudest sample); the path
 * through all frames that is strongest, less what jumps in frequency and changes of voicing cost, is taken (Viterbi).
 * The caller takes off the samples' mean. It serves what Praat builds on its own pitch; `pitch` is the feature.
 */
export function periodContour(
  samples: Float32Array,
  sampleRate: number,
  fMin: number,
  fMax: number,
  { silence = SILENCE, voicing = VOICING }: ContourOptions = {},
): PeriodContour {
  const hop = 0.01 * sampleRate;
  const length = 2 * Math.max(2, Math.floor((1.5 * sampleRate) / fMin));
  // Counted in seconds as Praat does, whose rounding says whether the last frame of a clip of round length is there.
  const fitting = 1 + Math.floor((samples.length / sampleRate - 3 / fMin) / 0.01);
  const frames = samples.length < length ? 0 : Math.max(0, fitting);
  // As many frames as fit, in the middle of the signal.
  const first = (samples.length - (frames - 1) * hop) / 2;
  const width = CANDIDATES + 1;
  const lags = new Float64Array(frames * width);
  const strengths = new Float64Array(frames * width);
  const counts = new Int32Array(frames);
  const loudest = peakOf(samples, 0, samples.length);
  const correlation = new NormalizedAutocorrelation(createWindow('hann', length), sampleRate / fMin);
  const near = Math.max(1, Math.floor(sampleRate / fMin / 2));
  for (let t = 0; t < frames; t++) {
    const centre = Math.round(first + t * hop);
    const start = Math.max(0, Math.min(samples.length - length, centre - length / 2));
    // Candidate 0 is "unvoiced", with lag 0.
    const level = loudest === 0 ? 0 : peakOf(samples, centre - near, centre + near) / loudest;
    const at = t * width;
    strengths[at] = voicing + Math.max(0, 2 - (level / silence) * (1 + voicing));
    counts[t] = 1;
    if (!correlation.load(samples, start)) continue;
    const some = strengths.subarray(at + 1, at + width);
    const found = correlation.peaks(
      sampleRate / fMax,
      sampleRate / fMin,
      voicing / 2,
      lags.subarray(at + 1, at + width),
      some,
    );
    counts[t] = 1 + found;
  }
  const path = bestPath(frames, width, counts, lags, strengths, sampleRate / fMax);
  return {
    hop,
    first,
    periods: Float64Array.from(path, (c, t) => lags[t * width + c]),
    loudest,
  };
}

/** The candidate of each frame on the path that is worth most. */
function bestPath(
  frames: number,
  width: number,
  counts: Int32Array,
  lags: Float64Array,
  strengths: Float64Array,
  minLag: number,
): Int32Array {
  const came = new Int32Array(frames * width);
  let worth = new Float64Array(width);
  let next = new Float64Array(width);
  for (let t = 0; t < frames; t++) {
    for (let c = 0; c < counts[t]; c++) {
      const lag = lags[t * width + c];
      const own = strengths[t * width + c] - (c === 0 ? 0 : OCTAVE * Math.log2(lag / minLag));
      let best = t === 0 ? 0 : Number.NEGATIVE_INFINITY;
      for (let b = 0; t > 0 && b < counts[t - 1]; b++) {
        const other = lags[(t - 1) * width + b];
        const cost =
          (b === 0) !== (c === 0) ? VOICING_CHANGE : c === 0 ? 0 : OCTAVE_JUMP * Math.abs(Math.log2(lag / other));
        if (worth[b] - cost > best) {
          best = worth[b] - cost;
          came[t * width + c] = b;
        }
      }
      next[c] = best + own;
    }
    [worth, next] = [next, worth];
  }
  const path = new Int32Array(frames);
  if (frames === 0) return path;
  let c = 0;
  for (let i = 1; i < counts[frames - 1]; i++) if (worth[i] > worth[c]) c = i;
  for (let t = frames - 1; t >= 0; t--) {
    path[t] = c;
    c = came[t * width + c];
  }
  return path;
}

function peakOf(samples: Float32Array, from: number, to: number): number {
  let peak = 0;
  for (let n = Math.max(0, from); n < Math.min(samples.length, to); n++) peak = Math.max(peak, Math.abs(samples[n]));
  return peak;
}
