import { quote, SerKitError } from '../core/errors.ts';
import { checkFeatureMatrix, type FeatureMatrix } from '../core/feature-matrix.ts';

/** One clip as the networks see it. */
export interface Example {
  /** [frames, dims]. A frame of nothing but zeros counts as padding. */
  readonly features: FeatureMatrix;
  /** The class's index, or a distribution over the classes (its numbers add up to 1). */
  readonly target: number | Float32Array;
  /** What the example counts for in the loss. @default 1 */
  readonly weight?: number;
}

/** Checks a list of examples for a network with `dims` inputs and `classes` outputs. */
export function checkExamples(who: string, examples: readonly Example[], dims: number, classes: number): void {
  if (!Array.isArray(examples)) throw new SerKitError('bad-input', `${who} expected a list, got ${quote(examples)}`);
  examples.forEach((example, index) => {
    const name = `${who}[${index}]`;
    if (example === null || typeof example !== 'object') {
      throw new SerKitError('bad-input', `${name} expected { features, target }, got ${quote(example)}`);
    }
    checkFeatureMatrix(`${name}.features`, example.features);
    if (example.features.dims !== dims) {
      throw new SerKitError('bad-input', `${name}.features expected ${dims} dims, got ${example.features.dims}`);
    }
    if (example.features.frames === 0) throw new SerKitError('empty', `${name}.features expected frames, got none`);
    const { target, weight = 1 } = example;
    if (typeof target === 'number') {
      if (!Number.isInteger(target) || target < 0 || target >= classes) {
        throw new SerKitError(
          'bad-input',
          `${name}.target expected a class from 0 to ${classes - 1}, got ${quote(target)}`,
        );
      }
    } else if (!(target instanceof Float32Array) || target.length !== classes) {
      const expected = `a class's number or a Float32Array of ${classes} probabilities`;
      throw new SerKitError('bad-input', `${name}.target expected ${expected}, got ${quote(target)}`);
    } else {
      const negative = target.find((p) => p < 0);
      if (negative !== undefined) {
        throw new SerKitError('bad-input', `${name}.target expected probabilities >= 0, got ${negative}`);
      }
      const sum = target.reduce((total, p) => total + p, 0);
      if (!(Math.abs(sum - 1) < 1e-3)) {
        throw new SerKitError(
          'bad-input',
          `${name}.target expected probabilities that add up to 1, got a sum of ${sum}`,
        );
      }
    }
    if (!(weight >= 0) || !Number.isFinite(weight)) {
      throw new SerKitError('bad-input', `${name}.weight expected >= 0, got ${quote(weight)}`);
    }
  });
}

/** The class that an example is of: its index, or the likeliest of its distribution. */
export function targetClass(target: number | Float32Array): number {
  if (typeof target === 'number') return target;
  return indexOfLargest(target);
}

export function indexOfLargest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
