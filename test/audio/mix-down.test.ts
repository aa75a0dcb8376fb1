import { describe, expect, it } from 'vitest';
import { mixDown } from '../../src/audio/mix-down.ts';

describe('mixDown()', () => {
  it('averages the channels of every frame', () => {
    expect([...mixDown(new Float32Array([1, 0, 0.5, -0.5, -1, -1]), 2)]).toEqual([0.5, 0, -1]);
    expect([...mixDown(new Float32Array([3, 0, 0, 0, 3, 3]), 3)]).toEqual([1, 2]);
  });
  it('hands a single channel through', () => {
    const mono = new Float32Array([0.1, 0.2]);
    expect(mixDown(mono, 1)).toBe(mono);
  });
  it('gives nothing for nothing, and leaves out a last frame that is not whole', () => {
    expect(mixDown(new Float32Array(0), 2)).toHaveLength(0);
    expect([...mixDown(new Float32Array([1, 1, 1]), 2)]).toEqual([1]);
  });
});
