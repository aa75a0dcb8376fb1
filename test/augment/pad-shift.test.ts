import { describe, expect, it } from 'vitest';
import { pad, shift, type Waveform } from '../../src/augment/index.ts';
import { createRandom } from '../../src/core/random.ts';
import fixture from './fixtures/pad-shift.json' with { type: 'json' };

const signal = Float32Array.from(fixture.signal);
const { sampleRate } = fixture;
const clipOf = (n: number): Waveform => ({ samples: signal.slice(0, n), sampleRate });
const largest = (a: Float32Array, b: readonly number[]): number =>
  b.reduce((most, x, i) => Math.max(most, Math.abs(x - a[i]!)), 0);

describe('pad()', () => {
  it.each(fixture.pad)('$mode of $count by $before and $after is numpy.pad', ({ mode, count, before, after, out }) => {
    const { samples } = pad({ durationSec: 1, mode: mode as 'wrap' }).apply(clipOf(count), {
      beforeSamples: before,
      afterSamples: after,
    });
    expect([...samples]).toEqual(out);
  });

  it('grows to the duration at the place asked for, and leaves what is longer', () => {
    const draw = (place: 'end' | 'start' | 'center' | 'random', seed = 1) =>
      pad({ durationSec: 0.013, place }).draw(clipOf(10), createRandom(seed));
    expect(draw('end')).toEqual({ beforeSamples: 0, afterSamples: 3 });
    expect(draw('start')).toEqual({ beforeSamples: 3, afterSamples: 0 });
    expect(draw('center')).toEqual({ beforeSamples: 1, afterSamples: 2 });
    const seen = new Set(Array.from({ length: 100 }, (_, seed) => draw('random', seed).beforeSamples));
    expect([...seen].sort()).toEqual([0, 1, 2, 3]);
    const long = clipOf(40);
    expect(pad({ durationSec: 0.01 })(long, createRandom(1))).toBe(long);
    expect(() => pad({} as never)).toThrow('pad: durationSec expected a number from 0.001 to 3600');
  });
});

describe('shift()', () => {
  it.each(fixture.shift)('by $by, rollover $rollover, fade $fadeSec s, is audiomentations', (expected) => {
    const { by, rollover, fadeSec, out } = expected;
    const { samples } = shift({ rollover, fadeSec }).apply(clipOf(40), { shiftSamples: by });
    expect(samples.length).toBe(40);
    // Their fades are float32.
    expect(largest(samples, out)).toBeLessThan(1e-6);
    if (fadeSec === 0) expect([...samples]).toEqual(out);
  });

  it('moves by the share or the seconds asked for, either way, at most by the clip', () => {
    const by = (options: object, seed = 1) => shift(options).draw(clipOf(40), createRandom(seed)).shiftSamples;
    expect(by({ share: 0.25 })).toBe(10);
    expect(by({ share: -0.0625 })).toBe(-2);
    expect(by({ shiftSec: 0.0045 })).toBe(4);
    expect(by({ shiftSec: -9 })).toBe(-40);
    expect(Object.is(by({ share: -0.001 }), 0)).toBe(true);
    const all = Array.from({ length: 400 }, (_, seed) => by({}, seed));
    expect([Math.min(...all), Math.max(...all)]).toEqual([-20, 20]);
  });

  it('by the whole clip leaves silence, and rolled over the clip itself', () => {
    const clip = clipOf(40);
    expect(shift({ share: 1 })(clip, createRandom(1)).samples.every((x) => x === 0)).toBe(true);
    expect(shift({ share: 1, rollover: true })(clip, createRandom(1))).toBe(clip);
    expect(() => shift().apply(clip, { shiftSamples: 41 })).toThrow(
      'drawn expected a shift by at most 40 samples, got 41',
    );
  });
});
