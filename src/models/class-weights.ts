import { SerKitError } from '../core/errors.ts';
import { type Example, targetClass } from './examples.ts';

/** What each class counts for, [classes]; 'balanced': so that the examples of each class together count alike. */
export function classWeightsOf(
  given: readonly number[] | 'balanced' | undefined,
  train: readonly Example[],
  classes: number,
): Float32Array {
  if (given === undefined) return new Float32Array(classes).fill(1);
  if (given !== 'balanced') {
    if (given.length !== classes) {
      throw new SerKitError('bad-option', `trainModel: classWeights expected ${classes} numbers, got ${given.length}`);
    }
    if (given.every((weight) => weight === 0)) {
      const found = `[${given.join(', ')}]`;
      throw new SerKitError(
        'bad-option',
        `trainModel: classWeights expected a weight > 0, got ${found}: nothing counts`,
      );
    }
    return Float32Array.from(given);
  }
  const counts = new Float64Array(classes);
  for (const { target } of train) counts[targetClass(target)]! += 1;
  const present = counts.filter((n) => n > 0).length;
  return Float32Array.from(counts, (n) => (n === 0 ? 1 : train.length / (present * n)));
}
