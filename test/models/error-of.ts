import { isSerKitError } from '../../src/core/errors.ts';

/** Code and message of the SerKitError that `run` throws or rejects with. */
export async function errorOf(run: () => unknown): Promise<{ code: string; message: string }> {
  try {
    await run();
  } catch (error) {
    if (isSerKitError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('expected a SerKitError, got none');
}
