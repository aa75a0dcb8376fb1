import { quote, SerKitError } from './errors.ts';

/** True unless a value is NaN or infinite. */
export function allFinite(values: Float32Array): boolean {
  // float64 cannot overflow on float32 numbers, so the sums are finite when they are. Eight a turn, in two sums: additions
  // then need not wait for one another.
  let even = 0;
  let odd = 0;
  let i = 0;
  for (; i < values.length - 7; i += 8) {
    even += values[i]! + values[i + 1]! + (values[i + 2]! + values[i + 3]!);
    odd += values[i + 4]! + values[i + 5]! + (values[i + 6]! + values[i + 7]!);
  }
  for (; i < values.length; i++) even += values[i]!;
  return Number.isFinite(even + odd);
}

/**
 * Refuses values of which one is NaN or infinite.
 *
 * @param expected  the beginning of the message: who expected what
 * @param place  where value number `at` lies, for the message's end
 * @throws SerKitError 'not-finite'
 */
export function checkFinite(expected: string, values: Float32Array, place: (at: number) => string): void {
  if (allFinite(values)) return;
  const at = values.findIndex((x) => !Number.isFinite(x));
  throw new SerKitError('not-finite', `${expected}, got ${values[at]} ${place(at)}`);
}

/** Checks the next samples of a stream. @throws SerKitError 'bad-input', 'not-finite' */
export function checkBlock(who: string, block: Float32Array): void {
  if (!(block instanceof Float32Array)) {
    throw new SerKitError('bad-input', `${who}: push() expected a Float32Array of samples, got ${quote(block)}`);
  }
  checkFinite(`${who}: samples expected finite numbers`, block, (at) => `at sample ${at} of the block`);
}
