import type { FeatureMatrix } from '../core/feature-matrix.ts';

/** Each speaker's matrices, speakers in the order in which they first come. `speakers` has one name a matrix. */
export function bySpeaker(
  matrices: readonly FeatureMatrix[],
  speakers: readonly string[],
): ReadonlyMap<string, readonly FeatureMatrix[]> {
  const own = new Map<string, FeatureMatrix[]>();
  matrices.forEach((matrix, i) => {
    const theirs = own.get(speakers[i]!);
    if (theirs === undefined) own.set(speakers[i]!, [matrix]);
    else theirs.push(matrix);
  });
  return own;
}
