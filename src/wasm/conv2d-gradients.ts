import * as tf from '@tensorflow/tfjs-core';
import { floats, type Kernel, type KernelArguments, stockKernel, viewAs } from './backend.ts';
import { createProduct, swapLastTwo } from './batch-mat-mul.ts';

// Conv2D's two gradients as matrix products. `patches` of a convolution is the matrix that has, for each output
// position, the inputs under the filter: then y = patches x W, dW = patches' x dy, and d(patches) = dy x W'.
// It is made for a few rows of output at a time, so that memory stays below PATCH_FLOATS whatever the batch.

const PATCH_FLOATS = 4 << 20; // 16 MB

interface Geometry {
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padInfo: { readonly top: number; readonly left: number };
}

/** Calls `visit(patch offset, input offset)` for every run of `inChannels` floats under the filter, in output rows. */
function forEachRun(g: Geometry, firstRow: number, rows: number, visit: (patch: number, input: number) => void): void {
  const patchSize = g.filterHeight * g.filterWidth * g.inChannels;
  for (let r = 0; r < rows; r++) {
    const image = Math.floor((firstRow + r) / g.outHeight);
    const oy = (firstRow + r) % g.outHeight;
    for (let ox = 0; ox < g.outWidth; ox++) {
      const patch = (r * g.outWidth + ox) * patchSize;
      for (let fy = 0; fy < g.filterHeight; fy++) {
        const iy = oy * g.strideHeight - g.padInfo.top + fy * g.dilationHeight;
        if (iy < 0 || iy >= g.inHeight) continue;
        for (let fx = 0; fx < g.filterWidth; fx++) {
          const ix = ox * g.strideWidth - g.padInfo.left + fx * g.dilationWidth;
          if (ix < 0 || ix >= g.inWidth) continue;
          visit(
            patch + (fy * g.filterWidth + fx) * g.inChannels,
            ((image * g.inHeight + iy) * g.inWidth + ix) * g.inChannels,
          );
        }
      }
    }
  }
}

/** How many output rows' patches fit into `limit` floats; at least one row, at most all. */
function rowsAtOnce(g: Geometry, total: number, limit: number): number {
  const perRow = g.outWidth * g.filterHeight * g.filterWidth * g.inChannels;
  return Math.max(1, Math.min(total, Math.floor(limit / Math.max(1, perRow))));
}

/**
 * A kernel for Conv2DBackpropFilter, which the wasm backend lacks: [filterH, filterW, inC, outC] from x and dy.
 *
 * @param patchFloats  how many numbers the matrix of patches may hold at a time
 */
export function createConv2DBackpropFilter(patchFloats = PATCH_FLOATS): Kernel {
  const product = createProduct();
  return ({ inputs, backend, attrs }: KernelArguments) => {
    const x = inputs.x as tf.TensorInfo;
    const dy = inputs.dy as tf.TensorInfo;
    const filterShape = attrs.filterShape as [number, number, number, number];
    if (attrs.dataFormat === 'NCHW') throw new Error('Conv2DBackpropFilter: dataFormat expected NHWC, got NCHW');
    const g = tf.backend_util.computeConv2DInfo(
      x.shape as [number, number, number, number],
      filterShape,
      attrs.strides as number,
      1,
      attrs.pad as 'same',
      attrs.dimRoundingMode as 'floor',
    ) as unknown as Geometry;
    const [batch, , , outChannels] = dy.shape as [number, number, number, number];
    const patchSize = g.filterHeight * g.filterWidth * g.inChannels;
    const totalRows = batch * g.outHeight;
    const step = rowsAtOnce(g, totalRows, patchFloats);
    // dW' = dy' x patches: transposing dy moves fewer numbers than transposing the patches.
    const sums = new Float64Array(outChannels * patchSize);
    for (let first = 0; first < totalRows; first += step) {
      const rows = Math.min(step, totalRows - first);
      const positions = rows * g.outWidth;
      const patches = backend.makeOutput([positions, patchSize], 'float32');
      const slab = backend.makeOutput([positions, outChannels], 'float32');
      const to = floats(backend, patches);
      const from = floats(backend, x);
      to.fill(0);
      const channels = g.inChannels;
      forEachRun(g, first, rows, (patch, input) => {
        for (let c = 0; c < channels; c++) to[patch + c] = from[input + c]!;
      });
      const begin = first * g.outWidth * outChannels;
      floats(backend, slab).set(floats(backend, dy).subarray(begin, begin + positions * outChannels));
      const slabT = swapLastTwo(backend, slab);
      const part = product(backend, slabT, patches);
      const values = floats(backend, part);
      for (let i = 0; i < sums.length; i++) sums[i]! += values[i]!;
      for (const used of [patches, slab, slabT, part]) backend.disposeData(used.dataId);
    }
    const out = backend.makeOutput(filterShape, 'float32');
    const to = floats(backend, out);
    for (let o = 0; o < outChannels; o++) {
      for (let p = 0; p < patchSize; p++) to[p * outChannels + o] = sums[o * patchSize + p]!;
    }
    return out;
  };
}

