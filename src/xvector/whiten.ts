import { quote, SerKitError } from '../core/errors.ts';
import { symmetricEigen } from '../dsp/symmetric-eigen.ts';
import { checkBySpeaker } from './embeddings.ts';
import { speakerSums } from './speaker-scatter.ts';
import type { XvectorLayer } from './weights.ts';

/** The share of the mean variance that is added to every direction's, so that one that never varied in training does not count above all. */
const RIDGE = 0.01;

const WHO = 'trainXvector';

/**
 * The embedding's layer with the embeddings' mean taken out and what differs between recordings of one speaker made alike in all directions:
 * (e - mean) W^(-1/2), W the covariance within speakers (within-class covariance normalisation; Hatch, Kajarekar & Stolcke 2006,
 * Interspeech). The cosine between two embeddings then weighs a direction by how little it varies within a speaker. As a map after an affine one it
 * is one with it.
 *
 * @param embeddings  of training clips, as the layer gives them
 * @param speakers  who speaks in each
 * @throws SerKitError 'too-short' where no speaker has two clips, 'not-finite'
 */
export function whitened(
  layer: XvectorLayer,
  embeddings: readonly Float32Array[],
  speakers: readonly string[],
): XvectorLayer {
  const { inputs, outputs: n, kernel, bias } = layer;
  const groups = checkBySpeaker(WHO, embeddings, speakers);
  const freedom = groups.clips - groups.bySpeaker.length;
  if (freedom === 0) throw nobodyTwice(speakers);
  const { mean, within } = speakerSums(embeddings, groups);
  const covariance = within.map((x) => x / freedom);
  const map = inverseRoot(covariance, n);
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

/**
 * Whether how clips of one speaker differ could be learnt from clips of these speakers: known before training.
 *
 * @param speakers  of each clip for training as it was recorded
 * @throws SerKitError 'too-short' where no speaker has two
 */
export function checkForWhitening(speakers: readonly string[]): void {
  if (new Set(speakers).size === speakers.length) throw nobodyTwice(speakers);
}

function nobodyTwice(speakers: readonly string[]): SerKitError {
  const some = speakers.slice(0, 3).map(quote).join(', ');
  const got = `one of each of ${speakers.length} speakers (${some}${speakers.length > 3 ? ', ...' : ''})`;
  return new SerKitError(
    'too-short',
    `${WHO}: clips expected a speaker with two for training beside those held out, got ${got}: how a speaker's clips differ cannot be told; give a third clip of a speaker, or no whitening (whiten: false)`,
  );
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
