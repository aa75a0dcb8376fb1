import { drawPartners, mixInto } from '../augment/mixup.ts';
import type { Random } from '../core/random.ts';

export { symmetricBeta } from '../augment/symmetric-beta.ts';

/**
 * Mixes the clips of a batch in place, each with another one of it or itself (mixup, Zhang et al. 2018): rows become
 * weight * row + (1 - weight) * partner. Padding is zeros, so a mixed clip is as long as the longer of the two.
 *
 * @param rows  arrays of `count` rows each, one after another: the clips' values, and their targets
 * @param weight  in [0, 1]
 */
export function mixRows(rows: readonly Float32Array[], count: number, weight: number, random: Random): void {
  const partners = drawPartners(count, random);
  for (const array of rows) {
    const size = array.length / count;
    const before = array.slice();
    const rowOf = (values: Float32Array, row: number): Float32Array => values.subarray(row * size, (row + 1) * size);
    partners.forEach((partner, row) => {
      if (partner !== row) mixInto(rowOf(array, row), rowOf(before, row), rowOf(before, partner), weight);
    });
  }
}
