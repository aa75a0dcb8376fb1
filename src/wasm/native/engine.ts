import type * as tf from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../backend.ts';
import type { RecurrentNative } from '../recurrent/native.ts';
import { KERNEL_HEX } from './native-bytes.ts';

/** A place in the backend's memory, in bytes. */
export type Address = number;

/**
 * What assembly/index.ts exports. Matrices are an address with the bytes from row to row (rs) and from column to column
 * (cs); `scratch` is what withScratch() hands out. Nothing is checked: an address that is wrong overwrites tensors.
 */
export interface Native extends RecurrentNative {
  /** Bytes of scratch for gemm() at most, whatever the sizes. */
  readonly GEMM_SCRATCH: { readonly value: number };
  /** Bytes of scratch for gemm() of these sizes. */
  gemmScratch(m: number, n: number, k: number): number;
  /** c [m, n], rows ldc bytes apart, = (or += where `add`) a [m, k] b [k, n]. */
  gemm(
    m: number,
    n: number,
    k: number,
    a: Address,
    ars: number,
    acs: number,
    b: Address,
    brs: number,
    bcs: number,
    c: Address,
    ldc: number,
    add: boolean,
    scratch: Address,
  ): void;

  // What is done number by number: assembly/elementwise.ts.
  /** to[i] = a[i] op row[i mod columns], swapped: row op a; op 0 +, 1 -, 2 *, 3 /. columns: a multiple of 4. */
  binaryRow(op: number, swapped: boolean, n: number, columns: number, a: Address, row: Address, to: Address): void;
  /** Bytes of 0 and 1: a[i] op b[i], b[0] for all where `single`; op 0 =, 1 not =, 2 >, 3 >=, 4 <, 5 <=. */
  compare(op: number, n: number, a: Address, b: Address, single: boolean, to: Address): void;
  /** Copies each of so many blocks of so many bytes (a multiple of 4) `times` times, one after the other. */
  repeatBlocks(blocks: number, bytes: number, times: number, from: Address, to: Address): void;
  tanhEach(n: number, x: Address, to: Address): void;

  // assembly/reductions.ts
  /** to[o, i] = sum over r of x[o, r, i] / divisor. scratch: 8 bytes for each of inner. */
  sumMiddle(
    outer: number,
    reduced: number,
    inner: number,
    x: Address,
    divisor: number,
    to: Address,
    scratch: Address,
  ): void;

  // assembly/pooling.ts
  /** dx += the gradient of max pooling, [batch, height, width, channels]. */
  maxPoolGrad(
    batch: number,
    height: number,
    width: number,
    channels: number,
    outHeight: number,
    outWidth: number,
    filterHeight: number,
    filterWidth: number,
    strideHeight: number,
    strideWidth: number,
    top: number,
    left: number,
    x: Address,
    dy: Address,
    dx: Address,
  ): void;

  // Batch normalisation of [rows, columns], assembly/norm.ts. mask: a number a row, 0 where it does not count, or address 0.
  /** y = (x - mean) * scale + shift for n numbers in rows of `columns`, a multiple of 4. */
  affineRow(n: number, columns: number, x: Address, mean: Address, scale: Address, shift: Address, y: Address): void;
  /** scratch: 8 bytes a column. */
  rowMoments(
    rows: number,
    columns: number,
    x: Address,
    mask: Address,
    count: number,
    mean: Address,
    variance: Address,
    scratch: Address,
  ): void;
  normalizeRows(
    rows: number,
    columns: number,
    x: Address,
    mask: Address,
    mean: Address,
    scale: Address,
    shift: Address,
    y: Address,
  ): void;
  /** sums (float64) = sum(dy) a column, then sum(dy (x - mean)) a column. */
  batchNormSums(
    rows: number,
    columns: number,
    x: Address,
    dy: Address,
    mask: Address,
    mean: Address,
    sums: Address,
  ): void;
  /** inverse: 1 / sqrt(variance + epsilon). scratch: 16 bytes a column. */
  batchNormGrad(
    rows: number,
    columns: number,
    x: Address,
    dy: Address,
    mask: Address,
    count: number,
    mean: Address,
    inverse: Address,
    gamma: Address,
    dx: Address,
    dScale: Address,
    dShift: Address,
    scratch: Address,
  ): void;

