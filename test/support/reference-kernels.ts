import { indicesOf, type NdArray, offsetOf, zerosOf } from './reference-arrays.ts';

// Linear algebra in float64, written as the definitions read.

/** op(a) x op(b) over [..., rows, columns]; each batch axis is equal or 1. */
export function matMul(a: NdArray, b: NdArray, transposeA = false, transposeB = false): NdArray {
  const rank = Math.max(a.shape.length, b.shape.length);
  const widen = (shape: readonly number[]): number[] => [...new Array<number>(rank - shape.length).fill(1), ...shape];
  const [aShape, bShape] = [widen(a.shape), widen(b.shape)];
  const [m, k] = transposeA ? [aShape[rank - 1]!, aShape[rank - 2]!] : [aShape[rank - 2]!, aShape[rank - 1]!];
  const n = transposeB ? bShape[rank - 2]! : bShape[rank - 1]!;
  const batch = aShape.slice(0, -2).map((size, axis) => Math.max(size, bShape[axis]!));
  const out = zerosOf([...batch, m, n]);
  for (const index of indicesOf(out.shape)) {
    const [row, column] = index.slice(-2) as [number, number];
    const pick = (shape: readonly number[]): number[] =>
      index.slice(0, -2).map((i, axis) => (shape[axis] === 1 ? 0 : i));
    let sum = 0;
    for (let i = 0; i < k; i++) {
      const x = a.data[offsetOf(aShape, [...pick(aShape), ...(transposeA ? [i, row] : [row, i])])]!;
      const y = b.data[offsetOf(bShape, [...pick(bShape), ...(transposeB ? [column, i] : [i, column])])]!;
      sum += x * y;
    }
    out.data[offsetOf(out.shape, index)] = sum;
  }
  return out;
}

export interface ConvolutionPlan {
  readonly strides: readonly [number, number];
  /** Zeros before the first row and column. */
  readonly before: readonly [number, number];
  readonly outSize: readonly [number, number];
  /** How far apart the filter's taps lie. Default [1, 1]. */
  readonly dilations?: readonly [number, number];
}

/**
 * TensorFlow's "same" and "valid", and a number of zeros on every side. For the latter tfjs-core computes both sizes of the
 * output from the filter's height and the stride of the rows, on every backend; positions too many see zeros.
 */
export function planConvolution(
  inSize: readonly [number, number],
  filterSize: readonly [number, number],
  strides: readonly [number, number],
  pad: 'same' | 'valid' | number,
  dilations: readonly [number, number] = [1, 1],
): ConvolutionPlan {
  const plan = [0, 1].map((axis) => {
    const sized = typeof pad === 'number' ? 0 : axis;
    const filter = (filterSize[sized]! - 1) * dilations[sized]! + 1;
    const [size, stride] = [inSize[axis]!, strides[sized]!];
    if (pad === 'same') {
      const out = Math.ceil(size / stride);
      const total = Math.max(0, (out - 1) * stride + filter - size);
      return { before: Math.floor(total / 2), out };
    }
    const zeros = pad === 'valid' ? 0 : pad;
    return { before: zeros, out: Math.floor((size + 2 * zeros - filter) / stride) + 1 };
  });
  return {
    strides,
    dilations,
    before: [plan[0]!.before, plan[1]!.before],
    outSize: [plan[0]!.out, plan[1]!.out],
  };
}

/** Calls `visit(x offset, filter offset, y offset)` for every product that a convolution sums. */
function forEachProduct(
  xShape: readonly number[],
  filterShape: readonly number[],
  plan: ConvolutionPlan,
  visit: (x: number, filter: number, y: number) => void,
): void {
  const [batch, height, width, inChannels] = xShape as [number, number, number, number];
  const [filterHeight, filterWidth, , outChannels] = filterShape as [number, number, number, number];
  const yShape = [batch, ...plan.outSize, outChannels];
  const dilations = plan.dilations ?? [1, 1];
  for (const [n, oy, ox, o] of indicesOf(yShape) as Generator<[number, number, number, number]>) {
    const y = offsetOf(yShape, [n, oy, ox, o]);
    for (let fy = 0; fy < filterHeight; fy++) {
      for (let fx = 0; fx < filterWidth; fx++) {
        const iy = oy * plan.strides[0] - plan.before[0] + fy * dilations[0];
        const ix = ox * plan.strides[1] - plan.before[1] + fx * dilations[1];
        if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
        for (let i = 0; i < inChannels; i++) {
          visit(offsetOf(xShape, [n, iy, ix, i]), offsetOf(filterShape, [fy, fx, i, o]), y);
        }
      }
    }
  }
}

