import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from './backend.ts';
import { createBatchMatMul } from './batch-mat-mul.ts';
import { createBinary } from './binary.ts';
import { createComparison } from './comparisons.ts';
import { createConv2DBackpropFilter, createConv2DBackpropInput } from './conv2d-gradients.ts';
import { createFusedBatchNorm } from './fused-batch-norm.ts';
import { createFusedMatMul } from './fused-mat-mul.ts';
import { createCast, createIdentity } from './identity.ts';
import { createMaxPoolGrad } from './max-pool-grad.ts';
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
let removeRecurrent = (): void => {};

/**
 * Registers the kernels that let networks with convolutions train on tfjs's wasm backend, and that take the worst
 * slowness out of it. Import `@tensorflow/tfjs-backend-wasm` first (it registers the kernels that these build on).
 *
 * Added: Conv2DBackpropFilter, UnsortedSegmentSum. Replaced: BatchMatMul, _FusedMatMul, Conv2DBackpropInput,
 * MaxPoolGrad, Slice, Sum, Tanh. Other backends are left alone. A second call changes nothing.
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
    const matMul = createBatchMatMul();
    const kernels: Record<string, Kernel> = {
      BatchMatMul: matMul,
      _FusedMatMul: createFusedMatMul(matMul),
      Add: createBinary('Add'),
      Cast: createCast(),
      Conv2DBackpropFilter: createConv2DBackpropFilter(),
      Conv2DBackpropInput: createConv2DBackpropInput(),
      Equal: createComparison('Equal'),
      FusedBatchNorm: createFusedBatchNorm(),
      Greater: createComparison('Greater'),
      GreaterEqual: createComparison('GreaterEqual'),
      Identity: createIdentity(),
      Less: createComparison('Less'),
      LessEqual: createComparison('LessEqual'),
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
      if (previous !== undefined) tf.unregisterKernel(kernelName, 'wasm');
      tf.registerKernel({
        ...(previous ?? {}),
        kernelName,
        backendName: 'wasm',
        kernelFunc: kernel as unknown as tf.KernelFunc,
      });
      return { kernelName, previous };
    });
    removeRecurrent = registerRecurrentKernels();
  }
  const mine = active;
  return () => {
    if (active !== mine) return;
    active = undefined;
    removeRecurrent();
    for (const { kernelName, previous } of mine) {
      tf.unregisterKernel(kernelName, 'wasm');
      if (previous !== undefined) tf.registerKernel(previous);
    }
  };
}
