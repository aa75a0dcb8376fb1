import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Hash } from '../../src/models/hash.ts';

const hashOf = (bytes: Uint8Array): string => new Hash().bytes(bytes).digest();

describe('Hash', () => {
  it('gives sixteen digits, the same for the same bytes anywhere in a buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(7), (bytes, offset) => {
        const buffer = new Uint8Array(bytes.length + 8);
        buffer.set(bytes, offset);
        expect(hashOf(bytes)).toMatch(/^[0-9a-f]{16}$/);
        expect(hashOf(buffer.subarray(offset, offset + bytes.length))).toBe(hashOf(bytes));
        expect(hashOf(Buffer.from(buffer.buffer, offset, bytes.length))).toBe(hashOf(bytes));
      }),
    );
  });

  it('tells bytes apart by every bit, by their order and by zeros at the end', () => {
    const seen = new Set<string>();
    const bytes = Uint8Array.from({ length: 13 }, (_, i) => 17 * i);
    seen.add(hashOf(bytes));
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const turned = bytes.slice();
      turned[bit >> 3]! ^= 1 << (bit & 7);
      seen.add(hashOf(turned));
    }
    for (const length of [0, 1, 2, 3, 4, 5, 8]) seen.add(hashOf(new Uint8Array(length)));
    seen.add(hashOf(bytes.slice().reverse()));
    expect(seen.size).toBe(1 + 104 + 7 + 1);
  });

  it('has no two alike among 100,000 numbers', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 100_000; i++) seen.add(new Hash().word(i).digest());
    expect(seen.size).toBe(100_000);
  });
});
