import { SerKitError } from '../core/errors.ts';
import { symmetricEigen } from '../dsp/symmetric-eigen.ts';
import type { XvectorLayer } from './weights.ts';

/** The share of the mean variance that is added to every direction's, so that one that never varied in training does not count above all. */
const RIDGE = 0.01;

/**
 * The embedding's layer with the embeddings' mean taken out and what differs between recordings of one speaker made alike in all directions:
 * (e - mean) W^(-1/2), W the covariance within speakers (within-class covariance normalisation; Hatch, Kajarekar & Stolcke 2006,
 * Interspeech). The cosine between two embeddings then weighs a direction by how little it varies within a speaker. As a map after an affine one it
 * is one with it.
 *
 * @param embeddings  of training clips, as the layer gives them
 * @param speakers  who speaks in each
 * @throws SerKitError 'too-short' where no speaker has two clips
 */
export function whitened(
  layer: XvectorLayer,
  embeddings: readonly Float32Array[],
  speakers: readonly string[],
): XvectorLayer {
  const { inputs, outputs: n, kernel, bias } = layer;
  const mean = meanOf(embeddings, n);
  const map = inverseRoot(covarianceWithin(embeddings, speakers, n), n);
  const product = (row: ArrayLike<number>, from: number, out: Float32Array, to: number): void => {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += row[from + i]! * map[i * n + j]!;
      out[to + j] = sum;
    }
  };
  const newKernel = new Float32Array(kernel.length);
  for (let k = 0; k < inputs; k++) product(kernel, k * n, newKernel, k * n);
  const newBias = new Float32Array(n);
  product(
    mean.map((m, i) => bias[i]! - m),
    0,
    newBias,
    0,
  );
  return { ...layer, kernel: newKernel, bias: newBias };
}

function meanOf(vectors: readonly Float32Array[], n: number): Float64Array {
  const mean = new Float64Array(n);
  for (const vector of vectors) for (let i = 0; i < n; i++) mean[i]! += vector[i]! / vectors.length;
  return mean;
}

/** [n, n], over the speakers who have two clips or more. */
function covarianceWithin(embeddings: readonly Float32Array[], speakers: readonly string[], n: number): Float64Array {
  const own = new Map<string, Float32Array[]>();
  for (const [i, speaker] of speakers.entries()) {
    const theirs = own.get(speaker) ?? [];
    theirs.push(embeddings[i]!);
    own.set(speaker, theirs);
  }
  const sum = new Float64Array(n * n);
  const centred = new Float64Array(n);
  let count = 0;
  for (const theirs of own.values()) {
    if (theirs.length < 2) continue;
    const mean = meanOf(theirs, n);
    for (const vector of theirs) {
      for (let i = 0; i < n; i++) centred[i] = vector[i]! - mean[i]!;
      for (let i = 0; i < n; i++) {
        for (let j = 0; j <= i; j++) sum[i * n + j]! += centred[i]! * centred[j]!;
      }
    }
    count += theirs.length - 1;
  }
  if (count === 0) {
    throw new SerKitError('too-short', 'trainXvector: expected a speaker with two training clips or more, got none');
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      sum[i * n + j]! /= count;
      sum[j * n + i] = sum[i * n + j]!;
    }
  }
  return sum;
}

/** Of a covariance with a ridge: V diag(1 / sqrt(values)) V'. */
function inverseRoot(covariance: Float64Array, n: number): Float64Array {
  let trace = 0;
  for (let i = 0; i < n; i++) trace += covariance[i * n + i]!;
  // Where all clips of each speaker have one embedding there is nothing to make alike.
  const ridge = trace > 0 ? (RIDGE * trace) / n : 1;
  const { values, vectors } = symmetricEigen(covariance, n);
  const out = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    const factor = 1 / Math.sqrt(Math.max(values[k]!, 0) + ridge);
    for (let i = 0; i < n; i++) {
      const scaled = factor * vectors[k * n + i]!;
      for (let j = 0; j < n; j++) out[i * n + j]! += scaled * vectors[k * n + j]!;
    }
  }
  return out;
}
