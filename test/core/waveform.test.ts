import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkFeatureMatrix, type FeatureMatrix } from '../../src/core/feature-matrix.ts';
import { allFinite } from '../../src/core/finite.ts';
import { checkWaveform, type Waveform } from '../../src/core/waveform.ts';

const wave = (samples: unknown, sampleRate: unknown = 8000): Waveform => ({ samples, sampleRate }) as Waveform;

describe('allFinite', () => {
  it('is true for finite numbers of any size and false for one bad number anywhere', () => {
    const finite = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 40 });
    fc.assert(
      fc.property(finite, fc.nat(), fc.constantFrom(Number.NaN, Infinity, -Infinity), (values, place, bad) => {
        const array = Float32Array.from(values);
        expect(allFinite(array)).toBe(true);
        if (array.length === 0) return;
        array[place % array.length] = bad;
        expect(allFinite(array)).toBe(false);
      }),
    );
  });

  it('is true for the largest float32 numbers, whose sum float32 cannot hold', () => {
    expect(allFinite(new Float32Array(1000).fill(3.4028234663852886e38))).toBe(true);
  });

  it('is false for infinities that cancel each other', () => {
    expect(allFinite(Float32Array.of(Infinity, -Infinity, 0, 0, 1))).toBe(false);
  });
});

describe('checkWaveform', () => {
  it('takes one sample at any rate above 0', () => {
    expect(() => checkWaveform('f', wave(new Float32Array(1), 0.5))).not.toThrow();
  });

  it.each([
    [null, 'bad-input', 'f: waveform expected { samples, sampleRate }, got null'],
    [new Float32Array(2), 'bad-input', 'f: waveform.samples expected a Float32Array, got undefined'],
    [wave([0, 1]), 'bad-input', 'f: waveform.samples expected a Float32Array, got [0,1]'],
    [wave(new Float64Array(2)), 'bad-input', 'f: waveform.samples expected a Float32Array, got Float64Array(2)'],
    [wave(new Float32Array(2), 0), 'bad-input', 'f: waveform.sampleRate expected Hz > 0, got 0'],
    [wave(new Float32Array(2), Number.NaN), 'bad-input', 'f: waveform.sampleRate expected Hz > 0, got NaN'],
    [wave(new Float32Array(2), Infinity), 'bad-input', 'f: waveform.sampleRate expected Hz > 0, got Infinity'],
    [wave(new Float32Array(2), '8000'), 'bad-input', 'f: waveform.sampleRate expected Hz > 0, got "8000"'],
    [wave(new Float32Array(0)), 'empty', 'f: waveform expected at least one sample, got none'],
    [
      wave(Float32Array.of(0, 1, 2, 3, 4, Number.NaN)),
      'not-finite',
      'f: samples expected finite numbers, got NaN at sample 5',
    ],
    [
      wave(Float32Array.of(0, -Infinity)),
      'not-finite',
      'f: samples expected finite numbers, got -Infinity at sample 1',
    ],
  ])('refuses %o', (value, code, message) => {
    expect(() => checkWaveform('f', value as Waveform)).toThrow(expect.objectContaining({ code, message }));
  });
});

describe('checkFeatureMatrix', () => {
  it('takes no frames, and frames of one dimension', () => {
    checkFeatureMatrix('f', { data: new Float32Array(0), frames: 0, dims: 3 });
    checkFeatureMatrix('f', { data: new Float32Array(2), frames: 2, dims: 1 });
  });

  it.each([
    [null, 'bad-input', /expected a FeatureMatrix .* got null/],
    [{ frames: 1, dims: 1 }, 'bad-input', /expected a FeatureMatrix .* got an object with keys frames, dims/],
    [{ data: [1], frames: 1, dims: 1 }, 'bad-input', /data expected a Float32Array, got \[1\]/],
    [{ data: new Float32Array(5), frames: 2, dims: 3 }, 'bad-input', /frames \* dims, got 5 for 2 frames of 3 dims/],
    [{ data: new Float32Array(0), frames: 0, dims: 0 }, 'bad-input', /got 0 for 0 frames of 0 dims/],
    [{ data: new Float32Array(3), frames: 1.5, dims: 2 }, 'bad-input', /1.5 frames/],
    [{ data: new Float32Array(1), frames: -1, dims: -1 }, 'bad-input', /-1 frames/],
    [
      { data: Float32Array.of(0, 1, 2, 3, Number.NaN, 5), frames: 2, dims: 3 },
      'not-finite',
      /NaN in frame 1, dimension 1$/,
    ],
  ])('refuses %o', (value, code, message) => {
    const refused = expect.objectContaining({ code, message: expect.stringMatching(message) });
    expect(() => checkFeatureMatrix('f', value as unknown as FeatureMatrix)).toThrow(refused);
  });
});
