import * as tf from '@tensorflow/tfjs-core';

/** The part of tfjs-backend-wasm's BackendWasm that these kernels use. */
export interface WasmBackend {
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo;
  typedArrayFromHeap(info: tf.TensorInfo): Float32Array | Int32Array | Uint8Array;
  disposeData(dataId: object, force?: boolean): boolean;
  incRef(dataId: object): void;
}

export interface KernelArguments {
  readonly inputs: Record<string, tf.TensorInfo | undefined>;
  readonly backend: WasmBackend;
  readonly attrs: Record<string, unknown>;
}

export type Kernel = (args: KernelArguments) => tf.TensorInfo;

/** A stock kernel of the wasm backend, by name. Throws when the backend's package has not been imported. */
export function stockKernel(name: string): Kernel {
  const config = tf.getKernel(name, 'wasm');
  if (config === undefined) throw new Error(`the wasm backend has no kernel ${name}`);
  return config.kernelFunc as unknown as Kernel;
}

/** A tensor's memory as floats, without a copy. Valid until the next allocation: the heap may move when it grows. */
export function floats(backend: WasmBackend, info: tf.TensorInfo): Float32Array {
  return backend.typedArrayFromHeap(info) as Float32Array;
}

/** The same memory under another shape of the same size. Not to be disposed by itself. */
export function viewAs(info: tf.TensorInfo, shape: number[]): tf.TensorInfo {
  return { dataId: info.dataId, shape, dtype: info.dtype };
}

export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}
