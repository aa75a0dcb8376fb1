import { describe, expect, it } from 'vitest';
import { DimsSlice } from '../../src/layers/dims-slice.ts';

describe('DimsSlice', () => {
  it('takes dimensions that its input has, and refuses others by name', () => {
    const shape = (begin: unknown, size: unknown) =>
      new DimsSlice({ name: 'slice', begin: begin as number, size: size as number }).computeOutputShape([
        null,
        null,
        7,
      ]);
    expect(shape(2, 5)).toEqual([null, null, 5]);
    for (const [begin, size] of [
      [-1, 2],
      [3, 5],
      ['a', 2],
      [0, 0],
      [0, undefined],
    ]) {
      expect(() => shape(begin, size)).toThrow(/^slice: begin and size expected dimensions among 7, got /);
    }
  });
});
