import { quote, SerKitError } from './errors.ts';
import { allFinite } from './waveform.ts';

/** Frames by dimensions: `data[frame * dims + dim]`, row-major, as tfjs wants a [frames, dims] tensor. A plain object. */
export interface FeatureMatrix {
  readonly data: Float32Array<ArrayBuffer>;
  readonly frames: number;
  readonly dims: number;
  /** What each dimension is, `dims` of them. */
  readonly names?: readonly string[];
}

/** Something prepared once that turns waveforms of one sample rate into matrices. */
export interface Extractor<C> {
  readonly config: Readonly<C>;
  readonly names: readonly string[];
  extract(waveform: { readonly samples: Float32Array<ArrayBuffer>; readonly sampleRate: number }): FeatureMatrix;
}

/**
 * Checks that a matrix is well formed: `data.length === frames * dims`, and every value finite.
 *
 * @throws SerKitError 'bad-input' or 'not-finite' (with the frame and the dimension)
 */
export function checkFeatureMatrix(who: string, matrix: FeatureMatrix): void {
  if (matrix === null || typeof matrix !== 'object' || !(matrix.data instanceof Float32Array)) {
    throw new SerKitError('bad-input', `${who}: expected a FeatureMatrix { data, frames, dims }, got ${quote(matrix)}`);
  }
  const { data, frames, dims } = matrix;
  if (!Number.isInteger(frames) || !Number.isInteger(dims) || frames < 0 || dims < 1 || data.length !== frames * dims) {
    throw new SerKitError(
      'bad-input',
      `${who}: data.length expected frames * dims, got ${data.length} for ${quote(frames)} frames of ${quote(dims)} dims`,
    );
  }
  if (!allFinite(data)) {
    const at = data.findIndex((x) => !Number.isFinite(x));
    throw new SerKitError(
      'not-finite',
      `${who}: features expected finite numbers, got ${data[at]} in frame ${Math.floor(at / dims)}, dimension ${at % dims}`,
    );
  }
}
