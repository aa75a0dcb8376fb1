import { type NdArray, zerosOf } from './reference-arrays.ts';

// The layers of src/models in float64, one clip and one frame at a time. x is [batch, frames, dims] throughout; a mask
// is [clip][frame], true where there is sound.

export type Mask = readonly (readonly boolean[])[];
type Shape3 = readonly [number, number, number];

const isReal = (mask: Mask | undefined, clip: number, frame: number): boolean => mask?.[clip]?.[frame] ?? true;

export function conv1d(x: NdArray, kernel: NdArray, bias: NdArray | undefined, mask?: Mask): NdArray {
  const [batch, frames, dims] = x.shape as Shape3;
  const [size, , filters] = kernel.shape as Shape3;
  const before = Math.floor((size - 1) / 2);
  const y = zerosOf([batch, frames, filters]);
  for (let n = 0; n < batch; n++) {
    for (let t = 0; t < frames; t++) {
      if (!isReal(mask, n, t)) continue;
      for (let f = 0; f < filters; f++) {
        let sum = bias?.data[f] ?? 0;
        for (let k = 0; k < size; k++) {
          const from = t - before + k;
          if (from < 0 || from >= frames || !isReal(mask, n, from)) continue;
          for (let d = 0; d < dims; d++) {
            sum += x.data[(n * frames + from) * dims + d]! * kernel.data[(k * dims + d) * filters + f]!;
          }
        }
        y.data[(n * frames + t) * filters + f] = sum;
      }
    }
  }
  return y;
}

/** The mean and the biased variance of each dimension over the real frames. */
export function frameStatistics(x: NdArray, mask?: Mask): { mean: number[]; variance: number[] } {
  const [batch, frames, dims] = x.shape as Shape3;
  const mean: number[] = [];
  const variance: number[] = [];
  for (let d = 0; d < dims; d++) {
    const values: number[] = [];
    for (let n = 0; n < batch; n++) {
      for (let t = 0; t < frames; t++) if (isReal(mask, n, t)) values.push(x.data[(n * frames + t) * dims + d]!);
    }
    const m = values.reduce((sum, v) => sum + v, 0) / values.length;
    mean.push(m);
    variance.push(values.reduce((sum, v) => sum + (v - m) ** 2, 0) / values.length);
  }
  return { mean, variance };
}

export function batchNorm(
  x: NdArray,
  gamma: NdArray,
  beta: NdArray,
  statistics: { mean: ArrayLike<number>; variance: ArrayLike<number> },
  epsilon: number,
  mask?: Mask,
): NdArray {
  const [, frames, dims] = x.shape as Shape3;
  const y = zerosOf(x.shape);
  y.data.forEach((_, i) => {
    const d = i % dims;
    const row = Math.floor(i / dims);
    if (!isReal(mask, Math.floor(row / frames), row % frames)) return;
    const normal = (x.data[i]! - statistics.mean[d]!) / Math.sqrt(statistics.variance[d]! + epsilon);
    y.data[i] = gamma.data[d]! * normal + beta.data[d]!;
  });
  return y;
}

export function maxPool(x: NdArray, poolSize: number, mask?: Mask): NdArray {
  const [batch, frames, dims] = x.shape as Shape3;
  const groups = Math.ceil(frames / poolSize);
  const y = zerosOf([batch, groups, dims]);
  for (let n = 0; n < batch; n++) {
    for (let g = 0; g < groups; g++) {
      for (let d = 0; d < dims; d++) {
        let largest = Number.NEGATIVE_INFINITY;
        for (let t = g * poolSize; t < Math.min(frames, (g + 1) * poolSize); t++) {
          if (isReal(mask, n, t)) largest = Math.max(largest, x.data[(n * frames + t) * dims + d]!);
        }
        y.data[(n * groups + g) * dims + d] = largest === Number.NEGATIVE_INFINITY ? 0 : largest;
      }
    }
  }
  return y;
}