/**
 * A kernel for Conv2DBackpropInput. At stride 1 it is a convolution of dy with the mirrored filter (XNNPACK's fast
 * path); at other strides, products whose patches are added back to where they came from.
 *
 * @param patchFloats  how many numbers the matrix of patches may hold at a time
 */
export function createConv2DBackpropInput(patchFloats = PATCH_FLOATS): Kernel {
  const product = createProduct();
  const conv2d = stockKernel('Conv2D');
  const stock = stockKernel('Conv2DBackpropInput');
  return (args: KernelArguments) => {
    const { inputs, backend, attrs } = args;
    if (attrs.dataFormat === 'NCHW') return stock(args);
    const dy = inputs.dy as tf.TensorInfo;
    const filter = inputs.filter as tf.TensorInfo;
    const inputShape = attrs.inputShape as [number, number, number, number];
    const g = tf.backend_util.computeConv2DInfo(
      inputShape,
      filter.shape as [number, number, number, number],
      attrs.strides as number,
      1,
      attrs.pad as 'same',
      attrs.dimRoundingMode as 'floor',
    ) as unknown as Geometry;
    const [filterHeight, filterWidth, inChannels, outChannels] = filter.shape as [number, number, number, number];
    const top = filterHeight - 1 - g.padInfo.top;
    const left = filterWidth - 1 - g.padInfo.left;
    const bottom = g.inHeight - g.outHeight - top + filterHeight - 1;
    const right = g.inWidth - g.outWidth - left + filterWidth - 1;
    if (g.strideHeight === 1 && g.strideWidth === 1 && Math.min(top, left, bottom, right) >= 0) {
      const mirrored = backend.makeOutput([filterHeight, filterWidth, outChannels, inChannels], 'float32');
      const from = floats(backend, filter);
      const to = floats(backend, mirrored);
      const taps = filterHeight * filterWidth;
      for (let tap = 0; tap < taps; tap++) {
        const source = (taps - 1 - tap) * inChannels * outChannels;
        const target = tap * inChannels * outChannels;
        for (let i = 0; i < inChannels; i++) {
          for (let o = 0; o < outChannels; o++) to[target + o * inChannels + i] = from[source + i * outChannels + o]!;
        }
      }
      const pad: [number, number][] = [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ];
      const out = conv2d({
        inputs: { x: dy, filter: mirrored },
        backend,
        attrs: { strides: [1, 1], pad, dataFormat: 'NHWC', dilations: [1, 1] },
      });
      backend.disposeData(mirrored.dataId);
      return out;
    }

    const batch = inputShape[0];
    const patchSize = filterHeight * filterWidth * inChannels;
    const filterT = swapLastTwo(backend, viewAs(filter, [patchSize, outChannels]));
    const out = backend.makeOutput(inputShape, 'float32');
    floats(backend, out).fill(0);
    const totalRows = batch * g.outHeight;
    const step = rowsAtOnce(g, totalRows, patchFloats);
    for (let first = 0; first < totalRows; first += step) {
      const rows = Math.min(step, totalRows - first);
      const positions = rows * g.outWidth;
      const slab = backend.makeOutput([positions, outChannels], 'float32');
      const begin = first * g.outWidth * outChannels;
      floats(backend, slab).set(floats(backend, dy).subarray(begin, begin + positions * outChannels));
      const patches = product(backend, slab, filterT);
      const from = floats(backend, patches);
      const to = floats(backend, out);
      forEachRun(g, first, rows, (patch, input) => {
        for (let c = 0; c < inChannels; c++) to[input + c]! += from[patch + c]!;
      });
      for (const used of [slab, patches]) backend.disposeData(used.dataId);
    }
    backend.disposeData(filterT.dataId);
    return out;
  };
}
