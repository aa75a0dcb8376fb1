import type { FeatureMatrix } from '../core/feature-matrix.ts';
import type { XvectorWeights } from './weights.ts';

/** Frames whose embedding counts by `weight` in its clip's. */
export interface Chunk {
  readonly matrix: FeatureMatrix;
  readonly weight: number;
}

/**
 * What of a clip goes through the network by itself, as Kaldi's nnet3-xvector-compute has it: chunks of `chunkFrames`, the last
 * with what is left; one that is shorter than `fewest` has its first and last frame repeated, the last once more where the number
 * is odd, and counts by the frames that it had. Without repeating, it is left out: none may remain.
 */
export function chunksOf({ chunkFrames, short }: XvectorWeights, matrix: FeatureMatrix, fewest: number): Chunk[] {
  const { data, frames, dims } = matrix;
  const length = chunkFrames === null ? frames : Math.min(frames, chunkFrames);
  const chunks: Chunk[] = [];
  for (let from = 0; from < frames; from += length) {
    const weight = Math.min(length, frames - from);
    const own = data.subarray(from * dims, (from + weight) * dims);
    if (weight >= fewest) chunks.push({ matrix: { data: own, frames: weight, dims }, weight });
    else if (short === 'repeat') chunks.push({ matrix: repeated(own, weight, dims, fewest), weight });
  }
  return chunks;
}

function repeated(own: Float32Array, frames: number, dims: number, fewest: number): FeatureMatrix {
  const before = Math.floor((fewest - frames) / 2);
  const data = new Float32Array(fewest * dims);
  for (let frame = 0; frame < fewest; frame++) {
    const source = Math.min(Math.max(frame - before, 0), frames - 1);
    data.set(own.subarray(source * dims, (source + 1) * dims), frame * dims);
  }
  return { data, frames: fewest, dims };
}