export function average(x: NdArray, mask?: Mask): NdArray {
  const [batch, frames, dims] = x.shape as Shape3;
  const y = zerosOf([batch, dims]);
  for (let n = 0; n < batch; n++) {
    const real = Array.from({ length: frames }, (_, t) => t).filter((t) => isReal(mask, n, t));
    for (const t of real) {
      for (let d = 0; d < dims; d++) y.data[n * dims + d]! += x.data[(n * frames + t) * dims + d]! / real.length;
    }
  }
  return y;
}

/** The weighted mean and then the deviation (biased, at least `floor`) of each dimension, for one clip. */
function weightedStatistics(x: NdArray, clip: number, weights: readonly number[], floor: number): number[][] {
  const [, frames, dims] = x.shape as Shape3;
  const value = (t: number, d: number): number => x.data[(clip * frames + t) * dims + d]!;
  const sum = (term: (t: number) => number): number => weights.reduce((total, w, t) => total + w * term(t), 0);
  const mean = Array.from({ length: dims }, (_, d) => sum((t) => value(t, d)));
  const variance = mean.map((m, d) => sum((t) => (value(t, d) - m) ** 2));
  return [mean, variance.map((v) => Math.max(Math.sqrt(v), floor))];
}

/** Means and deviations over the real frames. */
export function statistics(x: NdArray, mask?: Mask, floor = 1e-5): NdArray {
  const [batch, frames, dims] = x.shape as Shape3;
  const y = zerosOf([batch, 2 * dims]);
  for (let n = 0; n < batch; n++) {
    const real = Array.from({ length: frames }, (_, t) => Number(isReal(mask, n, t)));
    const count = Math.max(
      real.reduce((sum, r) => sum + r, 0),
      1,
    );
    const weights = real.map((r) => r / count);
    y.data.set(weightedStatistics(x, n, weights, floor).flat(), n * 2 * dims);
  }
  return y;
}

/** The attention weights of every clip and head, [batch, heads, frames]. */
export function attentionWeights(x: NdArray, weights: readonly NdArray[], mask?: Mask): NdArray {
  const [batch, frames, dims] = x.shape as Shape3;
  const [kernel, bias, scoreKernel] = weights as [NdArray, NdArray, NdArray];
  const [hidden, heads] = scoreKernel.shape as readonly [number, number];
  const y = zerosOf([batch, heads, frames]);
  for (let n = 0; n < batch; n++) {
    for (let head = 0; head < heads; head++) {
      const powers = Array.from({ length: frames }, (_, t) => {
        if (!isReal(mask, n, t)) return 0;
        let score = 0;
        for (let u = 0; u < hidden; u++) {
          let z = bias.data[u]!;
          for (let d = 0; d < dims; d++) z += x.data[(n * frames + t) * dims + d]! * kernel.data[d * hidden + u]!;
          score += Math.tanh(z) * scoreKernel.data[u * heads + head]!;
        }
        return Math.exp(score);
      });
      const total = powers.reduce((sum, p) => sum + p, 0);
      powers.forEach((p, t) => {
        y.data[(n * heads + head) * frames + t] = total === 0 ? 0 : p / total;
      });
    }
  }
  return y;
}

/** Attentive pooling: the heads' means, then (with `deviations`) their deviations. */
export function attention(x: NdArray, weights: readonly NdArray[], deviations: boolean, mask?: Mask): NdArray {
  const [batch, frames, dims] = x.shape as Shape3;
  const heads = weights[2]!.shape[1]!;
  const all = attentionWeights(x, weights, mask);
  const width = heads * dims * (deviations ? 2 : 1);
  const y = zerosOf([batch, width]);
  for (let n = 0; n < batch; n++) {
    for (let head = 0; head < heads; head++) {
      const at = (n * heads + head) * frames;
      const [mean, deviation] = weightedStatistics(x, n, Array.from(all.data.subarray(at, at + frames)), 1e-5);
      y.data.set(mean!, n * width + head * dims);
      if (deviations) y.data.set(deviation!, n * width + (heads + head) * dims);
    }
  }
  return y;
}
