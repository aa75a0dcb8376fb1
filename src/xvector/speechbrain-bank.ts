/**
 * SpeechBrain's triangular filters in the tables of a MelBank. Its bands' centres lie evenly in mel = 2595 log10(1 + f / 700), but
 * both sides of a triangle are as wide as the step from the centre before it: the falling side ends before the next one's centre.
 * As it is only ever in the two segments beside its centre, a bin still belongs to two bands at most.
 */
export interface SpeechbrainBank {
  /** Of bin k, in segment s: its weight in band s. */
  readonly rising: Float64Array;
  /** Its weight in band s - 1. */
  readonly falling: Float64Array;
  /** Segment s holds the bins from starts[s] to before starts[s + 1]: those between two centres. */
  readonly starts: Int32Array;
  /** 1 for every band: a triangle's height is 1. */
  readonly scales: Float64Array;
}

/** @param topHz  where the last band would end, and the last of the bins lies, of which bin 0 lies at 0 Hz */
export function speechbrainBank(nMels: number, bins: number, topHz: number): SpeechbrainBank {
  const top = 2595 * Math.log10(1 + topHz / 700);
  const edges = Float64Array.from({ length: nMels + 2 }, (_, i) => 700 * (10 ** ((top * i) / (nMels + 1) / 2595) - 1));
  const hz = (bin: number): number => (bin * topHz) / (bins - 1);
  const rising = new Float64Array(bins);
  const falling = new Float64Array(bins);
  const starts = new Int32Array(nMels + 2);
  let bin = 0;
  for (let s = 0; s <= nMels; s++) {
    const width = edges[s + 1]! - edges[s]!;
    for (; bin < bins && hz(bin) < edges[s + 1]!; bin++) {
      rising[bin] = s < nMels ? (hz(bin) - edges[s]!) / width : 0;
      if (s > 0) falling[bin] = Math.max(0, 1 - (hz(bin) - edges[s]!) / (edges[s]! - edges[s - 1]!));
    }
    starts[s + 1] = bin;
  }
  return { rising, falling, starts, scales: new Float64Array(nMels).fill(1) };
}

/** Sets bands[at + i] to the sum over the bins of weight times power. */
export function applyBank(
  { rising, falling, starts, scales }: SpeechbrainBank,
  power: Float64Array,
  bands: Float64Array,
  at: number,
): void {
  bands.fill(0, at, at + scales.length);
  for (let s = 0; s <= scales.length; s++) {
    let up = 0;
    let down = 0;
    for (let k = starts[s]!; k < starts[s + 1]!; k++) {
      up += rising[k]! * power[k]!;
      down += falling[k]! * power[k]!;
    }
    if (s < scales.length) bands[at + s]! += up;
    if (s > 0) bands[at + s - 1]! += down;
  }
}
