import * as tf from '@tensorflow/tfjs-core';
import { floats, type KernelArguments, sizeOf, type WasmBackend } from './backend.ts';
import { registerGuarded } from './memory.ts';
import { type Address, addressOf, nativeOf, withScratch } from './native/engine.ts';

// Batch normalisation of [rows, columns] in training, with a mask of rows: 'SerKitBatchNorm' and its gradient.

/** The mask's address, 0 where there is none, and how many rows count (at least 1, so that nothing divides by 0). */
function maskOf(backend: WasmBackend, mask: tf.TensorInfo | undefined, rows: number): { at: Address; count: number } {
  if (mask === undefined) return { at: 0, count: Math.max(1, rows) };
  let count = 0;
  for (const value of floats(backend, mask)) if (value !== 0) count++;
  return { at: addressOf(backend, mask), count: Math.max(1, count) };
}

/** inverse[c] = 1 / sqrt(variance[c] + epsilon), as a tensor that the caller disposes. */
function inverseOf(backend: WasmBackend, variance: tf.TensorInfo, epsilon: number): tf.TensorInfo {
  const out = backend.makeOutput(variance.shape, 'float32');
  const from = floats(backend, variance);
  const to = floats(backend, out);
  for (let c = 0; c < to.length; c++) to[c] = 1 / Math.sqrt(from[c]! + epsilon);
  return out;
}

/**
 * x [rows, columns], gamma and beta [columns], mask [rows] or none -> y, each column's mean and biased variance, and the
 * mask or an empty tensor: of inputs that may be missing tfjs saves nothing for the gradient, of outputs it does.
 */
function forward({ inputs, backend, attrs }: KernelArguments): tf.TensorInfo[] {
  const { x, gamma, beta } = inputs as Record<string, tf.TensorInfo>;
  const [rows, columns] = x!.shape as [number, number];
  const y = backend.makeOutput([rows, columns], 'float32');
  const mean = backend.makeOutput([columns], 'float32');
  const variance = backend.makeOutput([columns], 'float32');
  const mask = maskOf(backend, inputs.mask, rows);
  const native = nativeOf(backend);
  const from = addressOf(backend, x!);
  const [meanAt, varianceAt] = [addressOf(backend, mean), addressOf(backend, variance)];
  withScratch(backend, 8 * columns, (scratch) =>
    native.rowMoments(rows, columns, from, mask.at, mask.count, meanAt, varianceAt, scratch),
  );
  const scale = inverseOf(backend, variance, attrs.epsilon as number);
  const scales = floats(backend, scale);
  const gammas = floats(backend, gamma!);
  for (let c = 0; c < columns; c++) scales[c]! *= gammas[c]!;
  const [scaleAt, shiftAt, to] = [scale, beta!, y].map((t) => addressOf(backend, t)) as [Address, Address, Address];
  native.normalizeRows(rows, columns, from, mask.at, meanAt, scaleAt, shiftAt, to);
  backend.disposeData(scale.dataId);
  const given = inputs.mask;
  if (given === undefined) return [y, mean, variance, backend.makeOutput([0], 'float32')];
  backend.incRef(given.dataId);
  return [y, mean, variance, { dataId: given.dataId, shape: given.shape, dtype: given.dtype }];
}

/** The same inputs with dy, and forward's mean and variance -> dx, dGamma, dBeta. */
function backward({ inputs, backend, attrs }: KernelArguments): tf.TensorInfo[] {
  const { x, dy, gamma, mean, variance } = inputs as Record<string, tf.TensorInfo>;
  const [rows, columns] = x!.shape as [number, number];
  const mask = maskOf(backend, inputs.mask, rows);
  const inverse = inverseOf(backend, variance!, attrs.epsilon as number);
  const outputs = [[rows, columns], [columns], [columns]].map((shape) => backend.makeOutput(shape, 'float32'));
  const native = nativeOf(backend);
  withScratch(backend, 16 * columns, (scratch) => {
    const at = (t: tf.TensorInfo | undefined): Address => addressOf(backend, t!);
    const [dx, dGamma, dBeta] = outputs;
    native.batchNormGrad(
      rows,
      columns,
      at(x),
      at(dy),
      mask.at,
      mask.count,
      at(mean),
      at(inverse),
      at(gamma),
      at(dx),
      at(dGamma),
      at(dBeta),
      scratch,
    );
  });
  backend.disposeData(inverse.dataId);
  return outputs;
}

/** x and dy [..., columns], mean [columns] -> sum(dy) and sum(dy (x - mean)), each [columns]. */
function sums({ inputs, backend }: KernelArguments): tf.TensorInfo[] {
  const { x, dy, mean } = inputs as Record<string, tf.TensorInfo>;
  const columns = mean!.shape[0]!;
  const rows = sizeOf(x!.shape) / columns;
  const outputs = [backend.makeOutput([columns], 'float32'), backend.makeOutput([columns], 'float32')];
  const native = nativeOf(backend);
  withScratch(backend, 16 * columns, (scratch) => {
    const [from, given, centre] = [x!, dy!, mean!].map((t) => addressOf(backend, t)) as [Address, Address, Address];
    native.batchNormSums(rows, columns, from, given, 0, centre, scratch);
    // The float64 sums lie in the memory that the outputs are views of.
    const [a, b] = outputs.map((t) => floats(backend, t)) as [Float32Array, Float32Array];
    const values = new Float64Array(a.buffer, scratch, 2 * columns);
    a.set(values.subarray(0, columns));
    b.set(values.subarray(columns));
  });
  return outputs;
}

const gradFunc: tf.GradFunc = (dys, saved, attrs) => {
  const [x, gamma, mean, variance, given] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const mask = given.shape[0] === x.shape[0] ? { mask: given } : {};
  const dy = (dys as tf.Tensor[])[0]!;
  const [dx, dGamma, dBeta] = tf
    .engine()
    .runKernel('SerKitBatchNormGrad', { x, dy, gamma, mean, variance, ...mask }, attrs) as unknown as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  return { x: () => dx, gamma: () => dGamma, beta: () => dBeta };
};

/** Of the two sums, for gradients of tf.batchNorm()'s gradients. */
const sumsGradFunc: tf.GradFunc = (dys, saved) => {
  const [x, dy, mean] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
  const [dSums, dProducts] = dys as tf.Tensor[] as [tf.Tensor, tf.Tensor];
  const rows = x.shape.slice(0, -1).map((_, axis) => axis);
  return {
    x: () => tf.mul(dy, dProducts),
    dy: () => tf.add(tf.mul(tf.sub(x, mean), dProducts), dSums),
    mean: () => tf.neg(tf.mul(tf.sum(dy, rows), dProducts)),
  };
};

/** Adds the kernels and the gradients; returns what takes them away again. */
export function registerBatchNorm(): () => void {
  const kernels = { SerKitBatchNorm: forward, SerKitBatchNormGrad: backward, SerKitBatchNormSums: sums };
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    registerGuarded(kernelName, kernel);
  }
  tf.registerGradient({
    kernelName: 'SerKitBatchNorm',
    inputsToSave: ['x', 'gamma'],
    outputsToSave: [false, true, true, true],
    gradFunc,
  });
  tf.registerGradient({
    kernelName: 'SerKitBatchNormSums',
    inputsToSave: ['x', 'dy', 'mean'],
    gradFunc: sumsGradFunc,
  });
  return () => {
    for (const kernelName of Object.keys(kernels)) tf.unregisterKernel(kernelName, 'wasm');
    tf.unregisterGradient('SerKitBatchNormSums');
    tf.unregisterGradient('SerKitBatchNorm');
  };
}
