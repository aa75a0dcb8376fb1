import { describe, expect, it } from 'vitest';
import { createRandom, gaussian } from '../../src/core/random.ts';
import { detectionErrors, equalErrorRate } from '../../src/metrics/index.ts';
import { detCurveSvg } from '../../src/report/index.ts';
import { probit } from '../../src/report/probit.ts';
import { errorOf } from '../support/error-of.ts';

describe('detectionErrors()', () => {
  it('go from letting nothing in to letting all in, equal scores being one point', () => {
    const { falseAlarm, miss } = detectionErrors([0.9, 0.8, 0.3, 0.3], [true, false, true, false]);
    expect([...falseAlarm]).toEqual([0, 0, 0.5, 1]);
    expect([...miss]).toEqual([1, 0.5, 0.5, 0]);
  });
});

describe('probit()', () => {
  it("is the inverse of the normal distribution, as SciPy's norm.ppf gives it", () => {
    const expected = { 0.0005: -3.2905267, 0.05: -1.6448536, 0.4: -0.2533471, 0.5: 0, 0.85: 1.0364334 };
    for (const [share, value] of Object.entries(expected)) expect(probit(Number(share))).toBeCloseTo(value, 4);
  });
});

describe('detCurveSvg()', () => {
  const random = createRandom(1);
  const same = Array.from({ length: 20_000 }, (_, i) => i % 2 === 0);
  const scores = same.map((value) => gaussian(random) + (value ? 2 : 0));
  const curve = { name: 'a < b', ...detectionErrors(scores, same), equalErrorRate: equalErrorRate(scores, same) };
  const points = (svg: string): number[][] =>
    [...svg.match(/<path d="([^"]*)"/)![1]!.matchAll(/[ML]([\d.-]+) ([\d.-]+)/g)].map(([, x, y]) => [+x!, +y!]);
  it('draws a straight line of normally distributed scores, with its name and rate beside it', () => {
    const svg = detCurveSvg([curve]);
    expect(svg).toContain('a &lt; b, EER 15.');
    const drawn = points(svg);
    expect(drawn.length).toBeGreaterThan(50);
    // Both deviations are 1: x + 1 * (downwards y) stays where it is but for chance.
    const middle = drawn.filter(([x, y]) => x! > 150 && x! < 450 && y! > 120 && y! < 420);
    const offsets = middle.map(([x, y]) => x! - y!);
    expect(Math.max(...offsets) - Math.min(...offsets)).toBeLessThan(25);
    for (const [x, y] of drawn) {
      expect(x).toBeGreaterThanOrEqual(74);
      expect(x).toBeLessThanOrEqual(514);
      expect(y).toBeGreaterThanOrEqual(52);
      expect(y).toBeLessThanOrEqual(492);
    }
  });
  it('has a small picture of many points, and one of scores without errors', () => {
    expect(detCurveSvg([curve]).length).toBeLessThan(20_000);
    const perfect = { name: 'perfect', ...detectionErrors([2, 1], [true, false]), equalErrorRate: 0 };
    expect(detCurveSvg([perfect])).toMatch(/perfect, EER 0\.0 %/);
  });
  it('refuses no curves, unequal lengths, what is no share, and unknown options', () => {
    expect(errorOf(() => detCurveSvg([]))).toMatchObject({ code: 'empty' });
    expect(errorOf(() => detCurveSvg([{ ...curve, miss: [1] }])).message).toMatch(/"a < b": miss expected as many/);
    expect(errorOf(() => detCurveSvg([{ name: 'n', falseAlarm: [2], miss: [0] }])).message).toMatch(/got 2$/);
    expect(errorOf(() => detCurveSvg([{ ...curve, equalErrorRate: 5 }])).message).toMatch(
      /equalErrorRate expected a share in \[0, 1\], got 5$/,
    );
    expect(errorOf(() => detCurveSvg([null as never]))).toMatchObject({ code: 'bad-input' });
    expect(errorOf(() => detCurveSvg(Array(7).fill(curve)))).toMatchObject({ code: 'bad-input' });
    expect(errorOf(() => detCurveSvg([curve], { colour: 1 } as never))).toMatchObject({ code: 'bad-option' });
  });
});
