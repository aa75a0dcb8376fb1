import { Scratch } from '../dsp/scratch.ts';
import { readBetween, TAPS } from './fractional-delay.ts';
import { Similarity } from './similarity.ts';
import { stretchedLength } from './stretched-length.ts';
import { findTransients } from './transients.ts';

const scratch = /* @__PURE__ */ new Scratch();

/** Seconds in which one piece fades into the next: half of a window of 25 ms. */
const OVERLAP_SEC = 0.0125;
/** How far, in overlaps, the reading place may be from where it should be: 8 ms either way. */
const TOLERANCE = 0.64;
/** The shortest jump, in overlaps: 2 ms. Shorter ones would be alike for their nearness, not for their period. */
const SHORTEST_JUMP = 0.16;
/** How far, in overlaps, transients may keep the reading place from where it should be: 50 ms. */
const PATIENCE = 4;

/**
 * The samples at `rate` times the pace, with their pitch: round(n / rate) of them, halves to even, and at least one.
 *
 * WSOLA (Verhelst & Roelands, "An overlap-add technique based on waveform similarity (WSOLA) for high quality time-scale
 * modification of speech", ICASSP 1993). The output goes on through the input at its own pace as long as it is within
 * 8 ms of where it should be; no piece is more similar to what should follow than what does follow. Then it fades, over
 * 12.5 ms, into the most similar piece within 8 ms of the right place, found to a small part of a sample; the fading
 * keeps the power for the correlation that was found. No fade, skip or repetition touches a click or an onset: it waits
 * until that has passed (as the transients of Roebel, DAFx 2003, and of Driedger & Mueller, "A review of time-scale
 * modification of music signals", Applied Sciences 6(2), 2016), unless it would get 50 ms late.
 *
 * Recordings of less than 50 ms have shorter overlaps, a quarter of their length; those of less than 16 samples are spread
 * as they are: output t is input floor(t * rate). Time is as the rate says, within 8 ms but for those waits. Rates of 1
 * give the samples as they are.
 */
export function wsolaStretch(samples: Float32Array, sampleRate: number, rate: number): Float32Array<ArrayBuffer> {
  if (rate === 1) return samples.slice();
  const n = samples.length;
  const out = new Float32Array(stretchedLength(n, rate));
  const length = out.length;
  const overlap = Math.min(Math.round(OVERLAP_SEC * sampleRate), n >> 2);
  if (overlap < 4) {
    for (let t = 0; t < length; t++) out[t] = samples[Math.min(n - 1, Math.floor(t * rate))]!;
    return out;
  }
  const hop = overlap >> 2;
  const tolerance = TOLERANCE * overlap;
  const shortest = SHORTEST_JUMP * overlap;

  const start = 10 * overlap + TAPS;
  const padded = scratch.take(n + 2 * start).fill(0, 0, start);
  padded.set(samples, start);
  padded.fill(0, start + n);
  const similarity = new Similarity(padded, start, sampleRate, overlap, 2 * tolerance);
  const transients = findTransients(samples, sampleRate);
  const taps = new Float64Array(TAPS);
  const fade = fadeIn(overlap);
  const fading = new Float64Array(overlap);
  const coming = new Float64Array(overlap);

  // The piece that is being read: output `from` is the input at `place`.
  let from = 0;
  let place = 0;
  let t = 0;
  while (length - t >= overlap) {
    const position = place + (t - from);
    const left = length - t;
    // Where the reading should be, and how far off it may be. The last piece ends where the input ends.
    const isLast = left <= 2 * overlap;
    const end = n - overlap - hop;
    const ideal = isLast ? n - left : Math.min(t * rate, end);
    let high = isLast ? ideal : Math.min(t * rate + tolerance, end);
    let low = isLast ? ideal - tolerance : Math.min(t * rate - tolerance, high - tolerance);
    if (position >= low && position <= high) {
      t += hop;
      continue;
    }
    const isForward = ideal > position;
    if (isForward) low = Math.max(low, position + shortest);
    else high = Math.min(high, position - shortest);
    if (Math.abs(ideal - position) < PATIENCE * overlap) {
      // What a jump touches: from the earlier of the two places to the end of the overlap after the later one.
      const ahead = transients.next(position) - overlap;
      if (isForward) {
        // As far as the transient lets it, where there is something to choose from.
        if (ahead < high) {
          high = ahead;
          low = Math.max(position + shortest, Math.min(low, high - tolerance));
          if (high - low < (isLast ? 0 : 0.5 * tolerance)) {
            t += hop;
            continue;
          }
        }
      } else {
        low = Math.max(low, transients.previous(position));
        if (ahead < position || low > ideal) {
          t += hop;
          continue;
        }
      }
    }
    low = Math.max(0, low);
    high = Math.max(low, high);
    const next = similarity.best(position, low, high, Math.min(high, Math.max(low, ideal)));
    readBetween(padded, start, place, taps, out, from, t);
    readBetween(padded, start, position, taps, fading, 0, overlap);
    readBetween(padded, start, next, taps, coming, 0, overlap);
    crossFade(fading, coming, fade, similarity.correlation, out, t);
    t += overlap;
    from = t;
    place = next + overlap;
  }
  readBetween(padded, start, place, taps, out, from, length);
  return out;
}

/** The half of a Hann window that rises. */
function fadeIn(length: number): Float64Array {
  const fade = new Float64Array(length);
  for (let i = 0; i < length; i++) fade[i] = Math.sin((Math.PI * (i + 0.5)) / (2 * length)) ** 2;
  return fade;
}

/**
 * The one into the other, at the power of either: w1^2 + w2^2 + 2 c w1 w2 is what two pieces of the same power and
 * correlation c add up to.
 */
function crossFade(
  a: Float64Array,
  b: Float64Array,
  fade: Float64Array,
  correlation: number,
  out: Float32Array,
  at: number,
): void {
  const c = Math.min(1, Math.max(0, correlation));
  for (let i = 0; i < a.length; i++) {
    const w2 = fade[i]!;
    const w1 = 1 - w2;
    out[at + i] = (w1 * a[i]! + w2 * b[i]!) / Math.sqrt(w1 * w1 + w2 * w2 + 2 * c * w1 * w2);
  }
}
