import { describe, expect, it } from 'vitest';
import { filterBiquads } from '../../src/dsp/biquad.ts';
import { butterworth } from '../../src/dsp/butterworth.ts';
import { filtersFixture, pseudoNumbers, unpack } from '../augment/filter-support.ts';

const { filters } = filtersFixture();

describe('butterworth()', () => {
  it.each(filters)("has scipy's sections: $kind, order $order, $cutoffHz Hz at $rate Hz", (filter) => {
    const sections = butterworth(
      filter.kind === 'lowpass' ? 'lowPass' : 'highPass',
      filter.order,
      filter.cutoffHz,
      filter.rate,
    );
    const sos = new Float64Array(unpack(filter.sos));
    const rows = Array.from({ length: sos.length / 6 }, (_, i) => sos.subarray(6 * i, 6 * i + 6));
    expect(sections.length).toBe(rows.length);
    // Each section's poles, in one order; a section of first order has 0 last.
    const ours = sections.map(({ a1, a2 }) => [a2, a1]).sort(([a], [b]) => a! - b!);
    const theirs = rows.map((row) => [row[5]!, row[4]!]).sort(([a], [b]) => a! - b!);
    ours.forEach((pair, i) => {
      expect(Math.abs(pair[0]! - theirs[i]![0]!)).toBeLessThan(1e-9);
      expect(Math.abs(pair[1]! - theirs[i]![1]!)).toBeLessThan(1e-9);
    });
    // The gains as one, and zeros at half the rate (low-pass) or 0 Hz (high-pass).
    const gain = sections.reduce((product, { b0 }) => product * b0, 1);
    expect(Math.abs(gain / rows.reduce((product, row) => product * row[0]!, 1) - 1)).toBeLessThan(1e-6);
    const sign = filter.kind === 'lowpass' ? 1 : -1;
    for (const { b0, b1, b2, a2 } of sections)
      expect([b1 / b0, b2 / b0]).toEqual(a2 === 0 && b2 === 0 ? [sign, 0] : [2 * sign, 1]);
  });

  it.each(filters)('filters as scipy.signal.sosfilt: $kind, order $order, $cutoffHz Hz at $rate Hz', (filter) => {
    const expected = new Float32Array(unpack(filter.output));
    const actual = Float64Array.from(Float32Array.from(pseudoNumbers(expected.length)));
    const kind = filter.kind === 'lowpass' ? 'lowPass' : 'highPass';
    filterBiquads(butterworth(kind, filter.order, filter.cutoffHz, filter.rate), actual);
    const most = actual.reduce((worst, y, i) => Math.max(worst, Math.abs(y - expected[i]!)), 0);
    expect(most).toBeLessThan(1e-6);
    expect(actual.some((y) => Math.abs(y) > 1e-9)).toBe(true);
  });

  it('decays to 0 in silence', () => {
    const samples = new Float64Array(2_000_000);
    samples[0] = 1;
    filterBiquads(butterworth('highPass', 3, 100, 16000), samples);
    expect(Math.abs(samples[100]!)).toBeGreaterThan(1e-6);
    expect(samples.at(-1)).toBe(0);
  });
});
