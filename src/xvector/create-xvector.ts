import * as tf from '@tensorflow/tfjs-core';
import type { Embedder } from '../core/embedder.ts';
import { quote, SerKitError } from '../core/errors.ts';
import { checkFeatureMatrix, type FeatureMatrix } from '../core/feature-matrix.ts';
import type { Waveform } from '../core/waveform.ts';
import { createXvectorFrontEnd } from './front-ends.ts';
import { checkXvectorWeights, embeddingDims, type XvectorLayer, type XvectorWeights } from './weights.ts';

/** An x-vector network that is ready to run on the current tfjs backend. */
export interface Xvector extends Embedder {
  readonly weights: XvectorWeights;
  /** What the network sees of a recording, [frames, dims]. */
  features(waveform: Waveform): FeatureMatrix;
  /** The embedding of such frames. */
  embed(matrix: FeatureMatrix): Promise<Float32Array<ArrayBuffer>>;
}

/**
 * Prepares an x-vector network (Snyder et al. 2018, "X-vectors: robust DNN embeddings for speaker recognition", ICASSP).
 *
 * @throws SerKitError 'bad-input', 'not-finite' for weights that do not fit each other; extract() throws as features do,
 * and 'too-short'
 */
export function createXvector(weights: XvectorWeights): Xvector {
  const who = 'createXvector';
  checkXvectorWeights(who, weights);
  const dims = weights.frameLayers[0]!.inputs;
  const toFrames = createXvectorFrontEnd(weights.frontEnd, dims);
  const all = [...weights.frameLayers, ...weights.segmentLayers];
  const kernels = all.map(({ kernel, outputs }) => tf.keep(tf.tensor2d(kernel, [kernel.length / outputs, outputs])));
  const apply = (x: tf.Tensor2D, layer: XvectorLayer): tf.Tensor2D => {
    let y: tf.Tensor2D = tf.add(tf.matMul(x, kernels[all.indexOf(layer as never)]!), layer.bias);
    if (layer.slope !== null) y = layer.slope === 0 ? tf.relu(y) : tf.leakyRelu(y, layer.slope);
    return layer.norm === null ? y : tf.add(tf.mul(y, layer.norm.scale), layer.norm.shift);
  };
  const embed = async (matrix: FeatureMatrix): Promise<Float32Array<ArrayBuffer>> => {
    checkFeatureMatrix('embed', matrix);
    if (matrix.dims !== dims) {
      throw new SerKitError('bad-input', `embed: matrix expected ${dims} dims, got ${quote(matrix.dims)}`);
    }
    if (weights.padding !== 'zeros' || matrix.frames < weights.leastFrames) {
      throw new SerKitError('bad-input', 'embed: this padding is not there yet');
    }
    const vector = tf.tidy(() => {
      let x = tf.tensor2d(matrix.data, [matrix.frames, matrix.dims]);
      for (const layer of weights.frameLayers) {
        const [from, to] = [-layer.offsets[0]!, layer.offsets.at(-1)!];
        const padded = tf.pad(x, [
          [from, to],
          [0, 0],
        ]);
        const taps = layer.offsets.map((offset) => tf.slice(padded, [from + offset, 0], [matrix.frames, layer.inputs]));
        x = apply(tf.concat(taps, 1) as tf.Tensor2D, layer);
      }
      const { mean, variance } = tf.moments(x, 0);
      const n = matrix.frames;
      const unbiased = weights.pooling.deviation === 'unbiased' ? n / (n - 1) : 1;
      const deviation = tf.add(
        tf.sqrt(tf.maximum(tf.mul(variance, unbiased), weights.pooling.floor)),
        weights.pooling.added,
      );
      let y: tf.Tensor2D = tf.reshape(tf.concat([mean, deviation] as tf.Tensor1D[]), [1, -1]);
      for (const layer of weights.segmentLayers) y = apply(y, layer);
      return y;
    });
    const values = (await vector.data()) as Float32Array<ArrayBuffer>;
    vector.dispose();
    return values;
  };
  const features = (waveform: Waveform): FeatureMatrix => toFrames(waveform, 'extract');
  return {
    weights,
    dims: embeddingDims(weights),
    features,
    embed,
    extract: (waveform) => embed(features(waveform)),
    async extractBatch(waveforms) {
      const out: Float32Array<ArrayBuffer>[] = [];
      for (const waveform of waveforms) out.push(await embed(features(waveform)));
      return out;
    },
    dispose: () => tf.dispose(kernels),
  };
}
