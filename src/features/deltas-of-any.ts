import type { FeatureMatrix } from '../core/feature-matrix.ts';
import { deltas } from './deltas.ts';

/** The width of deltas in recipes: librosa's default. */
export const DELTA_WIDTH = 9;

/** Deltas of width 9; a matrix too short for them is first continued at both ends by its first and last frame. */
export function deltasOfAny(matrix: FeatureMatrix, order: 1 | 2): FeatureMatrix {
  if (matrix.frames >= DELTA_WIDTH) return deltas(matrix, { order, width: DELTA_WIDTH });
  const { frames, dims } = matrix;
  const beside = (DELTA_WIDTH - 1) / 2;
  const data = new Float32Array((frames + 2 * beside) * dims);
  for (let t = 0; t < frames + 2 * beside; t++) {
    const from = Math.min(frames - 1, Math.max(0, t - beside)) * dims;
    data.set(matrix.data.subarray(from, from + dims), t * dims);
  }
  const long = deltas({ data, frames: frames + 2 * beside, dims }, { order, width: DELTA_WIDTH });
  return { data: long.data.slice(beside * dims, (beside + frames) * dims), frames, dims };
}