/**
 * A depthwise filter [h, w, channels, multiplier] as one that sees every channel, [h, w, channels, channels x multiplier],
 * and is zero but for its own.
 */
export function spreadDepthwise(filter: NdArray): NdArray {
  const [height, width, channels, multiplier] = filter.shape as [number, number, number, number];
  const out = zerosOf([height, width, channels, channels * multiplier]);
  for (const [fy, fx, c, m] of indicesOf(filter.shape) as Generator<[number, number, number, number]>) {
    const value = filter.data[offsetOf(filter.shape, [fy, fx, c, m])]!;
    out.data[offsetOf(out.shape, [fy, fx, c, c * multiplier + m])] = value;
  }
  return out;
}

/** A gradient of spreadDepthwise()'s result as one of the depthwise filter. */
export function gatherDepthwise(spread: NdArray, multiplier: number): NdArray {
  const [height, width, channels] = spread.shape as [number, number, number];
  const out = zerosOf([height, width, channels, multiplier]);
  for (const [fy, fx, c, m] of indicesOf(out.shape) as Generator<[number, number, number, number]>) {
    const value = spread.data[offsetOf(spread.shape, [fy, fx, c, c * multiplier + m])]!;
    out.data[offsetOf(out.shape, [fy, fx, c, m])] = value;
  }
  return out;
}

export function conv2d(x: NdArray, filter: NdArray, plan: ConvolutionPlan): NdArray {
  const out = zerosOf([x.shape[0]!, ...plan.outSize, filter.shape[3]!]);
  forEachProduct(x.shape, filter.shape, plan, (i, f, o) => {
    out.data[o]! += x.data[i]! * filter.data[f]!;
  });
  return out;
}

export function conv2dFilterGradient(
  x: NdArray,
  dy: NdArray,
  filterShape: readonly number[],
  plan: ConvolutionPlan,
): NdArray {
  const out = zerosOf(filterShape);
  forEachProduct(x.shape, filterShape, plan, (i, f, o) => {
    out.data[f]! += x.data[i]! * dy.data[o]!;
  });
  return out;
}

export function conv2dInputGradient(
  dy: NdArray,
  filter: NdArray,
  xShape: readonly number[],
  plan: ConvolutionPlan,
): NdArray {
  const out = zerosOf(xShape);
  forEachProduct(xShape, filter.shape, plan, (i, f, o) => {
    out.data[i]! += filter.data[f]! * dy.data[o]!;
  });
  return out;
}

export function slice(x: NdArray, begin: readonly number[], size: readonly number[]): NdArray {
  const out = zerosOf(size);
  for (const index of indicesOf(size)) {
    out.data[offsetOf(size, index)] =
      x.data[
        offsetOf(
          x.shape,
          index.map((i, axis) => i + begin[axis]!),
        )
      ]!;
  }
  return out;
}

export function sum(x: NdArray, axes: readonly number[], keepDims: boolean): NdArray {
  const kept = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  const out = zerosOf(keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis)));
  for (const index of indicesOf(x.shape)) {
    const to = offsetOf(
      kept,
      index.map((i, axis) => (axes.includes(axis) ? 0 : i)),
    );
    out.data[to]! += x.data[offsetOf(x.shape, index)]!;
  }
  return out;
}

/** The gradient of `sum`: every summand gets what its sum got. */
export function spread(dy: NdArray, axes: readonly number[], shape: readonly number[]): NdArray {
  const kept = shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  const out = zerosOf(shape);
  for (const index of indicesOf(shape)) {
    const from = index.map((i, axis) => (axes.includes(axis) ? 0 : i));
    out.data[offsetOf(shape, index)] = dy.data[offsetOf(kept, from)]!;
  }
  return out;
}
