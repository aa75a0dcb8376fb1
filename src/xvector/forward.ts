import * as tf from '@tensorflow/tfjs-core';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import { withBackend } from '../layers/with-backend.ts';
import { breathe } from '../models/breathe.ts';
import { applyFrameLayer, applyLayer, type LayerTensors, type Rows } from './frame-forward.ts';
import { type FrameStatistics, mergeStatistics, rowStatistics, writePooled } from './pooling.ts';
import { type PreparedLayer, prepareLayers } from './prepared-layers.ts';
import { type Stretch, stretchesOf } from './stretches.ts';
import { embeddingDims, type XvectorWeights } from './weights.ts';

/** Frames that go through the network at once, about: activations of 1,500 channels are then 12 MB. */
const FRAMES_AT_ONCE = 2000;

/** The network itself, from frames to embeddings, on the tfjs backend. */
export interface Forward {
  /** The embeddings of clips' frames, each of which the network can take: see fewestFrames(). */
  run(matrices: readonly FeatureMatrix[]): Promise<Float32Array<ArrayBuffer>[]>;
  dispose(): void;
}

/** @throws SerKitError 'no-backend' */
export function createForward(who: string, weights: XvectorWeights): Forward {
  const prepared = prepareLayers(weights);
  const { padding, pooling } = weights;
  const kept: tf.Tensor[] = [];
  const keep = <T extends tf.Tensor>(tensor: T): T => {
    kept.push(tf.keep(tensor));
    return tensor;
  };
  const tensorsOf = ({ kernel, bias, outputs, slope, norm }: PreparedLayer): LayerTensors => ({
    kernel: keep(tf.tensor2d(kernel, [kernel.length / outputs, outputs])),
    bias: keep(tf.tensor1d(bias)),
    slope,
    norm: norm && { scale: keep(tf.tensor1d(norm.scale)), shift: keep(tf.tensor1d(norm.shift)) },
  });
  const { frameLayers, segmentLayers } = withBackend(who, () => {
    try {
      return {
        frameLayers: prepared.frameLayers.map((layer) => ({ offsets: layer.offsets, tensors: tensorsOf(layer) })),
        segmentLayers: prepared.segmentLayers.map(tensorsOf),
      };
    } catch (error) {
      tf.dispose(kept);
      throw error;
    }
  });
  const channels = prepared.frameLayers.at(-1)!.outputs;

  /** The means and variances of some stretches' frames before the last norm, [stretches x 2, channels]. */
  const statisticsOf = (pieces: readonly Piece[]): tf.Tensor2D =>
    tf.tidy(() => {
      const stretches = pieces.map(({ stretch }) => stretch);
      let rows = framesOf(pieces);
      frameLayers.forEach(({ offsets, tensors }, layer) => {
        // What went into the layer is given back as soon as it has gone through.
        const through = tf.tidy(() => {
          const { x, starts } = applyFrameLayer(rows, stretches, layer, offsets, tensors, padding);
          return { x, starts: [...starts] };
        });
        rows.x.dispose();
        rows = through;
      });
      return tf.concat(
        stretches.map(({ ranges }, i) => {
          const { from, to } = ranges.at(-1)!;
          const alone = rows.x.shape[0] === to - from;
          return rowStatistics(alone ? rows.x : tf.slice(rows.x, [rows.starts[i]!, 0], [to - from, channels]));
        }),
      );
    });

  const embeddings = (pooled: Float32Array, count: number): tf.Tensor2D =>
    tf.tidy(() => {
      let y = tf.tensor2d(pooled, [count, 2 * channels]);
      for (const layer of segmentLayers) y = applyLayer(y, layer);
      return y;
    });

  return {
    async run(matrices) {
      const found: (FrameStatistics | undefined)[] = matrices.map(() => undefined);
      const pieces = matrices.flatMap((matrix, clip) =>
        stretchesOf(weights, matrix.frames, FRAMES_AT_ONCE).map((stretch) => ({ clip, matrix, stretch })),
      );
      for (const group of inGroups(pieces)) {
        const values = await take(statisticsOf(group));
        group.forEach(({ clip, stretch }, i) => {
          const { from, to } = stretch.ranges.at(-1)!;
          const [mean, variance] = [2 * i, 2 * i + 1].map((row) =>
            values.subarray(row * channels, (row + 1) * channels),
          );
          found[clip] = mergeStatistics(found[clip], { frames: to - from, mean: mean!, variance: variance! });
        });
        await breathe();
      }
      const pooled = new Float32Array(matrices.length * 2 * channels);
      found.forEach((statistics, i) => {
        writePooled(statistics!, prepared.pooledNorm, pooling, pooled, i * 2 * channels);
      });
      const all = await take(embeddings(pooled, matrices.length));
      const dims = embeddingDims(weights);
      return matrices.map((_, i) => all.slice(i * dims, (i + 1) * dims));
    },
    dispose: () => tf.dispose(kept),
  };
}

/** A stretch, and the clip that it is of. */
interface Piece {
  readonly clip: number;
  readonly matrix: FeatureMatrix;
  readonly stretch: Stretch;
}

/** Neighbours together, up to FRAMES_AT_ONCE. */
function inGroups(pieces: readonly Piece[]): Piece[][] {
  const groups: Piece[][] = [];
  let frames = Number.POSITIVE_INFINITY;
  for (const piece of pieces) {
    const { from, to } = piece.stretch.ranges[0]!;
    frames += to - from;
    if (frames > FRAMES_AT_ONCE) {
      groups.push([]);
      frames = to - from;
    }
    groups.at(-1)!.push(piece);
  }
  return groups;
}

/** The frames that go into the first layer. */
function framesOf(pieces: readonly Piece[]): Rows {
  const dims = pieces[0]!.matrix.dims;
  const starts: number[] = [];
  let count = 0;
  for (const { stretch } of pieces) {
    starts.push(count);
    count += stretch.ranges[0]!.to - stretch.ranges[0]!.from;
  }
  const values = new Float32Array(count * dims);
  pieces.forEach(({ matrix, stretch }, i) => {
    const { from, to } = stretch.ranges[0]!;
    values.set(matrix.data.subarray(from * dims, to * dims), starts[i]! * dims);
  });
  return { x: tf.tensor2d(values, [count, dims]), starts };
}

/** A tensor's numbers; the tensor is disposed. */
async function take(tensor: tf.Tensor): Promise<Float32Array<ArrayBuffer>> {
  try {
    return (await tensor.data()) as Float32Array<ArrayBuffer>;
  } finally {
    tensor.dispose();
  }
}
