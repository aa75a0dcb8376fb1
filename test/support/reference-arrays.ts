import { createRandom, gaussian } from '../../src/core/random.ts';

// Float64 arrays with a shape, for references written out in plain loops.

export interface NdArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

export function zerosOf(shape: readonly number[]): NdArray {
  return { shape, data: new Float64Array(sizeOf(shape)) };
}

/** Normal numbers that float32 holds exactly, so that the reference and the backend start from the same. */
export function randomArray(shape: readonly number[], seed: number, scale = 1): NdArray {
  const random = createRandom(seed);
  return { shape, data: Float64Array.from({ length: sizeOf(shape) }, () => Math.fround(scale * gaussian(random))) };
}

/** Where an index lies in row-major order. */
export function offsetOf(shape: readonly number[], index: readonly number[]): number {
  let at = 0;
  for (let axis = 0; axis < shape.length; axis++) at = at * shape[axis]! + index[axis]!;
  return at;
}

/** Every index of a shape, in row-major order. */
export function* indicesOf(shape: readonly number[]): Generator<number[]> {
  const size = sizeOf(shape);
  const index = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < size; i++) {
    yield index;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
}

/**
 * The largest difference, in units of max(1, the largest expected magnitude). NaN where a number is NaN, or where the
 * lengths differ.
 */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.NaN;
  let largest = 1;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]!));
    const d = Math.abs(actual[i]! - expected[i]!);
    if (!(d <= difference)) difference = d; // NaN stays
    if (Number.isNaN(d)) return Number.NaN;
  }
  return difference / largest;
}

/** The gradient of a scalar function of one array, by central differences in float64. */
export function numericGradient(f: (x: NdArray) => number, x: NdArray, step = 1e-5): Float64Array {
  const moved = { shape: x.shape, data: x.data.slice() };
  return x.data.map((value, i) => {
    moved.data[i] = value + step;
    const above = f(moved);
    moved.data[i] = value - step;
    const below = f(moved);
    moved.data[i] = value;
    return (above - below) / (2 * step);
  });
}
