import type { XvectorLayer, XvectorWeights } from './weights.ts';

/** A layer as it is run: y = rectifier(x kernel + bias), then the norm, where it could not be moved into what follows. */
export interface PreparedLayer {
  /** [offsets x inputs, outputs], row-major. */
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  readonly inputs: number;
  readonly outputs: number;
  readonly slope: number | null;
  readonly norm: XvectorLayer['norm'];
}

/** A network as it is run. */
export interface PreparedLayers {
  readonly frameLayers: readonly (PreparedLayer & { readonly offsets: readonly number[] })[];
  /** The last frame layer's norm, which is applied to the pooled means and variances. */
  readonly pooledNorm: XvectorLayer['norm'];
  readonly segmentLayers: readonly PreparedLayer[];
}

/**
 * The network with each norm moved into the layer behind it: that sees norm(h) = h * scale + shift, so that its kernel's rows
 * take the scale and its bias the shift. It is the same function, also where frames are mirrored; where zeros surround them, the
 * norm stays where it is, as it does not apply to the zeros. Summed in float64.
 */
export function prepareLayers({ frameLayers, segmentLayers, padding }: XvectorWeights): PreparedLayers {
  let before: XvectorLayer['norm'] = null;
  const prepared = frameLayers.map((layer, i) => {
    const next = frameLayers[i + 1];
    const reachesOut = next !== undefined && (next.offsets.length > 1 || next.offsets[0] !== 0);
    const stays = padding === 'zeros' && reachesOut;
    const { kernel, bias } = withNorm(layer, before);
    before = stays ? null : layer.norm;
    const { inputs, outputs, slope, offsets } = layer;
    return { kernel, bias, inputs, outputs, slope, offsets, norm: stays ? layer.norm : null };
  });
  const pooledNorm = before;
  before = null;
  const segments = segmentLayers.map((layer) => {
    const { kernel, bias } = withNorm(layer, before);
    before = layer.norm;
    const { inputs, outputs, slope } = layer;
    return { kernel, bias, inputs, outputs, slope, norm: null };
  });
  return { frameLayers: prepared, pooledNorm, segmentLayers: segments };
}

/** A layer's kernel and bias with the norm of the layer before it in them. */
function withNorm(
  { kernel, bias, inputs, outputs }: XvectorLayer,
  before: XvectorLayer['norm'],
): { readonly kernel: Float32Array; readonly bias: Float32Array } {
  if (before === null) return { kernel, bias };
  const { scale, shift } = before;
  const scaled = new Float32Array(kernel.length);
  const sums = Float64Array.from(bias);
  for (let row = 0; row < kernel.length / outputs; row++) {
    const input = row % inputs;
    for (let o = 0, at = row * outputs; o < outputs; o++, at++) {
      scaled[at] = kernel[at] * scale[input];
      sums[o] += kernel[at] * shift[input];
    }
  }
  return { kernel: scaled, bias: Float32Array.from(sums) };
}