  /** c [m, n] becomes activation(c + bias), in place. bias and slopes: n numbers each, or 0; activation: a code of activation.ts. */
  finish(m: number, n: number, c: Address, bias: Address, activation: number, slopes: Address): void;
  /** Bytes of scratch for the three below; `sizes` as convolution-geometry.ts writes them. */
  convolutionScratch(sizes: Address): number;
  convolve(
    sizes: Address,
    x: Address,
    filter: Address,
    y: Address,
    bias: Address,
    activation: number,
    slopes: Address,
    scratch: Address,
  ): void;
  filterGradient(sizes: Address, x: Address, dy: Address, dFilter: Address, scratch: Address): void;
  inputGradient(sizes: Address, dy: Address, filter: Address, dx: Address, scratch: Address): void;
  /** The same for a filter of its own for each channel; the sizes' output channels are channels x multiplier. */
  depthwiseScratch(sizes: Address): number;
  depthwise(
    sizes: Address,
    x: Address,
    filter: Address,
    y: Address,
    bias: Address,
    activation: number,
    slopes: Address,
    scratch: Address,
  ): void;
  depthwiseFilterGradient(sizes: Address, x: Address, dy: Address, dFilter: Address, scratch: Address): void;
  depthwiseInputGradient(sizes: Address, dy: Address, filter: Address, dx: Address, scratch: Address): void;
}

/** The part of tfjs's Emscripten module that is used here. */
interface EmscriptenModule {
  /** The exports of the module without threads, its memory among them. */
  readonly asm?: { readonly memory?: WebAssembly.Memory };
  /** The memory of the module with threads. */
  readonly wasmMemory?: WebAssembly.Memory;
  _malloc(bytes: number): number;
  _free(address: number): void;
}

const moduleOf = (backend: WasmBackend): EmscriptenModule =>
  (backend as unknown as { readonly wasm: EmscriptenModule }).wasm;

/** One instance a backend, as each has a memory of its own. */
const instances = new WeakMap<WasmBackend, Native>();

/**
 * ser-kit's own WebAssembly, working in the memory of tfjs's wasm backend: no tensor is copied.
 *
 * @throws Error where WebAssembly has no SIMD, or where a version of tfjs keeps its memory to itself
 */
export function nativeOf(backend: WasmBackend): Native {
  let instance = instances.get(backend);
  if (instance === undefined) {
    instance = instantiate(moduleOf(backend));
    instances.set(backend, instance);
  }
  return instance;
}

const MEMORY_IMPORT = [3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2]; // "env" "memory", a memory
const WITH_MAXIMUM = 1;
const SHARED_WITH_MAXIMUM = 3;

function instantiate(module: EmscriptenModule): Native {
  const memory = module.wasmMemory ?? module.asm?.memory;
  if (memory === undefined) {
    throw new Error('ser-kit/wasm: expected the memory of @tensorflow/tfjs-backend-wasm 4.x, found none that it shows');
  }
  const bytes = Uint8Array.from(KERNEL_HEX.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  if (typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer) {
    // tfjs computes with threads: the import has to say that the memory is shared, which is one bit of its limits.
    const at =
      bytes.findIndex((_, i) => MEMORY_IMPORT.every((byte, j) => bytes[i + j] === byte)) + MEMORY_IMPORT.length;
    if (bytes[at] === WITH_MAXIMUM) bytes[at] = SHARED_WITH_MAXIMUM;
  }
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
    return exports as unknown as Native;
  } catch (cause) {
    throw new Error(`ser-kit/wasm: expected WebAssembly with SIMD, got ${(cause as Error).message}`, { cause });
  }
}

/** Where a tensor's numbers lie. Valid until it is disposed: growing the memory does not move them. */
export function addressOf(backend: WasmBackend, info: tf.TensorInfo): Address {
  return backend.typedArrayFromHeap(info).byteOffset;
}

/**
 * Runs something with so many bytes of the backend's memory, aligned to 16, and gives them back.
 *
 * @throws Error where the memory cannot grow by so much: see guardMemory()
 */
export function withScratch<T>(backend: WasmBackend, bytes: number, run: (scratch: Address) => T): T {
  const module = moduleOf(backend);
  const address = module._malloc(bytes + 16) >>> 0;
  try {
    return run(((address + 15) & ~15) >>> 0);
  } finally {
    module._free(address);
  }
}
