import * as tf from '@tensorflow/tfjs-core';
import type { Kernel, KernelArguments, WasmBackend } from './backend.ts';

// What happens where the backend's memory is full. tfjs's own allocation then gives address 0, and whatever ran next would
// write over the tensors that lie there, without a word.

interface Allocator {
  _malloc(bytes: number): number;
}

const allocatorOf = (backend: WasmBackend): Allocator => (backend as unknown as { readonly wasm: Allocator }).wasm;

const ADDRESSES = 2 ** 32;

/** Guarded backends, each with what takes its guard away. */
const guarded = new Map<WasmBackend, () => void>();

/** What the kernel that runs now has made; undefined while none of ours runs. */
let made: tf.TensorInfo[] | undefined;

/**
 * Makes each allocation of a backend throw where there is no room: those of tensors (tfjs's own kernels' as well) and of scratch.
 * tfjs registers a tensor after its allocation, so that nothing half-made is left. A second call changes nothing.
 */
export function guardMemory(backend: WasmBackend): void {
  if (guarded.has(backend)) return;
  const module = allocatorOf(backend);
  let malloc = module._malloc;
  const { makeOutput } = backend;
  const checked = (bytes: number): number => {
    // A number beyond 32 bits would lose its upper ones on the way, and get a piece that is too small.
    const address = bytes < ADDRESSES ? malloc(bytes) : 0;
    if (address === 0 && bytes > 0) {
      throw new Error(`ser-kit/wasm: memory access out of bounds: no room for ${bytes} bytes`);
    }
    return address;
  };
  // Emscripten's first _malloc puts another in its place: the setter keeps that one behind the check.
  const set = (value: Allocator['_malloc']): void => {
    malloc = value;
  };
  Object.defineProperty(module, '_malloc', { configurable: true, enumerable: true, get: () => checked, set });
  backend.makeOutput = (...args) => {
    const out = makeOutput.apply(backend, args);
    made?.push(out);
    return out;
  };
  guarded.set(backend, () => {
    Object.defineProperty(module, '_malloc', { configurable: true, enumerable: true, writable: true, value: malloc });
    backend.makeOutput = makeOutput;
  });
}

/** Guards the wasm backend where it is there already. Asking tfjs for it by name would start it. */
export function guardPresentMemory(): void {
  const backend = tf.engine().registry.wasm;
  if (backend !== undefined) guardMemory(backend as unknown as WasmBackend);
}

/** Takes all guards away. */
export function unguardMemory(): void {
  for (const remove of guarded.values()) remove();
  guarded.clear();
}

/** The same kernel, but one that gives back what it has made so far where it throws. */
export function allOrNothing<T>(kernel: (args: KernelArguments) => T): (args: KernelArguments) => T {
  return (args) => {
    const outer = made;
    const mine: tf.TensorInfo[] = [];
    made = mine;
    try {
      return kernel(args);
    } catch (error) {
      for (const { dataId } of mine) args.backend.disposeData(dataId, true);
      throw error;
    } finally {
      made = outer;
    }
  };
}

/** Registers a kernel of the wasm backend in place of `previous`, where there is one, with the guard on its memory. */
export function registerGuarded(
  kernelName: string,
  kernel: Kernel | ((args: KernelArguments) => tf.TensorInfo[]),
  previous?: tf.KernelConfig,
): void {
  if (previous !== undefined) tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({
    ...(previous ?? {}),
    kernelName,
    backendName: 'wasm',
    kernelFunc: allOrNothing<tf.TensorInfo | tf.TensorInfo[]>(kernel) as unknown as tf.KernelFunc,
    // tfjs calls this when the backend is chosen, which is before anything runs on it.
    setupFunc: (backend) => {
      previous?.setupFunc?.(backend);
      guardMemory(backend as unknown as WasmBackend);
    },
  });
}
