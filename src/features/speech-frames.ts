import { percentileOf } from './statistics.ts';

/** How the level thresholds of voice activity lie: see VoiceActivityOptions. */
export interface LevelThresholds {
  readonly lower: number;
  readonly upper: number;
  readonly noisePercentile: number;
  readonly minContrastDb: number;
}

/** Noise counts as at least this share of the peak, 60 dB below it: digital silence has no level to be relative to. */
const LEAST_NOISE = 1e-3;

/** Crossings a second that a fricative has at least: 25 in 10 ms, of Rabiner and Sambur. */
const FRICATIVE_CROSSINGS = 2500;

/** How many frames have to be fricative before speech is extended, of Rabiner and Sambur. */
const FRICATIVE_FRAMES = 3;

/**
 * 1 for frames of speech and 0 for others, by their levels and crossings a second: steps 1 to 3 of voiceActivity().
 *
 * @param frication  how many frames speech may be extended by at either end
 */
export function speechFrames(
  levels: Float64Array<ArrayBuffer>,
  crossings: Float64Array,
  { lower, upper, noisePercentile, minContrastDb }: LevelThresholds,
  frication: number,
): Float32Array<ArrayBuffer> {
  const frames = levels.length;
  const active = new Float32Array(frames);
  const sorted = levels.slice().sort();
  const peak = sorted[frames - 1];
  const noise = Math.max(percentileOf(sorted, noisePercentile), LEAST_NOISE * peak);
  if (!(peak > 0) || peak < noise * 10 ** (minContrastDb / 20)) return active;
  const low = noise + lower * (peak - noise);
  const high = noise + upper * (peak - noise);
  const fricative = fricativeCrossings(levels, crossings, low);
  for (let t = 0; t < frames; ) {
    if (levels[t] <= low) {
      t++;
      continue;
    }
    const from = t;
    let reached = false;
    for (; t < frames && levels[t] > low; t++) if (levels[t] >= high) reached = true;
    if (!reached) continue;
    active.fill(1, outermost(crossings, fricative, from, -1, frication), from);
    active.fill(1, from, outermost(crossings, fricative, t - 1, 1, frication) + 1);
  }
  return active;
}

/** Above how many crossings a second a soft frame is fricative: FRICATIVE_CROSSINGS, or what noise hardly reaches. */
function fricativeCrossings(levels: Float64Array, crossings: Float64Array, low: number): number {
  let frames = 0;
  let sum = 0;
  let squares = 0;
  for (let t = 0; t < levels.length; t++) {
    if (levels[t] > low) continue;
    frames++;
    sum += crossings[t];
    squares += crossings[t] * crossings[t];
  }
  if (frames === 0) return FRICATIVE_CROSSINGS;
  const mean = sum / frames;
  return Math.max(FRICATIVE_CROSSINGS, mean + 2 * Math.sqrt(Math.max(0, squares / frames - mean * mean)));
}

/** The outermost fricative frame on one side of an edge, where there are enough of them; the edge itself otherwise. */
function outermost(crossings: Float64Array, limit: number, edge: number, step: 1 | -1, reach: number): number {
  let found = 0;
  let last = edge;
  for (let i = 1; i <= reach; i++) {
    const t = edge + i * step;
    if (t < 0 || t >= crossings.length) break;
    if (crossings[t] <= limit) continue;
    found++;
    last = t;
  }
  return found >= FRICATIVE_FRAMES ? last : edge;
}

/**
 * Turns runs of `value` that are shorter than `least` frames into what lies around them. Pauses at the two ends of the
 * clip stay: what follows them is not known.
 */
export function dropRuns(active: Float32Array, value: 0 | 1, least: number): void {
  for (let t = 0; t < active.length; ) {
    const from = t;
    while (t < active.length && active[t] === active[from]) t++;
    const inside = value === 1 || (from > 0 && t < active.length);
    if (active[from] === value && t - from < least && inside) active.fill(1 - value, from, t);
  }
}

/** Holds speech on for so many frames at either end. */
export function holdRuns(active: Float32Array, hold: number): void {
  const starts: number[] = [];
  const ends: number[] = [];
  for (let t = 0; t < active.length; t++) {
    if (active[t] === 1 && active[t - 1] !== 1) starts.push(t);
    if (active[t] === 1 && active[t + 1] !== 1) ends.push(t);
  }
  for (const t of starts) active.fill(1, Math.max(0, t - hold), t);
  for (const t of ends) active.fill(1, t, Math.min(active.length, t + 1 + hold));
}
