/**
 * The magnitude that lies at place `rank` (from 0) when all are sorted, without sorting them: the bits of float32 numbers
 * >= 0 are in the order of the numbers, so one count by the upper 16 bits finds the neighbourhood, and one by the lower
 * 16 the number.
 */
export function magnitudeOfRank(samples: Float32Array, rank: number): number {
  const bits = new Uint32Array(samples.buffer, samples.byteOffset, samples.length);
  const counts = new Uint32Array(2 ** 16);
  for (let i = 0; i < bits.length; i++) counts[(bits[i]! & 0x7fffffff) >>> 16]!++;
  const [upper, before] = placeOf(counts, rank);
  counts.fill(0);
  for (let i = 0; i < bits.length; i++) {
    const magnitude = bits[i]! & 0x7fffffff;
    if (magnitude >>> 16 === upper) counts[magnitude & 0xffff]!++;
  }
  const [lower] = placeOf(counts, rank - before);
  return new Float32Array(Uint32Array.of(upper * 2 ** 16 + lower).buffer)[0]!;
}

/** In which of the counts the one at place `rank` is, and how many come before these. */
function placeOf(counts: Uint32Array, rank: number): [place: number, before: number] {
  let before = 0;
  for (let place = 0; place < counts.length; place++) {
    if (before + counts[place]! > rank) return [place, before];
    before += counts[place]!;
  }
  return [counts.length - 1, before];
}
