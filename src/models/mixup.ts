import { drawPartners, mixInto } from '../augment/mixup.ts';
import type { Random } from '../core/random.ts';

export { symmetricBeta } from '../augment/symmetric-beta.ts';

/**
 * Mixes the clips of a batch in place, each with another one of it or itself (mixup, Zhang et al. 2018): rows become
 * weight * row + (1 - weight) * partner. Padding is zeros, so a mixed clip is as long as the longer of the two.
 *
 * @param rows  arrays of `count` rows each, one after another: the clips' values, and their targets
 * @param weight  in [0, 1]
 * @returns each clip's partner
 */
export function mixRows(rows: readonly Float32Array[], count: number, weight: number, random: Random): number[] {
  const partners = drawPartners(count, random);
  for (const array of rows) {
    const size = array.length / count;
    const before = array.slice();
    const rowOf = (values: Float32Array, row: number): Float32Array => values.subarray(row * size, (row + 1) * size);
    partners.forEach((partner, row) => {
      if (partner !== row) mixInto(rowOf(array, row), rowOf(before, row), rowOf(before, partner), weight);
    });
  }
  return partners;
}

/**
 * Gives every frame of the clips that mixRows() has mixed the same last `utteranceDims` values, those of its first frame: what is
 * said of a whole clip goes on beyond the end of the shorter of the two. In place.
 *
 * @param values  [clips, frames, dims], row-major
 * @param lengths  the clips' own frames, before mixing; at least 1
 */
export function lastThroughout(
  values: Float32Array,
  [frames, dims]: readonly [frames: number, dims: number],
  lengths: readonly number[],
  { partners, weight, utteranceDims }: { partners: readonly number[]; weight: number; utteranceDims: number },
): void {
  const begin = Math.max(0, dims - utteranceDims);
  partners.forEach((partner, row) => {
    const [own, other] = [lengths[row]!, lengths[partner]!];
    // A clip of which nothing is taken does not make the other longer: its frames stay padding.
    const end = weight === 1 ? own : weight === 0 ? other : Math.max(own, other);
    const clip = values.subarray(row * frames * dims, (row + 1) * frames * dims);
    for (let t = Math.min(own, other); t < end; t++) clip.copyWithin(t * dims + begin, begin, dims);
  });
}
