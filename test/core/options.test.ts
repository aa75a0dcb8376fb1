import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { isSerKitError } from '../../src/core/errors.ts';
import { count, nonNegative, parseOptions, positive, seedNumber } from '../../src/core/options.ts';

const schema = z.strictObject({
  rate: z.optional(positive),
  name: z.optional(z.enum(['hann', 'hamming'])),
  inner: z.optional(z.strictObject({ depth: count })),
  list: z.optional(z.array(count).check(z.minLength(1), z.maxLength(3))),
  share: z.optional(z.number().check(z.minimum(0), z.lt(1))),
  word: z.optional(z.string().check(z.minLength(2))),
  either: z.optional(z.union([z.literal('balanced'), z.array(nonNegative)])),
  call: z.optional(z.custom((value) => typeof value === 'function', 'a function')),
  odd: z.optional(z.custom((value) => value === 3)),
  seed: z.optional(seedNumber),
  flag: z.optional(z.boolean()),
});
const known = 'rate, name, inner, list, share, word, either, call, odd, seed, flag';

function messageOf(value: unknown): string {
  try {
    parseOptions('createX', schema, value);
  } catch (error) {
    if (!isSerKitError(error)) throw error;
    expect(error.code).toBe('bad-option');
    return error.message;
  }
  return 'no error';
}

describe('parseOptions', () => {
  it('returns what fits, typed', () => {
    const options = { rate: 8000, list: [1, 2], either: 'balanced', inner: { depth: 1 }, call: () => 1 };
    expect(parseOptions('createX', schema, options)).toEqual(options);
    expect(parseOptions('createX', schema, {})).toEqual({});
  });

  it.each([
    [{ rate: '3' }, 'createX: rate expected number, got "3"'],
    [{ rate: Number.NaN }, 'createX: rate expected number, got NaN'],
    [{ rate: Infinity }, 'createX: rate expected number, got Infinity'],
    [{ rate: 0 }, 'createX: rate expected > 0, got 0'],
    [{ flag: 1 }, 'createX: flag expected boolean, got 1'],
    [{ seed: 1.5 }, 'createX: seed expected a whole number, got 1.5'],
    [{ seed: -1 }, 'createX: seed expected >= 0, got -1'],
    [{ seed: 2 ** 53 }, 'createX: seed expected <= 9007199254740991, got 9007199254740992'],
    [{ share: 1 }, 'createX: share expected < 1, got 1'],
    [{ name: 'hanning' }, 'createX: name expected "hann" | "hamming", got "hanning"'],
    [{ inner: {} }, 'createX: inner.depth expected number (required), got nothing'],
    [{ inner: { depth: 0.5 } }, 'createX: inner.depth expected a whole number, got 0.5'],
    [{ inner: { depth: 1, deep: 2 } }, 'createX: unknown option "deep" in inner'],
    [{ list: [] }, 'createX: list expected at least 1 item, got []'],
    [{ list: [1, 2, 3, 4] }, 'createX: list expected at most 3 items, got [1,2,3,4]'],
    [{ list: [1, 0] }, 'createX: list[1] expected > 0, got 0'],
    [{ word: 'a' }, 'createX: word expected at least 2 characters, got "a"'],
    [{ either: 5 }, 'createX: either expected "balanced" or array, got 5'],
    [{ call: 5 }, 'createX: call expected a function, got 5'],
    [{ odd: 4 }, 'createX: odd expected another value, got 4'],
    [{ hop: 1 }, `createX: unknown option "hop" (known: ${known})`],
    [{ hop: 1, hip: 2 }, `createX: unknown option "hop", "hip" (known: ${known})`],
    [null, 'createX: options expected object, got null'],
    [[], 'createX: options expected object, got []'],
    [{ rate: -1, seed: -1 }, 'createX: rate expected > 0, got -1; seed expected >= 0, got -1'],
  ])('of %o names the option, what it expects and what came', (value, message) => {
    expect(messageOf(value)).toBe(message);
  });

  it('refuses a key that would reach the prototype', () => {
    expect(messageOf(JSON.parse('{"__proto__":{"rate":1}}'))).toBe(
      `createX: unknown option "__proto__" (known: ${known})`,
    );
  });

  it('throws with the code it is given, and keeps the cause', () => {
    try {
      parseOptions('a.json', schema, { rate: -1 }, 'bad-format');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'bad-format', message: 'a.json: rate expected > 0, got -1' });
      expect((error as Error).cause).toBeDefined();
    }
  });
});
