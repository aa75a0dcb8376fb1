import { type VoicedStretch, voiceMarks } from './voice-marks.ts';

/** Taps of the filter that reads between samples, and the places between two samples that it knows. */
const TAPS = 16;
const PLACES = 64;

/** The most that samples are scaled by, and the inverse of the least. */
const MOST_GAIN = 4;

/**
 * The recording with its voice's F0 times `ratio` and its formants where they are, as long as before: TD-PSOLA (Moulines
 * and Charpentier 1990). Around every pitch mark of a voiced stretch two periods, old or new, whichever are shorter, are cut
 * out under a Hann window; they are laid down again at marks whose distance is the period there over `ratio`, each the nearest of the input, and added
 * up. Where there is no voice, samples are copied; stretches begin and end within one period. Frames are moved by
 * fractions of a sample, too.
 *
 * Frames that lie closer together add up to more power; samples are scaled so that four periods around each new mark
 * have the power that they had.
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
  return layer.finish(samples, mean);
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
  /** The stretch that is being laid down. */
  readonly #voice: Float64Array;
  /** How much of the input stays, from 0 to 1. */
  readonly #rest: Float64Array;

  constructor(samples: Float32Array, longest: number) {
    const margin = 3 * Math.ceil(longest) + TAPS;
    this.#margin = margin;
    this.#length = samples.length;
    this.#source = new Float64Array(samples.length + 2 * margin);
    this.#source.set(samples, margin);
    this.#out = new Float64Array(this.#source.length);
    this.#voice = new Float64Array(this.#source.length);
    this.#rest = new Float64Array(this.#source.length).fill(1);
  }

  /** Lays a stretch down. The phase of the voice, in periods, runs through the marks: new ones come every 1 / ratio. */
  add(marks: VoicedStretch, ratio: number): void {
    const last = marks.length - 1;
    const count = Math.floor(last * ratio + 1e-9) + 1;
    const places = new Float64Array(count);
    const before = marks[1]! - marks[0]!;
    const after = marks[last]! - marks[last - 1]!;
    const begin = Math.max(0, Math.floor(marks[0]! - before) - 1 + this.#margin);
    const end = Math.min(this.#voice.length, Math.ceil(marks[last]! + after) + 2 + this.#margin);
    this.#voice.fill(0, begin, end);
    for (let j = 0; j < count; j++) {
      const phase = Math.min(last, j / ratio);
      const i = Math.min(last - 1, Math.floor(phase));
      places[j] = marks[i]! + (phase - i) * (marks[i + 1]! - marks[i]!);
    }
    for (let j = 0; j < count; j++) {
      const nearest = Math.round(Math.min(last, j / ratio));
      let left = nearest > 0 ? marks[nearest]! - marks[nearest - 1]! : before;
      let right = nearest < last ? marks[nearest + 1]! - marks[nearest]! : after;
      // Frames reach to the next mark, old or new, whichever is nearer: where they are denser, the less of the
      // neighbouring periods is in them the less of the old harmonics.
      if (j > 0) left = Math.min(left, places[j]! - places[j - 1]!);
      if (j + 1 < count) right = Math.min(right, places[j + 1]! - places[j]!);
      this.#lay(marks[nearest]!, places[j]!, left, right);
    }
    this.#level(places, Math.max(before, after, (marks[last]! - marks[0]!) / last), begin, end);
    this.#clear(marks[0]!, places[count - 1]!, before, after);
  }

  /** Adds the voice to the output, each mark's surroundings (four periods) as powerful as they were in the input. */
  #level(places: Float64Array, period: number, begin: number, end: number): void {
    const voice = this.#voice;
    const source = this.#source;
    const margin = this.#margin;
    const first = Math.round(places[0]!) + margin;
    const last = Math.round(places[places.length - 1]!) + margin;
    // What the power of all before a sample is, from the first mark on.
    const had = new Float64Array(Math.max(1, last - first + 2));
    const has = new Float64Array(had.length);
    for (let i = 0; i + 1 < had.length; i++) {
      had[i + 1] = had[i]! + source[first + i]! ** 2;
      has[i + 1] = has[i]! + voice[first + i]! ** 2;
    }
    const gains = places.map((place) => {
      const from = Math.max(0, Math.round(place - 2 * period) + margin - first);
      const to = Math.min(had.length - 1, Math.round(place + 2 * period) + margin - first);
      const now = has[to]! - has[from]!;
      const gain = now > 0 ? Math.sqrt(Math.max(0, had[to]! - had[from]!) / now) : 1;
      return Math.min(MOST_GAIN, Math.max(1 / MOST_GAIN, gain));
    });
    let j = 0;
    for (let at = begin; at < end; at++) {
      const place = at - margin;
      while (j + 1 < places.length && places[j + 1]! <= place) j++;
      let gain = gains[j]!;
      if (place > places[j]! && j + 1 < places.length) {
        gain += ((place - places[j]!) / (places[j + 1]! - places[j]!)) * (gains[j + 1]! - gain);
      }
      this.#out[at]! += gain * voice[at]!;
    }
  }

  /** Adds the frame around `from`, `left` before to `right` after it, at `place`. */
  #lay(from: number, place: number, left: number, right: number): void {
    const voice = this.#voice;
    const source = this.#source;
    const margin = this.#margin;
    const shift = Math.round((from - place) * PLACES) / PLACES;
    const whole = Math.floor(shift);
    const h = fractionFilter((shift - whole) * PLACES);
    const begin = Math.max(-margin + TAPS, Math.ceil(place - left));
    const end = Math.min(this.#length + margin - TAPS, Math.floor(place + right) + 1);
    for (let n = begin; n < end; n++) {
      const away = n - place;
      const window = 0.5 * (1 + Math.cos((Math.PI * away) / (away < 0 ? left : right)));
      const at = n + whole + margin - TAPS / 2 + 1;
      let value = 0;
      for (let tap = 0; tap < TAPS; tap++) value += h[tap]! * source[at + tap]!;
      voice[n + margin]! += window * value;
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

  finish(original: Float32Array, mean: number): Float32Array<ArrayBuffer> {
    const result = new Float32Array(this.#length);
    const margin = this.#margin;
    for (let n = 0; n < result.length; n++) {
      const at = n + margin;
      const [voice, rest] = [this.#out[at]!, this.#rest[at]!];
      // Where nothing was laid down, the sample itself, as taking the mean away and adding it again may round.
      result[n] = rest === 1 && voice === 0 ? original[n]! : voice + rest * this.#source[at]! + mean;
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
