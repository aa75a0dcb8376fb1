import { isSerKitError } from '../../src/core/errors.ts';

/** Code and message of the SerKitError that `run` throws; any other error goes on, and none is an error too. */
export function errorOf(run: () => unknown): { code: string; message: string } {
  try {
    run();
  } catch (error) {
    if (isSerKitError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('expected a SerKitError, got none');
}

/** Its code alone; 'none' where nothing is thrown. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isSerKitError(error)) return error.code;
    throw error;
  }
  return 'none';
}
