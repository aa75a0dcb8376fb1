import { isSerKitError } from '../core/errors.ts';
import { withoutFunction } from './failure.ts';

/** What went wrong with one file among several, as it stands in --json. */
export interface FileError {
  readonly code: string;
  readonly message: string;
}

/** The error about a file, its message beginning with the file's name; what is not a SerKitError goes on. */
export function fileErrorOf(file: string, error: unknown): FileError {
  if (!isSerKitError(error)) throw error;
  const found = withoutFunction(error.message.replace(/^\w+: /, ''));
  return { code: error.code, message: error.message.startsWith(file) ? error.message : `${file}: ${found}` };
}
