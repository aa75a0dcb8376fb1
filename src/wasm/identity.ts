import type * as tf from '@tensorflow/tfjs-core';
import { type Kernel, type KernelArguments, stockKernel, type WasmBackend } from './backend.ts';

/** The same memory under a tensor of its own. Tensors never change, so nothing has to be copied. */
function share(backend: WasmBackend, x: tf.TensorInfo): tf.TensorInfo {
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
}

/** A kernel for Identity that shares memory, as Reshape does. The stock one copies, for every tensor a gradient keeps. */
export function createIdentity(): Kernel {
  return ({ inputs, backend }: KernelArguments) => share(backend, inputs.x as tf.TensorInfo);
}

/** A kernel for Cast that shares memory where the type stays the same. */
export function createCast(): Kernel {
  const stock = stockKernel('Cast');
  return (args: KernelArguments) => {
    const x = args.inputs.x as tf.TensorInfo;
    return x.dtype === args.attrs.dtype ? share(args.backend, x) : stock(args);
  };
}
