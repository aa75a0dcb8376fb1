import { markContour } from '../features/voice/mark-contour.ts';
import { periodContour } from '../features/voice/period-contour.ts';

/** Where a voice's F0 is looked for, in Hz. */
const F_MIN = 60;
const F_MAX = 600;

/**
 * Softer and rougher voices than Praat's defaults have: what is a voice to a listener, and stays at its pitch, is worse than
 * noise that is laid down in frames.
 */
const LOOSE = { silence: 0.005, voicing: 0.25 } as const;

/** The contour is taken at the lowest whole fraction of the rate from this one on, in Hz: twice as fast as at 16 kHz. */
const CONTOUR_RATE = 7500;

/** Zero crossings a side of the low-pass before that. */
const CROSSINGS = 6;

/** A pair of marks farther apart than this share of the gaps beside it is no period: a stretch ends there. */
const BREAK = 1.6;

/** A voiced stretch: marks one period apart, in samples (fractions too), ascending; at least three. */
export type VoicedStretch = Float64Array;

/**
 * The pitch marks of a recording's voiced stretches: the period is followed at a low rate (Boersma 1993, see
 * periodContour), then marked period by period at the full one (waveform matching, see GlottalPeriods), and the marks moved to
 * where the periods' energy is.
 *
 * @param samples  about zero: without their mean
 */
export function voiceMarks(samples: Float32Array, sampleRate: number): readonly VoicedStretch[] {
  const fMax = Math.min(F_MAX, sampleRate / 4);
  if (!(fMax > F_MIN)) return [];
  const step = Math.max(1, Math.floor(sampleRate / CONTOUR_RATE));
  const rate = sampleRate / step;
  // Half a frame of zeros at both ends, so that a voice is found up to the clip's very ends.
  const margin = Math.ceil((1.5 * rate) / F_MIN);
  const low = decimated(samples, step, margin);
  const { hop, first, periods, loudest } = periodContour(low, rate, F_MIN, fMax, LOOSE);
  // The contour has told voices; all of their periods are marked, so that none is left at its old pitch.
  const contour = {
    hop: hop * step,
    first: (first - margin) * step,
    periods: periods.map((period) => period * step),
    loudest: loudest / 6,
  };
  const { times, count } = markContour(samples, contour, true);
  return stretches(times.subarray(0, count)).map((marks) => atEnergy(marks, samples));
}

/** Every step-th sample behind a low-pass, `margin` zeros before the first and after the last. */
function decimated(samples: Float32Array, step: number, margin: number): Float32Array {
  const length = Math.ceil(samples.length / step);
  const out = new Float32Array(length + 2 * margin);
  if (step === 1) {
    out.set(samples, margin);
    return out;
  }
  // A sinc under a Hann window, half its height at 0.4 of the low rate.
  const half = CROSSINGS * step;
  const taps = new Float64Array(2 * half + 1);
  let sum = 0;
  for (let i = 0; i < taps.length; i++) {
    const t = (0.8 * (i - half)) / step;
    const sinc = t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t);
    taps[i] = sinc * (0.5 + 0.5 * Math.cos((Math.PI * (i - half)) / (half + 1)));
    sum += taps[i]!;
  }
  for (let n = 0; n < length; n++) {
    const from = n * step - half;
    let value = 0;
    const end = Math.min(taps.length, samples.length - from);
    for (let i = Math.max(0, -from); i < end; i++) value += taps[i]! * samples[from + i]!;
    out[margin + n] = value / sum;
  }
  return out;
}

/** Parts the marks where they are not one period apart. */
function stretches(times: Float64Array): VoicedStretch[] {
  const out: VoicedStretch[] = [];
  let begin = 0;
  for (let i = 1; i <= times.length; i++) {
    if (i < times.length && isPeriod(times, i, begin)) continue;
    if (i - begin >= 3) out.push(times.slice(begin, i));
    begin = i;
  }
  return out;
}

/**
 * The marks at the centre of the energy in a period, all by the same share of it: the argument of the sum of x[n]^2
 * exp(2 pi i phase) over the stretch, phase being how far n is on its way from mark to mark. A frame of two periods that is
 * cut out there ends where the voice is weakest, just before its glottis closes: neighbouring harmonics have like phases in
 * it, and formants between them keep their height.
 */
function atEnergy(marks: VoicedStretch, samples: Float32Array): VoicedStretch {
  let re = 0;
  let im = 0;
  for (let i = 0; i + 1 < marks.length; i++) {
    const begin = Math.max(0, Math.ceil(marks[i]!));
    const end = Math.min(samples.length, Math.ceil(marks[i + 1]!));
    const step = (2 * Math.PI) / (marks[i + 1]! - marks[i]!);
    // The angle's cosine and sine by turning: a fraction of the time of asking for each.
    let cos = Math.cos(step * (begin - marks[i]!));
    let sin = Math.sin(step * (begin - marks[i]!));
    const [turnCos, turnSin] = [Math.cos(step), Math.sin(step)];
    for (let n = begin; n < end; n++) {
      const energy = samples[n]! * samples[n]!;
      re += energy * cos;
      im += energy * sin;
      [cos, sin] = [cos * turnCos - sin * turnSin, sin * turnCos + cos * turnSin];
    }
  }
  const share = Math.atan2(im, re) / (2 * Math.PI);
  const last = marks.length - 1;
  return marks.map((mark, i) => {
    // Between this mark and the next, or the one before: both ends of what is looked at have but one neighbour.
    const next = share >= 0 ? Math.min(i, last - 1) : Math.max(i - 1, 0);
    return mark + share * (marks[next + 1]! - marks[next]!);
  });
}

/** Whether mark `i` follows mark i - 1 by about as much as that one its own predecessor, or as the next follows it. */
function isPeriod(times: Float64Array, i: number, begin: number): boolean {
  const gap = times[i]! - times[i - 1]!;
  const before = i - 1 > begin ? times[i - 1]! - times[i - 2]! : Number.POSITIVE_INFINITY;
  const after = i + 1 < times.length ? times[i + 1]! - times[i]! : Number.POSITIVE_INFINITY;
  const near = Number.isFinite(before) ? before : after;
  return gap <= BREAK * near;
}
