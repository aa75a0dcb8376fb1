import { describe, expect, it } from 'vitest';
import { type IstftOptions, istft, stft } from '../../src/features/index.ts';
import { largestDifference, librosaFixture, signalOf, thinned, unpack64 } from '../augment/phase-vocoder-signals.ts';
import { errorOf } from '../support/error-of.ts';

describe('istft() against librosa 0.11 in float64', () => {
  const { every, inverted } = librosaFixture();
  it.each(inverted)('of frames of three levels, $options', ({ options, length, values }) => {
    const { length: _, ...o } = options as IstftOptions;
    const { data, frames, bins } = stft(signalOf('hiss', 3000, 16000), o);
    const changed = data.map((x, i) => x * (1 + (Math.floor(i / (2 * bins)) % 3)));
    const out = istft({ data: changed, frames, bins }, options);
    expect(out.length).toBe(length);
    expect(largestDifference(thinned(out, every), unpack64(values))).toBeLessThan(2e-6);
  });
});

describe('istft()', () => {
  const { samples, sampleRate } = signalOf('voice', 5000, 16000);

  it.each<IstftOptions>([
    {},
    { nFft: 512, window: 'hamming' },
    { nFft: 400, hopLength: 160, windowSymmetric: true },
    { nFft: 441 },
    { nFft: 512, winLength: 400, hopLength: 200, framedBy: 'winLength' },
    { nFft: 512, winLength: 400, hopLength: 37, padMode: 'reflect' },
    { nFft: 512, window: 'ones', hopLength: 512 },
  ])('gives back what stft() was given, to 1e-6: %j', (options) => {
    const spectrum = stft({ samples, sampleRate }, options);
    const back = istft(spectrum, { ...options, length: samples.length });
    expect(largestDifference(back, samples)).toBeLessThan(1e-6);
    const { hopLength = (options.nFft ?? 2048) >> 2 } = options;
    const short = istft(spectrum, options);
    if ((options.nFft ?? 0) % 2 === 0) expect(short.length).toBe(hopLength * (spectrum.frames - 1));
    expect(largestDifference(short, samples.slice(0, short.length))).toBeLessThan(1e-6);
  });

  it('gives back a recording of 1 sample, and adds zeros up to the length', () => {
    const one = Float32Array.of(-0.3);
    const spectrum = stft({ samples: one, sampleRate }, { nFft: 64 });
    expect(largestDifference(istft(spectrum, { length: 1 }), one)).toBeLessThan(1e-7);
    const long = istft(spectrum, { length: 100 });
    expect(long.length).toBe(100);
    expect(long.slice(1).every((x) => Math.abs(x) < 1e-6)).toBe(true);
    expect(long.slice(32).every((x) => x === 0)).toBe(true);
  });

  it('leaves its input as it is', () => {
    const spectrum = stft({ samples, sampleRate }, { nFft: 128 });
    const before = spectrum.data.slice();
    istft(spectrum);
    expect(spectrum.data).toEqual(before);
  });

  it('names what is wrong with a spectrogram or an option', () => {
    const spectrum = stft({ samples: samples.slice(0, 20), sampleRate }, { nFft: 64 });
    const message = (f: () => unknown): string => `${errorOf(f).code}: ${errorOf(f).message}`;
    expect(message(() => istft(spectrum, { nFft: 128 }))).toBe(
      'bad-option: istft: nFft expected a transform of 33 bins, 64 or 65, got 128',
    );
    expect(message(() => istft({ ...spectrum, frames: 7 }))).toBe(
      'bad-input: istft: spectrogram expected what stft() gives, 2 * frames * bins numbers, got 132 numbers, frames 7, bins 33',
    );
    expect(message(() => istft(undefined as never))).toContain('bad-input: istft: spectrogram expected');
    expect(message(() => istft({ ...spectrum, data: spectrum.data.map(() => Number.NaN) }))).toBe(
      'not-finite: istft: spectrogram expected finite numbers, got NaN at index 0',
    );
    const alone = stft({ samples: Float32Array.of(1), sampleRate }, { nFft: 64 });
    expect(message(() => istft(alone))).toContain('too-short: istft: expected options.length');
    expect(message(() => istft(spectrum, { hop: 3 } as never))).toContain('unknown option "hop"');
    expect(message(() => istft(spectrum, { length: 0 }))).toContain('length expected > 0');
  });
});
