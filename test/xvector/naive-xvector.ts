import type { FeatureMatrix } from '../../src/core/feature-matrix.ts';
import type { XvectorFrameLayer, XvectorLayer, XvectorWeights } from '../../src/xvector/weights.ts';

// The network as its papers write it, frame by frame in float64, with nothing fused, folded or cut: what the fast one is held
// against. One clip, no chunks.

type Rows = number[][];

/** The embedding of a clip that is long enough. */
export function naiveEmbedding(weights: XvectorWeights, { data, frames, dims }: FeatureMatrix): number[] {
  let rows: Rows = Array.from({ length: frames }, (_, t) => [...data.subarray(t * dims, (t + 1) * dims)]);
  for (const layer of weights.frameLayers) rows = frameLayer(rows, layer, weights.padding);
  const { deviation, added, floor } = weights.pooling;
  const means = rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
  const deviations = means.map((mean, i) => {
    const squares = rows.reduce((sum, row) => sum + (row[i]! - mean) ** 2, 0);
    return Math.sqrt(Math.max(squares / (deviation === 'unbiased' ? rows.length - 1 : rows.length), floor)) + added;
  });
  let vector = [...means, ...deviations];
  for (const layer of weights.segmentLayers) vector = affine([vector], layer);
  return vector;
}

function frameLayer(rows: Rows, layer: XvectorFrameLayer, padding: XvectorWeights['padding']): Rows {
  const { offsets } = layer;
  const last = rows.length - 1;
  const zeros = new Array<number>(layer.inputs).fill(0);
  const at = (t: number): number[] => {
    if (t >= 0 && t <= last) return rows[t]!;
    if (padding === 'zeros') return zeros;
    return rows[t < 0 ? -t : 2 * last - t]!;
  };
  const from = padding === 'valid' ? -offsets[0]! : 0;
  const to = padding === 'valid' ? last - offsets.at(-1)! : last;
  const out: Rows = [];
  for (let t = from; t <= to; t++)
    out.push(
      affine(
        offsets.map((offset) => at(t + offset)),
        layer,
      ),
    );
  return out;
}

function affine(taps: Rows, { kernel, bias, outputs, slope, norm }: XvectorLayer): number[] {
  const inputs = taps.flat();
  return Array.from(bias, (start, o) => {
    let y = start;
    inputs.forEach((x, i) => {
      y += x * kernel[i * outputs + o]!;
    });
    if (slope !== null && y < 0) y *= slope;
    return norm === null ? y : y * norm.scale[o]! + norm.shift[o]!;
  });
}
