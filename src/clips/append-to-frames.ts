import type { FeatureMatrix } from '../core/feature-matrix.ts';

/** [frames, dims + values.length]: every frame followed by the same values, such as an embedding of the whole clip. */
export function appendToFrames({ data, frames, dims }: FeatureMatrix, values: Float32Array): FeatureMatrix {
  const width = dims + values.length;
  const all = new Float32Array(frames * width);
  for (let t = 0; t < frames; t++) {
    all.set(data.subarray(t * dims, (t + 1) * dims), t * width);
    all.set(values, t * width + dims);
  }
  return { data: all, frames, dims: width };
}

/** [frames, dims - count]: what appendToFrames() was given. */
export function withoutAppended({ data, frames, dims }: FeatureMatrix, count: number): FeatureMatrix {
  const width = dims - count;
  const own = new Float32Array(frames * width);
  for (let t = 0; t < frames; t++) own.set(data.subarray(t * dims, t * dims + width), t * width);
  return { data: own, frames, dims: width };
}
