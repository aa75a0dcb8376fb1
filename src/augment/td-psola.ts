import { type VoicedStretch, voiceMarks } from './voice-marks.ts';

/** Taps of the filter that reads between samples, and the places between two samples that it knows. */
const TAPS = 16;
const PLACES = 64;

/**
 * The recording with its voice's F0 times `ratio` and its formants where they are, as long as before: TD-PSOLA (Moulines
 * and Charpentier 1990). Around every pitch mark of a voiced stretch two periods are cut out under a Hann window; they
 * are laid down again at marks whose distance is the period there over `ratio`, each the nearest of the input, and added
 * up. Where there is no voice, samples are copied; stretches begin and end within one period. Frames are moved by
 * fractions of a sample, too.
 *
 * Frames that lie closer together add up to harmonics that are higher by `ratio`, and fewer by as much, so that power
 * rises by it; samples are divided by its root.
 *
 * @returns undefined where nothing is voiced
 */
export function shiftVoice(
  samples: Float32Array,
  sampleRate: number,
  ratio: number,
): Float32Array<ArrayBuffer> | undefined {
  let sum = 0;
  for (const sample of samples) sum += sample;
  const mean = sum / samples.length;
  // An offset is no voice: laid down in frames it would become a hum.
  const centred = samples.map((x) => x - mean);
  const stretches = voiceMarks(centred, sampleRate);
  if (stretches.length === 0) return undefined;
  const layer = new VoiceLayer(centred, longestGap(stretches));
  for (const marks of stretches) layer.add(marks, ratio);
  return layer.finish(mean);
}

function longestGap(stretches: readonly VoicedStretch[]): number {
  let longest = 0;
  for (const marks of stretches) {
    for (let i = 1; i < marks.length; i++) longest = Math.max(longest, marks[i]! - marks[i - 1]!);
  }
  return longest;
}

/** The voice that is laid down anew, and what is left of the input below it. */
class VoiceLayer {
  /** The input with zeros on both sides, so that the loops know no ends. */
  readonly #source: Float64Array;
  readonly #margin: number;
  readonly #length: number;
  readonly #out: Float64Array;
  /** How much of the input stays, from 0 to 1. */
  readonly #rest: Float64Array;

  constructor(samples: Float32Array, longest: number) {
    const margin = 3 * Math.ceil(longest) + TAPS;
    this.#margin = margin;
    this.#length = samples.length;
    this.#source = new Float64Array(samples.length + 2 * margin);
    this.#source.set(samples, margin);
    this.#out = new Float64Array(this.#source.length);
    this.#rest = new Float64Array(this.#source.length).fill(1);
  }

  /** Lays a stretch down. The phase of the voice, in periods, runs through the marks: new ones come every 1 / ratio. */
  add(marks: VoicedStretch, ratio: number): void {
    const last = marks.length - 1;
    const gain = 1 / Math.sqrt(ratio);
    const count = Math.floor(last * ratio + 1e-9) + 1;
    let place = marks[0]!;
    for (let j = 0; j < count; j++) {
      const phase = Math.min(last, j / ratio);
      const i = Math.min(last - 1, Math.floor(phase));
      place = marks[i]! + (phase - i) * (marks[i + 1]! - marks[i]!);
      const nearest = Math.round(phase);
      const left = marks[Math.max(1, nearest)]! - marks[Math.max(1, nearest) - 1]!;
      const right = marks[Math.min(last, nearest + 1)]! - marks[Math.min(last, nearest + 1) - 1]!;
      this.#lay(marks[nearest]!, place, left, right, gain);
    }
    this.#clear(marks[0]!, place, marks[1]! - marks[0]!, marks[last]! - marks[last - 1]!);
  }

  /** Adds the frame around `from`, `left` before to `right` after it, at `place`. */
  #lay(from: number, place: number, left: number, right: number, gain: number): void {
    const out = this.#out;
    const source = this.#source;
    const margin = this.#margin;
    const shift = Math.round((from - place) * PLACES) / PLACES;
    const whole = Math.floor(shift);
    const h = fractionFilter((shift - whole) * PLACES);
    const begin = Math.max(-margin + TAPS, Math.ceil(place - left));
    const end = Math.min(this.#length + margin - TAPS, Math.floor(place + right) + 1);
    for (let n = begin; n < end; n++) {
      const away = n - place;
      const window = 0.5 * gain * (1 + Math.cos((Math.PI * away) / (away < 0 ? left : right)));
      const at = n + whole + margin - TAPS / 2 + 1;
      let value = 0;
      for (let tap = 0; tap < TAPS; tap++) value += h[tap]! * source[at + tap]!;
      out[n + margin]! += window * value;
    }
  }

  /** Takes the input away between the first and the last frame's middles, and fades it in and out beside them. */
  #clear(first: number, last: number, before: number, after: number): void {
    const rest = this.#rest;
    const margin = this.#margin;
    for (let n = Math.ceil(first - before); n <= Math.floor(last + after); n++) {
      const away = n < first ? (n - first) / before : n > last ? (n - last) / after : 0;
      const at = n + margin;
      // Two stretches can share the period between them.
      if (at >= 0 && at < rest.length) rest[at]! *= 0.5 - 0.5 * Math.cos(Math.PI * away);
    }
  }

  finish(mean: number): Float32Array<ArrayBuffer> {
    const result = new Float32Array(this.#length);
    const margin = this.#margin;
    for (let n = 0; n < result.length; n++) {
      const at = n + margin;
      result[n] = this.#out[at]! + this.#rest[at]! * this.#source[at]! + mean;
    }
    return result;
  }
}

const filters: Float64Array[] = [];

/** Reads at place / PLACES after a sample: a sinc under a raised cosine, of unit gain at 0 Hz. */
function fractionFilter(place: number): Float64Array {
  const known = filters[place];
  if (known !== undefined) return known;
  const h = new Float64Array(TAPS);
  let sum = 0;
  for (let tap = 0; tap < TAPS; tap++) {
    const t = tap - (TAPS / 2 - 1) - place / PLACES;
    const sinc = t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t);
    h[tap] = sinc * (0.5 + 0.5 * Math.cos((Math.PI * t) / (TAPS / 2 + 0.5)));
    sum += h[tap]!;
  }
  for (let tap = 0; tap < TAPS; tap++) h[tap]! /= sum;
  filters[place] = h;
  return h;
}
