import { isSerKitError, SerKitError } from '../core/errors.ts';

// Backends do not agree on how to say that memory ran out. tfjs's wasm backend aborts, or an allocation gives a null pointer
// and a kernel then traps on what it finds there; tfjs-node quotes TensorFlow; browsers have words of their own.
const SIGNS = [
  'Aborted(',
  'divide by zero',
  'memory access out of bounds',
  'Maximum memory size exceeded',
  'Array buffer allocation failed',
  'Invalid typed array length',
  'OOM when allocating',
  'out of memory',
];

/** An 'out-of-memory' error where the one given is a sign of it; any other as it is. */
export function inWordsOfMemory(who: string, error: unknown): unknown {
  if (isSerKitError(error) || !(error instanceof Error)) return error;
  if (!SIGNS.some((sign) => error.message.includes(sign))) return error;
  return new SerKitError('out-of-memory', `${who}: out of memory; take smaller batches or shorter recordings`, {
    cause: error,
  });
}
