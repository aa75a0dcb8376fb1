import { describe, expect, it } from 'vitest';
import { type AugmentationPicture, augmentationSvg, type PicturedVersion } from '../../src/report/index.ts';
import { errorOf } from '../support/error-of.ts';
import { checkSvg, sizeOf, textsOf } from './svg-check.ts';

const matrix = (frames: number, dims: number, value: (t: number, d: number) => number) => ({
  frames,
  dims,
  data: Float32Array.from({ length: frames * dims }, (_, i) => value(Math.floor(i / dims), i % dims)),
});

/** So many seconds at 8 kHz, 100 frames a second. */
function version(name: string, seconds: number, change: Partial<PicturedVersion> = {}): PicturedVersion {
  return {
    name,
    waveform: { samples: Float32Array.from({ length: 8000 * seconds }, (_, n) => 0.5 * Math.sin(n)), sampleRate: 8000 },
    spectrogram: matrix(Math.floor(100 * seconds) + 1, 33, (_, d) => -d),
    ...change,
  };
}

const picture = (...versions: PicturedVersion[]): AugmentationPicture => ({
  original: version('original', 1),
  versions,
});
const options = { hopSec: 0.01, title: 'a.wav' };

/** Where the recordings of a picture end: the right edges of their white strips. */
const endsOf = (svg: string): number[] =>
  [...svg.matchAll(/<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="64" fill="#fff"/g)].map(
    ([, x, width]) => Number(x) + Number(width),
  );

