import type * as tf from '@tensorflow/tfjs-core';
import { floats, type Kernel, type KernelArguments, sizeOf, stockKernel, viewAs, type WasmBackend } from './backend.ts';

// tfjs's wasm matrix product takes XNNPACK's fast path only for one untransposed pair; with a transpose or a batch
// it falls back to a scalar loop, ten times slower. Transposing first and multiplying pair by pair keeps the fast path.

/** One product [M, K] x [K, N] of untransposed matrices. */
export type Product = (backend: WasmBackend, a: tf.TensorInfo, b: tf.TensorInfo) => tf.TensorInfo;

export function createProduct(stock: Kernel = stockKernel('BatchMatMul')): Product {
  return (backend, a, b) => stock({ inputs: { a, b }, backend, attrs: { transposeA: false, transposeB: false } });
}

/** Swaps the last two axes of [batch, rows, columns] into a new tensor, in tiles that stay in the cache. */
export function swapLastTwo(backend: WasmBackend, x: tf.TensorInfo): tf.TensorInfo {
  const rank = x.shape.length;
  const rows = x.shape[rank - 2]!;
  const columns = x.shape[rank - 1]!;
  const batch = sizeOf(x.shape.slice(0, -2));
  const out = backend.makeOutput([...x.shape.slice(0, -2), columns, rows], x.dtype);
  const from = floats(backend, x);
  const to = floats(backend, out);
  const tile = 16;
  for (let n = 0; n < batch; n++) {
    const base = n * rows * columns;
    for (let r0 = 0; r0 < rows; r0 += tile) {
      const r1 = Math.min(rows, r0 + tile);
      for (let c0 = 0; c0 < columns; c0 += tile) {
        const c1 = Math.min(columns, c0 + tile);
        for (let c = c0; c < c1; c++) {
          let at = base + r0 * columns + c;
          for (let r = r0; r < r1; r++, at += columns) to[base + c * rows + r] = from[at]!;
        }
      }
    }
  }
  return out;
}

/** A kernel for BatchMatMul: any transposes, any batch dimensions (equal, or one side broadcast whole). */
export function createBatchMatMul(): Kernel {
  const stock = stockKernel('BatchMatMul');
  const product = createProduct(stock);
  return (args: KernelArguments) => {
    const { backend } = args;
    const a = args.inputs.a as tf.TensorInfo;
    const b = args.inputs.b as tf.TensorInfo;
    const transposeA = args.attrs.transposeA === true;
    const transposeB = args.attrs.transposeB === true;
    const batchA = a.shape.slice(0, -2);
    const batchB = b.shape.slice(0, -2);
    const pairs = Math.max(sizeOf(batchA), sizeOf(batchB));
    const sameBatch = batchA.length === batchB.length && batchA.every((n, i) => n === batchB[i]);
    const broadcastWhole = sizeOf(batchA) === 1 || sizeOf(batchB) === 1;
    const inner = a.shape[a.shape.length - (transposeA ? 2 : 1)];
    const usable = a.dtype === 'float32' && b.dtype === 'float32' && (sameBatch || broadcastWhole);
    const plain = !transposeA && !transposeB && pairs === 1;
    // The stock kernel also words the errors of shapes that do not fit, and does broadcasts of single axes.
    if (!usable || plain || pairs === 0 || inner !== b.shape[b.shape.length - (transposeB ? 1 : 2)]) return stock(args);

    const left = transposeA ? swapLastTwo(backend, a) : a;
    const right = transposeB ? swapLastTwo(backend, b) : b;
    const [m, k] = left.shape.slice(-2) as [number, number];
    const n = right.shape[right.shape.length - 1]!;
    const outer = sizeOf(batchA) >= sizeOf(batchB) ? batchA : batchB;
    let out: tf.TensorInfo;
    if (pairs === 1) {
      out = product(backend, viewAs(left, [m, k]), viewAs(right, [k, n]));
      out.shape = [...(batchA.length >= batchB.length ? batchA : batchB), m, n];
    } else if (sizeOf(batchB) === 1) {
      // One right-hand matrix for all: the batch is just more rows.
      out = product(backend, viewAs(left, [pairs * m, k]), viewAs(right, [k, n]));
      out.shape = [...outer, m, n];
    } else {
      out = backend.makeOutput([...outer, m, n], 'float32');
      for (let pair = 0; pair < pairs; pair++) {
        const one = copyOf(backend, left, sizeOf(batchA) === 1 ? 0 : pair, m, k);
        const other = copyOf(backend, right, sizeOf(batchB) === 1 ? 0 : pair, k, n);
        const part = product(backend, one, other);
        floats(backend, out).set(floats(backend, part), pair * m * n);
        for (const used of [one, other, part]) backend.disposeData(used.dataId);
      }
    }
    if (left !== a) backend.disposeData(left.dataId);
    if (right !== b) backend.disposeData(right.dataId);
    return out;
  };
}

/** The `index`-th [rows, columns] matrix of a batch as a tensor of its own. */
function copyOf(backend: WasmBackend, x: tf.TensorInfo, index: number, rows: number, columns: number): tf.TensorInfo {
  const out = backend.makeOutput([rows, columns], 'float32');
  const size = rows * columns;
  floats(backend, out).set(floats(backend, x).subarray(index * size, (index + 1) * size));
  return out;
}
