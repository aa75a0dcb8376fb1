import * as tf from '@tensorflow/tfjs-core';
import { floats, type Kernel, type KernelArguments, sizeOf, stockKernel, type WasmBackend } from './backend.ts';
import { type Address, addressOf, nativeOf, withScratch } from './native/engine.ts';

// tfjs's wasm matrix product takes XNNPACK's fast path only for one untransposed pair; with a transpose or a batch
// it falls back to a scalar loop, ten times slower. Transposing first and multiplying pair by pair keeps the fast path.

/** One product [M, K] x [K, N] of untransposed matrices. */
export type Product = (backend: WasmBackend, a: tf.TensorInfo, b: tf.TensorInfo) => tf.TensorInfo;

export function createProduct(stock: Kernel = stockKernel('BatchMatMul')): Product {
  return (backend, a, b) => stock({ inputs: { a, b }, backend, attrs: { transposeA: false, transposeB: false } });
}

/** Under which row count each tensor's memory was first the right-hand side of a product. */
const rowsWhenPacked = new WeakMap<object, number>();

/**
 * Runs a stock product with a right-hand side that it has not met under another shape. The backend packs a right-hand
 * matrix once and looks it up by its memory alone, so that a [2, 3] matrix that is reshaped to [3, 2] and multiplied
 * again would give the products of the first shape; such a one is copied.
 */
export function withOwnRightHand(
  backend: WasmBackend,
  b: tf.TensorInfo,
  run: (b: tf.TensorInfo) => tf.TensorInfo,
): tf.TensorInfo {
  const rows = b.shape[b.shape.length - 2]!;
  const before = rowsWhenPacked.get(b.dataId);
  if (before === undefined) rowsWhenPacked.set(b.dataId, rows);
  if (before === undefined || before === rows) return run(b);
  const copy = backend.makeOutput(b.shape, 'float32');
  floats(backend, copy).set(floats(backend, b));
  const out = run(copy);
  backend.disposeData(copy.dataId);
  return out;
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

/**
 * A kernel for BatchMatMul: any transposes, any batch dimensions that broadcast. tfjs's own takes a scalar loop where there
 * is a transpose or a batch, packs a right-hand matrix anew under its memory alone (one that is reshaped between two
 * products gives the first one's numbers), and reads beyond its inputs where both sides broadcast.
 */
export function createBatchMatMul(): Kernel {
  const stock = stockKernel('BatchMatMul');
  return (args: KernelArguments) => {
    const { backend } = args;
    const a = args.inputs.a as tf.TensorInfo;
    const b = args.inputs.b as tf.TensorInfo;
    const transposeA = args.attrs.transposeA === true;
    const transposeB = args.attrs.transposeB === true;
    const inner = a.shape[a.shape.length - (transposeA ? 2 : 1)];
    const fits = inner === b.shape[b.shape.length - (transposeB ? 1 : 2)];
    if (a.dtype !== 'float32' || b.dtype !== 'float32' || !fits) return stock(args); // it words the errors

    const batchA = a.shape.slice(0, -2);
    const batchB = b.shape.slice(0, -2);
    const batch = tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
    const m = a.shape[a.shape.length - (transposeA ? 1 : 2)]!;
    const n = b.shape[b.shape.length - (transposeB ? 2 : 1)]!;
    const k = inner!;
    const out = backend.makeOutput([...batch, m, n], 'float32');
    const native = nativeOf(backend);
    withScratch(backend, native.GEMM_SCRATCH.value, (scratch) => {
      const [left, right, to] = [a, b, out].map((x) => addressOf(backend, x)) as [Address, Address, Address];
      const [ars, acs] = transposeA ? [4, 4 * m] : [4 * k, 4];
      const [brs, bcs] = transposeB ? [4, 4 * k] : [4 * n, 4];
      const product = (rows: number, i: number, j: number, o: number): void =>
        native.gemm(
          rows,
          n,
          k,
          left + 4 * i * m * k,
          ars,
          acs,
          right + 4 * j * k * n,
          brs,
          bcs,
          to + 4 * o * m * n,
          4 * n,
          false,
          scratch,
        );
      if (sizeOf(batchB) === 1 && !transposeA) {
        product(sizeOf(batch) * m, 0, 0, 0); // One right-hand matrix for all: the batch is just more rows.
        return;
      }
      const indexA = broadcastIndex(batchA, batch);
      const indexB = broadcastIndex(batchB, batch);
      for (let pair = 0; pair < sizeOf(batch); pair++) product(m, indexA(pair), indexB(pair), pair);
    });
    return out;
  };
}

/** For a position in the broadcast batch, the position of the matrix that one side has for it. */
function broadcastIndex(own: readonly number[], batch: readonly number[]): (position: number) => number {
  return (position) => {
    let rest = position;
    let index = 0;
    let stride = 1;
    for (let axis = batch.length - 1, mine = own.length - 1; mine >= 0; axis--, mine--) {
      if (own[mine] !== 1) index += (rest % batch[axis]!) * stride;
      stride *= own[mine]!;
      rest = Math.floor(rest / batch[axis]!);
    }
    return index;
  };
}