describe('augmentationSvg', () => {
  it('has the original and each version, with its length and its notes', () => {
    const svg = augmentationSvg(
      picture(version('a-1', 0.5, { notes: ['gain: 3 dB', 'crop'] }), version('a-2', 2)),
      options,
    );
    checkSvg(svg);
    for (const text of ['>original</tspan>', '>a-1</tspan>', '0.50 s', '>gain: 3 dB<', '>crop<', '2.00 s']) {
      expect(svg).toContain(text);
    }
    expect(svg).toContain(
      '<desc>Waveform and spectrogram of 3 recordings. original, 1.00 s. a-1, 0.50 s: gain: 3 dB; crop.',
    );
    const [width, height] = sizeOf(svg);
    for (const { x, y } of textsOf(svg)) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(width);
      expect(y).toBeLessThanOrEqual(height);
    }
  });

  it('draws all on one axis of time, up to the longest', () => {
    const [original, half, twice] = endsOf(augmentationSvg(picture(version('a', 0.5), version('b', 2)), options));
    const left = 58;
    expect(twice).toBe(960 - 16);
    expect(original! - left).toBeCloseTo((twice! - left) / 2, 1);
    expect(half! - left).toBeCloseTo((twice! - left) / 4, 1);
  });

  it('stands in two columns where that is asked for', () => {
    const tall = sizeOf(augmentationSvg(picture(version('a', 1)), options));
    const wide = sizeOf(augmentationSvg(picture(version('a', 1)), { ...options, columns: 2 }));
    expect(wide[0]).toBe(tall[0]);
    expect(wide[1]).toBeLessThan(0.65 * tall[1]);
  });

  it('draws of a mixture of features those alone', () => {
    const features = matrix(201, 20, (t, d) => t / 100 - d / 10);
    const mixture = { name: 'mixture', features, notes: ['0.7 and 0.3'] };
    const svg = augmentationSvg({ original: version('original', 1, { features }), versions: [mixture] }, options);
    checkSvg(svg);
    // One strip of a waveform and one of a spectrogram, two of features, and the axis goes to the end of the longest.
    for (const [height, times] of [
      [64, 1],
      [110, 1],
      [84, 2],
    ]) {
      expect(svg.match(new RegExp(`height="${height}" fill="#eceef1"`, 'g'))).toHaveLength(times!);
    }
    expect(svg.match(/<path/g)).toHaveLength(1);
    expect(svg).toContain('mixture, features alone, 2.00 s: 0.7 and 0.3.');
    const both = sizeOf(augmentationSvg(picture(version('a', 1, { features })), options));
    expect(sizeOf(svg)[1]).toBe(both[1] - 64 - 110 - 2 * 8 + 16);
    const nothing = errorOf(() => augmentationSvg(picture({ name: 'mixture' } as never), options));
    expect(nothing).toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/^augmentationSvg: mixture: waveform expected/),
    });
  });

  it('marks full scale where a sample lies beyond it, and nowhere else', () => {
    const loud = { samples: Float32Array.of(0, 1.5, -1.2), sampleRate: 8000 };
    expect(augmentationSvg(picture(version('a', 1)), options)).not.toContain('stroke-dasharray');
    const svg = augmentationSvg(picture(version('a', 1, { waveform: loud })), options);
    expect(svg.match(/stroke-dasharray/g)).toHaveLength(4);
    expect(svg).toContain('>1.5<');
  });

  it('gives waveforms scales of their own where one would be invisible, and says so', () => {
    const of = (peak: number) => ({ samples: Float32Array.from({ length: 800 }, () => peak), sampleRate: 8000 });
    const like = augmentationSvg(picture(version('a', 1, { waveform: of(4.9) })), options);
    expect(like).not.toContain('own scale');
    const apart = augmentationSvg(picture(version('a', 1, { waveform: of(16) })), options);
    expect(apart).toContain("1.00 s, the waveform's own scale: 0.5<");
    expect(apart).toContain("0.10 s, the waveform's own scale: 16<");
    expect(augmentationSvg(picture(version('a', 1, { waveform: of(0) })), options)).not.toContain('own scale');
  });

  it('says where the spectrograms stop, and what the colours of features are', () => {
    expect(augmentationSvg(picture(version('a', 1)), options)).toContain('>waveform; spectrogram</text>');
    const features = matrix(101, 4, (t) => t / 101);
    const svg = augmentationSvg(picture(version('a', 1, { features })), { ...options, maxHz: 3000 });
    expect(svg).toContain("spectrogram up to 3 kHz, of the recording's 4; log-mel features: red above, blue below");
  });

  it('shows a recording of one sample beside a longer one', () => {
    const waveform = { samples: Float32Array.of(0.3), sampleRate: 8000 };
    const [, end] = endsOf(augmentationSvg(picture(version('a', 1, { waveform })), options));
    expect(end).toBe(58 + 3);
  });

  it('breaks long notes into lines that fit', () => {
    const words = Array.from({ length: 60 }, (_, i) => `word${i}`);
    const svg = augmentationSvg(picture(version('a', 1, { notes: [words.join(' ')] })), { ...options, columns: 2 });
    checkSvg(svg);
    const lines = textsOf(svg).filter(({ text }) => text.includes('word'));
    expect(lines.length).toBeGreaterThan(4);
    expect(lines.map(({ text }) => text.trim()).join(' ')).toBe(words.join(' '));
    for (const { text } of lines) expect(text.length * 12 * 0.5).toBeLessThan(420);
  });

  it('shows features where there are some', () => {
    const features = matrix(101, 40, (t) => (t < 50 ? 1 : 0));
    const svg = augmentationSvg(picture(version('a', 1, { features })), options);
    checkSvg(svg);
    expect(svg.match(/<image/g)).toHaveLength(3);
    expect(augmentationSvg(picture(version('a', 1)), options)).not.toContain('log-mel');
  });

  it('of silence, of one sample and of a long recording is a picture all the same', () => {
    const silent = { samples: new Float32Array(8000), sampleRate: 8000 };
    const one = { samples: Float32Array.of(0.5), sampleRate: 8000 };
    const svg = augmentationSvg(
      {
        original: version('one', 1, { waveform: one, spectrogram: matrix(1, 33, () => -10) }),
        versions: [version('silence', 1, { waveform: silent, spectrogram: matrix(101, 33, () => -100) })],
      },
      options,
    );
    checkSvg(svg);
    expect(svg).toContain('>silence<');
    const alone = { original: version('one', 1, { waveform: one }), versions: [version('one', 1, { waveform: one })] };
    checkSvg(augmentationSvg(alone, options));
    const long = version('long', 600, { spectrogram: matrix(60_000, 257, (t, d) => -((t + d) % 60)) });
    expect(augmentationSvg(picture(long), options).length).toBeLessThan(400_000);
  });

  it('refuses what it cannot draw, by name', () => {
    expect(errorOf(() => augmentationSvg(picture(), options)).code).toBe('empty');
    expect(errorOf(() => augmentationSvg(picture(version('a', 1)), { ...options, columns: 3 } as never)).code).toBe(
      'bad-option',
    );
    const empty = version('a', 1, { features: matrix(0, 4, () => 0) });
    expect(errorOf(() => augmentationSvg(picture(empty), options)).message).toBe(
      'augmentationSvg: a: features expected at least one frame, got none',
    );
    const nan = version('a', 1, { spectrogram: matrix(2, 3, () => Number.NaN) });
    expect(errorOf(() => augmentationSvg(picture(nan), options)).code).toBe('not-finite');
  });
});
