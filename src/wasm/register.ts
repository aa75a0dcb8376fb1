import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from './backend.ts';
import { createBatchMatMul } from './batch-mat-mul.ts';
import { registerBatchNorm } from './batch-norm.ts';
import { createBinary } from './binary.ts';
import { createComparison } from './comparisons.ts';
import { CONVOLUTIONS, createConv2D } from './conv2d.ts';
import { createFilterGradient, createInputGradient } from './conv2d-gradients.ts';
import { createFusedBatchNorm } from './fused-batch-norm.ts';
import { createFusedMatMul } from './fused-mat-mul.ts';
import { restoreGradients } from './gradients.ts';
import { createCast, createIdentity } from './identity.ts';
import { createMaxPoolGrad } from './max-pool-grad.ts';
import { guardPresentMemory, registerGuarded, unguardMemory } from './memory.ts';
import { createPool } from './pool.ts';
import { registerRecurrentKernels } from './recurrent/register.ts';
import { createMean, createSum } from './reductions.ts';
import { createSlice } from './slice.ts';
import { createTanh } from './tanh.ts';
import { createTile } from './tile.ts';
import { createUnsortedSegmentSum } from './unsorted-segment-sum.ts';

interface Registration {
  /** What stood there before; undefined where the backend has no such kernel. */
  readonly previous: tf.KernelConfig | undefined;
  readonly kernelName: string;
}

let active: Registration[] | undefined;
let removeBatchNorm = (): void => {};
let removeRecurrent = (): void => {};

/**
 * Registers the kernels that let networks with convolutions train on tfjs's wasm backend, and that take the worst
 * slowness out of it. Import `@tensorflow/tfjs-backend-wasm` first (it registers the kernels that these build on).
 *
 * Added: Conv2DBackpropFilter, both gradients of DepthwiseConv2dNative, UnsortedSegmentSum, and what `ser-kit/layers`
 * uses: SerKitBatchNorm and the recurrent kernels of ./recurrent with their gradients. Replaced: products and convolutions (BatchMatMul, _FusedMatMul, Conv2D, DepthwiseConv2dNative and
 * their fused ones, Conv2DBackpropInput), Sum and Mean, what goes number by number (Add, Sub, Multiply, RealDiv, the
 * comparisons, Tanh), FusedBatchNorm, MaxPool, AvgPool, MaxPoolGrad, Slice, Tile, and Identity and Cast, which no longer copy. On wasm the
 * gradients of Sum, Mean and FusedBatchNorm are replaced as well. Other backends are left alone. A second call changes
 * nothing.
 *
 * @returns a function that puts everything back as it was
 * @throws Error when `@tensorflow/tfjs-backend-wasm` has not been imported
 */
export function registerWasmKernels(): () => void {
  if (active === undefined) {
    if (tf.getKernel('BatchMatMul', 'wasm') === undefined) {
      throw new Error(
        "registerWasmKernels: expected tfjs's wasm backend to be loaded, got none; import '@tensorflow/tfjs-backend-wasm' first",
      );
    }
    const kernels: Record<string, Kernel> = {
      BatchMatMul: createBatchMatMul(),
      _FusedMatMul: createFusedMatMul(),
      ...Object.fromEntries(CONVOLUTIONS.map((name) => [name, createConv2D(name)])),
      Conv2DBackpropFilter: createFilterGradient('Conv2DBackpropFilter'),
      Conv2DBackpropInput: createInputGradient('Conv2DBackpropInput'),
      DepthwiseConv2dNativeBackpropFilter: createFilterGradient('DepthwiseConv2dNativeBackpropFilter'),
      DepthwiseConv2dNativeBackpropInput: createInputGradient('DepthwiseConv2dNativeBackpropInput'),
      Add: createBinary('Add'),
      AvgPool: createPool('AvgPool'),
      Cast: createCast(),
      Equal: createComparison('Equal'),
      FusedBatchNorm: createFusedBatchNorm(),
      Greater: createComparison('Greater'),
      GreaterEqual: createComparison('GreaterEqual'),
      Identity: createIdentity(),
      Less: createComparison('Less'),
      LessEqual: createComparison('LessEqual'),
      MaxPool: createPool('MaxPool'),
      MaxPoolGrad: createMaxPoolGrad(),
      Mean: createMean(),
      Multiply: createBinary('Multiply'),
      NotEqual: createComparison('NotEqual'),
      RealDiv: createBinary('RealDiv'),
      Slice: createSlice(),
      Sub: createBinary('Sub'),
      Sum: createSum(),
      Tanh: createTanh(),
      Tile: createTile(),
      UnsortedSegmentSum: createUnsortedSegmentSum(),
    };
    active = Object.entries(kernels).map(([kernelName, kernel]) => {
      const previous = tf.getKernel(kernelName, 'wasm');
      registerGuarded(kernelName, kernel, previous);
      return { kernelName, previous };
    });
    removeBatchNorm = registerBatchNorm();
    removeRecurrent = registerRecurrentKernels();
    guardPresentMemory();
  }
  const mine = active;
  return () => {
    if (active !== mine) return;
    active = undefined;
    removeBatchNorm();
    restoreGradients();
    removeRecurrent();
    unguardMemory();
    for (const { kernelName, previous } of mine) {
      tf.unregisterKernel(kernelName, 'wasm');
      if (previous !== undefined) tf.registerKernel(previous);
    }
  };
}
