import * as tf from '@tensorflow/tfjs-core';

// tfjs has one gradient an operation for all backends. Three of its own waste most of a batch norm's time on wasm (the
// gradient of a mean makes an array of ones in JavaScript, and uploads it); here they are wrapped: on wasm another way to the same
// numbers, on every other backend what stood there.

type GradFunc = tf.GradFunc;

/**
 * dy of a sum, spread over what was summed. Its own gradient is the sum again: that of tf.tile() is a slice and an addition for
 * each repetition, and ends at four axes.
 */
function spread(dy: tf.Tensor, shape: readonly number[], axis: number | number[]): tf.Tensor {
  const axes = tf.util.parseAxisParam(axis, [...shape]);
  const kept = shape.map((n, i) => (axes.includes(i) ? 1 : n));
  const reps = shape.map((n, i) => (axes.includes(i) ? n : 1));
  return tf.customGrad((given) => ({
    value: tf.tile(tf.reshape(given as tf.Tensor, kept), reps),
    gradFunc: (dSpread: tf.Tensor) => tf.reshape(tf.sum(dSpread, axes), dy.shape),
  }))(dy);
}

const sum: GradFunc = (dy, saved, attrs) => {
  const x = saved[0]!;
  return { x: () => spread(dy as tf.Tensor, x.shape, attrs.axis as number[]) };
};

const mean: GradFunc = (dy, saved, attrs) => {
  const x = saved[0]!;
  const axes = tf.util.parseAxisParam(attrs.axis as number[], x.shape);
  const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  return { x: () => spread(tf.div(dy as tf.Tensor, count), x.shape, axes) };
};

/** With s = sum(dy) and p = sum(dy (x - mean)) a channel, every gradient is one product. */
const fusedBatchNorm: GradFunc = (dyAny, saved, attrs) => {
  const [x, mean, variance, scale] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const dy = dyAny as tf.Tensor;
  const inverse = tf.rsqrt(tf.add(variance, attrs.varianceEpsilon as number));
  const factor = tf.mul(inverse, scale);
  const runs = tf.engine().runKernel('SerKitBatchNormSums', { x, dy, mean }) as unknown as tf.Tensor[];
  const [sums, products] = runs as [tf.Tensor, tf.Tensor];
  return {
    x: () => tf.mul(dy, factor),
    mean: () => tf.neg(tf.mul(sums, factor)),
    variance: () => tf.mul(tf.mul(products, factor), tf.mul(tf.square(inverse), -0.5)),
    scale: () => tf.mul(products, inverse),
    offset: () => tf.clone(sums),
  };
};

/** Whether the above holds: one mean, variance and scale a channel. */
const perChannel = (saved: readonly tf.Tensor[]): boolean => {
  const [x, ...rows] = saved;
  return rows.length === 3 && rows.every((row) => row?.rank === 1 && row.size === x?.shape.at(-1)) && x!.size > 0;
};

const replacements: Record<string, { gradFunc: GradFunc; fits: (saved: readonly tf.Tensor[]) => boolean }> = {
  Sum: { gradFunc: sum, fits: ([x]) => x!.rank > 0 && x!.dtype === 'float32' },
  Mean: { gradFunc: mean, fits: ([x]) => x!.rank > 0 && x!.dtype === 'float32' },
  FusedBatchNorm: { gradFunc: fusedBatchNorm, fits: perChannel },
};

interface Replaced {
  readonly ours: tf.GradConfig;
  readonly previous: tf.GradConfig;
}

const replaced = new Map<string, Replaced>();

function register(config: tf.GradConfig): void {
  tf.unregisterGradient(config.kernelName);
  tf.registerGradient(config);
}

/**
 * Sees to it that an operation's gradient is ours. The kernels call it as they run, before tfjs looks for the gradient:
 * tfjs registers its own whenever tfjs-layers is loaded, which may be later than this package.
 */
export function keepGradient(kernelName: string): void {
  const now = tf.getGradient(kernelName);
  if (now === undefined || now === replaced.get(kernelName)?.ours) return;
  const { gradFunc, fits } = replacements[kernelName]!;
  const ours: tf.GradConfig = {
    ...now,
    gradFunc: (dy, saved, attrs) =>
      (tf.getBackend() === 'wasm' && fits(saved) ? gradFunc : now.gradFunc)(dy, saved, attrs),
  };
  register(ours);
  replaced.set(kernelName, { ours, previous: now });
}

/** Puts back what tfjs had registered. */
export function restoreGradients(): void {
  for (const [kernelName, { ours, previous }] of replaced) {
    if (tf.getGradient(kernelName) === ours) register(previous);
  }
  replaced.clear();
}
