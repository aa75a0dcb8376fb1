import * as tf from '@tensorflow/tfjs-core';
import { type Kernel, type KernelArguments, sizeOf, stockKernel } from './backend.ts';
import { type Address, addressOf, nativeOf, withScratch } from './native/engine.ts';

/**
 * The product of BatchMatMul's arguments, or of _FusedMatMul's without what follows it: any transposes, any batch
 * dimensions that broadcast. Undefined where the kinds or shapes are not for it; tfjs's own words the errors.
 */
export function multiply(args: KernelArguments): tf.TensorInfo | undefined {
  const { backend } = args;
  const a = args.inputs.a as tf.TensorInfo;
  const b = args.inputs.b as tf.TensorInfo;
  const transposeA = args.attrs.transposeA === true;
  const transposeB = args.attrs.transposeB === true;
  const k = a.shape[a.shape.length - (transposeA ? 2 : 1)]!;
  if (a.dtype !== 'float32' || b.dtype !== 'float32' || k !== b.shape[b.shape.length - (transposeB ? 1 : 2)]) {
    return undefined;
  }
  const batchA = a.shape.slice(0, -2);
  const batchB = b.shape.slice(0, -2);
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
  const m = a.shape[a.shape.length - (transposeA ? 1 : 2)]!;
  const n = b.shape[b.shape.length - (transposeB ? 2 : 1)]!;
  const out = backend.makeOutput([...batch, m, n], 'float32');
  if (sizeOf(out.shape) === 0) return out;
  const native = nativeOf(backend);
  // One right-hand matrix for all: the batch is just more rows.
  const pairs = sizeOf(batchB) === 1 && !transposeA ? 1 : sizeOf(batch);
  const rows = (sizeOf(batch) * m) / pairs;
  withScratch(backend, native.gemmScratch(rows, n, k), (scratch) => {
    const [left, right, to] = [a, b, out].map((x) => addressOf(backend, x)) as [Address, Address, Address];
    const [ars, acs] = transposeA ? [4, 4 * m] : [4 * k, 4];
    const [brs, bcs] = transposeB ? [4, 4 * k] : [4 * n, 4];
    const indexA = broadcastIndex(batchA, batch);
    const indexB = broadcastIndex(batchB, batch);
    for (let pair = 0; pair < pairs; pair++) {
      const x = left + 4 * m * k * indexA(pair);
      const y = right + 4 * k * n * indexB(pair);
      native.gemm(rows, n, k, x, ars, acs, y, brs, bcs, to + 4 * m * n * pair, 4 * n, false, scratch);
    }
  });
  return out;
}

/**
 * A kernel for BatchMatMul: any transposes, any batch dimensions that broadcast. tfjs's own takes a scalar loop where there
 * is a transpose or a batch, packs a right-hand matrix anew under its memory alone (one that is reshaped between two
 * products gives the first one's numbers), and reads beyond its inputs where both sides broadcast.
 */
export function createBatchMatMul(): Kernel {
  const stock = stockKernel('BatchMatMul');
  return (args: KernelArguments) => multiply(args) ?? stock(args);
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
