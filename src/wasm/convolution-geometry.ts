import * as tf from '@tensorflow/tfjs-core';
import { floats, sizeOf, type WasmBackend } from './backend.ts';
import { type Address, type Native, nativeOf, withScratch } from './native/engine.ts';

type Shape4D = [number, number, number, number];

export interface ConvolutionPlan {
  /** [images, height, width, channels] */
  readonly outShape: Shape4D;
  readonly depthwise: boolean;
  /** What the native convolutions read, in the order of assembly/geometry.ts. */
  readonly sizes: readonly number[];
}

/**
 * What a convolution's attributes come to, as tfjs-core computes it. The output's size is taken from `dy` where there is
 * one: gradients are not told how the value's size was rounded.
 *
 * @param name  of the kernel, as tfjs calls it
 * @throws Error for images with their channels first, for a filter that is larger than the image, and for a dy that is
 *   not of the output's shape
 */
export function planConvolution(
  name: string,
  xShape: readonly number[],
  filterShape: readonly number[],
  attrs: Record<string, unknown>,
  dyShape?: readonly number[],
): ConvolutionPlan {
  const format = attrs.dataFormat ?? 'NHWC';
  if (format !== 'NHWC') throw new Error(`${name}: dataFormat expected NHWC on the wasm backend, got ${format}`);
  const depthwise = name.includes('Depthwise');
  const info = tf.backend_util.computeConv2DInfo(
    xShape as Shape4D,
    filterShape as Shape4D,
    attrs.strides as number,
    (attrs.dilations as number | undefined) ?? 1,
    attrs.pad as 'same',
    attrs.dimRoundingMode as 'floor',
    depthwise,
  );
  const outShape = (dyShape ?? info.outShape) as Shape4D;
  if (dyShape !== undefined) checkGradientShape(name, info, dyShape, typeof attrs.pad !== 'string');
  if (Math.min(...outShape) < 0) {
    throw new Error(`${name}: expected an image at least as large as the filter, got ${xShape} for ${filterShape}`);
  }
  return {
    outShape,
    depthwise,
    sizes: [
      info.batchSize,
      info.inHeight,
      info.inWidth,
      info.inChannels,
      outShape[1],
      outShape[2],
      outShape[3],
      info.filterHeight,
      info.filterWidth,
      info.strideHeight,
      info.strideWidth,
      info.dilationHeight,
      info.dilationWidth,
      info.padInfo.top,
      info.padInfo.left,
    ],
  };
}

/**
 * Throws where dy cannot be the gradient of the output: nothing behind this would notice. `rounded` where the output's
 * size may have been rounded up, to one position more than `info` has.
 */
function checkGradientShape(
  name: string,
  info: tf.backend_util.Conv2DInfo,
  dyShape: readonly number[],
  rounded: boolean,
): void {
  const fits =
    dyShape.length === 4 &&
    info.outShape.every((size, axis) => {
      const beyond = dyShape[axis]! - size;
      return beyond === 0 || (rounded && beyond === 1 && (axis === 1 || axis === 2));
    });
  if (!fits) throw new Error(`${name}: dy expected the output's shape [${info.outShape}], got [${dyShape}]`);
}

/**
 * Runs a native convolution: `run` gets the address of the sizes, and scratch for them. Without an output position there
 * is nothing to run, and `out` is zeros.
 */
export function withConvolution(
  backend: WasmBackend,
  plan: ConvolutionPlan,
  out: tf.TensorInfo,
  run: (native: Native, sizes: Address, scratch: Address) => void,
): tf.TensorInfo {
  if (sizeOf(plan.outShape) === 0) {
    floats(backend, out).fill(0);
    return out;
  }
  const native = nativeOf(backend);
  const { sizes, depthwise } = plan;
  withScratch(backend, 4 * sizes.length, (at) => {
    new Int32Array(floats(backend, out).buffer, at, sizes.length).set(sizes);
    const bytes = depthwise ? native.depthwiseScratch(at) : native.convolutionScratch(at);
    withScratch(backend, bytes >>> 0, (scratch) => run(native, at, scratch));
  });
  return out;
}
