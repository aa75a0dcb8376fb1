import { describe, expect, it } from 'vitest';
import { gain, maskTime, someOf } from '../../src/augment/index.ts';
import { drawFrom, drawLogFrom } from '../../src/augment/range.ts';
import { createRandom } from '../../src/core/random.ts';

describe('a range', () => {
  it.each([
    ['x', 'gain: gainDb expected a number from -120 to 120 or [min, max] of such, got "x"'],
    [[1, 'x'], 'gain: gainDb expected a number from -120 to 120 or [min, max] of such, got [1,"x"]'],
    [[1], 'gain: gainDb expected a number from -120 to 120 or [min, max] of such, got [1]'],
    [[1, 2, 3], 'gain: gainDb expected a number from -120 to 120 or [min, max] of such, got [1,2,3]'],
    [null, 'gain: gainDb expected a number from -120 to 120 or [min, max] of such, got null'],
    [Number.NaN, 'gain: gainDb expected a number from -120 to 120 or [min, max] of such, got NaN'],
    [500, 'gain: gainDb expected <= 120, got 500'],
    [[0, 500], 'gain: gainDb[1] expected <= 120, got 500'],
    [[6, -6], 'gain: gainDb expected [min, max] with min <= max, got [6,-6]'],
  ])('that is none is refused in plain words: %j', (gainDb, message) => {
    expect(() => gain({ gainDb: gainDb as number })).toThrow(expect.objectContaining({ message }));
  });

  it('is drawn from evenly, or evenly in its logarithm', () => {
    const random = createRandom(1);
    const draws = Array.from({ length: 4000 }, () => drawFrom([-1, 3], random));
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...draws)).toBeLessThanOrEqual(3);
    expect(draws.filter((x) => x < 0).length / 4000).toBeCloseTo(0.25, 1);
    const logs = Array.from({ length: 4000 }, () => drawLogFrom([0.5, 2], random));
    expect(logs.filter((x) => x < 1).length / 4000).toBeCloseTo(0.5, 1);
    expect(Math.min(...logs)).toBeGreaterThanOrEqual(0.5);
  });
});

describe('other choices', () => {
  it('are refused in plain words', () => {
    expect(() => maskTime({ fill: 'median' as 'mean' })).toThrow(
      `maskTime: fill expected a number or 'mean', got "median"`,
    );
    expect(() => someOf('two' as never, [gain()])).toThrow(
      'someOf: count expected a whole number from 0 to 1 or [least, most] of such (there is 1 transform), got "two"',
    );
  });
});
