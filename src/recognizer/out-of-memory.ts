import { isSerKitError, SerKitError } from '../core/errors.ts';

// tfjs's wasm backend does not say that its memory ran out: it aborts, or an allocation gives a null pointer and a kernel
// then traps on what it finds there.
const SIGNS = [
  'Aborted(',
  'divide by zero',
  'memory access out of bounds',
  'Array buffer allocation failed',
  'Invalid typed array length',
];

/** An 'out-of-memory' error where the one given is a sign of it; any other as it is. */
export function inWordsOfMemory(who: string, error: unknown): unknown {
  if (isSerKitError(error) || !(error instanceof Error)) return error;
  if (!SIGNS.some((sign) => error.message.includes(sign))) return error;
  return new SerKitError('out-of-memory', `${who}: out of memory; take smaller batches or shorter recordings`, {
    cause: error,
  });
}
