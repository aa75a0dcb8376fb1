import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { energyVad } from '../../src/xvector/energy-vad.ts';
import { createXvectorFrontEnd } from '../../src/xvector/front-ends.ts';
import { errorOf } from '../support/error-of.ts';
import { testSound, uniform } from './kaldi-formulas.ts';

interface Case {
  readonly seed: number;
  readonly seconds: number;
  readonly dims: number;
  readonly loudness: number;
  readonly frames: number;
  readonly all: number;
  readonly picked: readonly number[];
  readonly rows: string;
}

const { frames: cases } = JSON.parse(readFileSync(new URL('fixtures/kaldi.json', import.meta.url), 'utf8')) as {
  frames: readonly Case[];
};

const v2 = { kind: 'kaldi', sampleRate: 16000, nMels: 30, fMin: 20, fMax: 7600, cmnWindow: 300, vad: true } as const;
const at16k = (samples: Float32Array<ArrayBuffer>) => ({ samples, sampleRate: 16000 });

describe("Kaldi's front end", () => {
  it.each(cases.map((c) => [c.dims, c.seconds, c] as const))(
    '%i coefficients of %f s are those of torchaudio, less the sliding mean, of the voiced frames',
    (dims, seconds, c) => {
      const matrix = createXvectorFrontEnd(v2, dims)(at16k(testSound(c.seed, seconds, c.loudness)), 'test');
      expect([matrix.frames, matrix.dims]).toEqual([c.frames, dims]);
      const bytes = Buffer.from(c.rows, 'base64');
      const expected = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
      let most = 0;
      for (const [i, t] of c.picked.entries()) {
        for (let d = 0; d < dims; d++) {
          most = Math.max(most, Math.abs(matrix.data[t * dims + d]! - expected[i * dims + d]!));
        }
      }
      expect(most).toBeLessThan(1e-3);
      if (seconds > 1) expect(c.frames, 'the pauses are left out').toBeLessThan(c.all);
    },
  );

  it('keeps all frames without VAD', () => {
    const [c] = cases.filter(({ seconds }) => seconds === 2);
    const frontEnd = createXvectorFrontEnd({ ...v2, vad: false }, 30);
    expect(frontEnd(at16k(testSound(c!.seed, 2, 1)), 'test').frames).toBe(200);
  });

  it('counts frames as snip-edges false does: from half a step on, and the rest to the nearest', () => {
    const count = (n: number): number =>
      createXvectorFrontEnd({ ...v2, vad: false }, 30)(at16k(Float32Array.from(uniform(1, n))), 'test').frames;
    expect([80, 239, 240, 399, 400, 16000].map(count)).toEqual([1, 1, 2, 2, 3, 100]);
    expect(errorOf(() => count(79))).toEqual({
      code: 'too-short',
      message: 'test: waveform expected at least 80 samples at 16000 Hz, got 79',
    });
  });

  it('refuses a recording without a voiced frame, and silence', () => {
    const frontEnd = createXvectorFrontEnd(v2, 30);
    const soft = at16k(Float32Array.from(uniform(5, 8000), (x) => x * 1e-5));
    for (const waveform of [at16k(new Float32Array(8000)), soft]) {
      expect(errorOf(() => frontEnd(waveform, 'extract'))).toEqual({
        code: 'empty',
        message: 'extract: waveform expected speech, got no voiced frame among 50',
      });
    }
  });

  it('refuses bad waveforms by name', () => {
    const frontEnd = createXvectorFrontEnd(v2, 30);
    const code = (waveform: unknown): string => errorOf(() => frontEnd(waveform as never, 'extract')).code;
    expect(code(at16k(new Float32Array(0)))).toBe('empty');
    expect(code(at16k(new Float32Array(900).fill(Number.NaN)))).toBe('not-finite');
    expect(code({ samples: [1, 2], sampleRate: 16000 })).toBe('bad-input');
    expect(code({ samples: new Float32Array(900), sampleRate: 0 })).toBe('bad-input');
  });

  it('resamples: a low sound at 44.1 kHz gives nearly the frames that it gives at 16 kHz', () => {
    const tone = (sampleRate: number) => ({
      samples: Float32Array.from({ length: sampleRate }, (_, n) => {
        const t = n / sampleRate;
        let sum = 0;
        for (let k = 1; k <= 40; k++) sum += Math.sin(2 * Math.PI * (150 * k * t + 0.4 * k * Math.sin(9 * t)));
        return 0.01 * sum * (1 + Math.sin(20 * t));
      }),
      sampleRate,
    });
    const frontEnd = createXvectorFrontEnd(v2, 30);
    const [low, high] = [frontEnd(tone(16000), 'test'), frontEnd(tone(44100), 'test')];
    expect(high.frames).toBe(low.frames);
    // Ends differ: beyond them is silence for the resampler. The log energy of the middle frames hardly does.
    for (let t = 10; t < 90; t++) expect(Math.abs(high.data[t * 30]! - low.data[t * 30]!)).toBeLessThan(0.01);
  });

  it('is of other widths and rates: 23 coefficients of 8 kHz', () => {
    const frontEnd = createXvectorFrontEnd({ ...v2, sampleRate: 8000, nMels: 23, fMax: 3700 }, 23);
    const { frames, dims, data } = frontEnd(at16k(testSound(4, 2, 1)), 'test');
    expect([frames > 50, dims, data.every(Number.isFinite)]).toEqual([true, 23, true]);
    expect(errorOf(() => createXvectorFrontEnd(v2, 31)).message).toMatch(/nMfcc expected <= nMels = 30, got 31/);
    expect(errorOf(() => createXvectorFrontEnd({ ...v2, sampleRate: 8000 }, 30)).code).toBe('bad-option');
  });
});

describe("Kaldi's energy VAD", () => {
  it('holds speech two frames before and after, and counts 12 % of the frames that there are', () => {
    const levels = new Float32Array(10).fill(2);
    levels[4] = 20;
    expect([...energyVad(levels)]).toEqual([0, 0, 1, 1, 1, 1, 1, 0, 0, 0]);
    levels[4] = 2;
    levels[9] = 20;
    expect([...energyVad(levels)]).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1, 1]);
  });

  it('asks for more than 5.5 and half the mean', () => {
    expect([...energyVad(Float32Array.of(11, 11))]).toEqual([0, 0]);
    expect([...energyVad(Float32Array.of(11.1, 11.1))]).toEqual([1, 1]);
  });
});
