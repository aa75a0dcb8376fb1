import { quote, SerKitError } from './errors.ts';
import { checkFinite } from './finite.ts';

/** Frames by dimensions: `data[frame * dims + dim]`, row-major, as tfjs wants a [frames, dims] tensor. A plain object. */
export interface FeatureMatrix {
  readonly data: Float32Array<ArrayBuffer>;
  readonly frames: number;
  readonly dims: number;
  /** What each dimension is, `dims` of them. */
  readonly names?: readonly string[];
}

/** How a feature cuts a signal into frames, in samples. */
export interface FeatureFraming {
  readonly frameLength: number;
  readonly hopLength: number;
  /** True: frame t is centred on sample t * hopLength. False: it begins there. */
  readonly center: boolean;
}

/** Something prepared once that turns waveforms of one sample rate into matrices. */
export interface Extractor<C> {
  readonly config: Readonly<C>;
  readonly names: readonly string[];
  /** Features whose framings give equally many frames of every signal can be stacked. */
  readonly framing?: FeatureFraming;
  extract(waveform: { readonly samples: Float32Array<ArrayBuffer>; readonly sampleRate: number }): FeatureMatrix;
  stream?(): FeatureStream;
}

/** An extractor that also takes a signal in blocks. */
export interface StreamingExtractor<C> extends Extractor<C> {
  readonly framing: FeatureFraming;
  /**
   * A stream of its own for one signal that arrives in blocks: together its matrices are, number for number, what
   * extract() gives of the whole.
   *
   * @throws SerKitError 'bad-option' where an option needs the whole clip; the message says which, and what to set
   */
  stream(): FeatureStream;
}

/** A signal's features, as its samples come. */
export interface FeatureStream {
  /** Takes the next samples, any number of them; gives the frames that are decided by now, often none. */
  push(block: Float32Array<ArrayBuffer>): FeatureMatrix;
  /** Ends the signal: gives the frames that waited for what follows. The next push() begins a new signal. */
  flush(): FeatureMatrix;
}

/**
 * Checks that a matrix is well formed: `data.length === frames * dims`, and every value finite.
 *
 * @throws SerKitError 'bad-input' or 'not-finite' (with the frame and the dimension)
 */
export function checkFeatureMatrix(who: string, matrix: FeatureMatrix): void {
  if (matrix === null || typeof matrix !== 'object' || matrix.data === undefined) {
    throw new SerKitError('bad-input', `${who}: expected a FeatureMatrix { data, frames, dims }, got ${quote(matrix)}`);
  }
  if (!(matrix.data instanceof Float32Array)) {
    throw new SerKitError('bad-input', `${who}: data expected a Float32Array, got ${quote(matrix.data)}`);
  }
  const { data, frames, dims } = matrix;
  if (!Number.isInteger(frames) || !Number.isInteger(dims) || frames < 0 || dims < 1 || data.length !== frames * dims) {
    throw new SerKitError(
      'bad-input',
      `${who}: data.length expected frames * dims, got ${data.length} for ${quote(frames)} frames of ${quote(dims)} dims`,
    );
  }
  const place = (at: number): string => `in frame ${Math.floor(at / dims)}, dimension ${at % dims}`;
  checkFinite(`${who}: features expected finite numbers`, data, place);
}
