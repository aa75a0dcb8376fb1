/** What went wrong, as a word that a program can branch on. The message is for people. */
export type SerKitErrorCode =
  /** An option has a wrong type or value, or a name that does not exist. */
  | 'bad-option'
  /** An argument is not what the function works on (wrong shape, wrong type, unequal lengths). */
  | 'bad-input'
  /** Samples or features hold NaN or an infinity. */
  | 'not-finite'
  /** Nothing to work on: no samples, no clips, no labels, an empty file. */
  | 'empty'
  /** Fewer samples, frames or clips than the computation needs. */
  | 'too-short'
  /** A prepared extractor got a waveform of another sample rate. */
  | 'wrong-rate'
  /** Bytes that are not the format expected. */
  | 'bad-format'
  /** The right format, a variant that is not read here. */
  | 'unsupported'
  /** A file that ends before its own header says so. */
  | 'truncated'
  /** A Git LFS pointer lies where the audio should be. */
  | 'git-lfs-pointer'
  /** No such file or folder, or one that cannot be opened. */
  | 'not-found'
  /** Something that would be overwritten. */
  | 'exists'
  /** A saved file whose bytes are not those that were written. */
  | 'altered'
  /** A training checkpoint of another run: other options, examples or network. */
  | 'mismatch'
  /** Saved by a newer version than this one reads. */
  | 'newer-version'
  /** No tfjs backend was chosen, or the one chosen does not start. */
  | 'no-backend'
  /** A file or folder that cannot be written: no permission, a full disk, or a file where a folder has to be. */
  | 'not-writable'
  /** More memory asked for than there is. */
  | 'out-of-memory'
  /** Numbers that left the finite range while computing (a loss, an activation). */
  | 'diverged'
  /** The caller's AbortSignal fired. */
  | 'aborted';

/**
 * The one error type that ser-kit throws. `code` is stable and meant for programs; `message` names the function,
 * says what was expected and quotes what came; `cause` keeps the error underneath, where there was one.
 *
 * @example
 * try {
 *   decodeWav(new Uint8Array(10));
 * } catch (error) {
 *   if (isSerKitError(error)) console.log(error.code, error.message);
 * }
 */
export class SerKitError extends Error {
  override readonly name = 'SerKitError';
  readonly code: SerKitErrorCode;

  constructor(code: SerKitErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/**
 * True for a SerKitError, also one thrown by a second copy of the package.
 *
 * @example
 * isSerKitError(new SerKitError('empty', 'mine: expected samples, got none')); // true
 */
export function isSerKitError(error: unknown): error is SerKitError {
  return error instanceof Error && error.name === 'SerKitError' && 'code' in error;
}

/** A value as it is quoted in an error message: short, on one line. */
export function quote(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined) {
    return String(value);
  }
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (ArrayBuffer.isView(value))
    return `${value.constructor.name}(${'length' in value ? value.length : value.byteLength})`;
  if (value instanceof ArrayBuffer) return `ArrayBuffer(${value.byteLength})`;
  if (Array.isArray(value)) {
    // Arrays inside are not gone into: they may be long, or hold themselves.
    const text = `[${value.slice(0, 31).map((item) => (Array.isArray(item) ? '[...]' : quote(item)))}]`;
    return text.length <= 60 ? text : `an array of ${value.length}`;
  }
  if (typeof value === 'object') {
    const name = value.constructor?.name;
    if (name !== undefined && name !== 'Object') return `a ${name}`;
    return `an object with keys ${Object.keys(value).slice(0, 6).join(', ') || '(none)'}`;
  }
  return String(value);
}
