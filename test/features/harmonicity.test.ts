import { describe, expect, it } from 'vitest';
import { createHarmonicity, harmonicity, rms } from '../../src/features/index.ts';
import { corporaFolder } from '../support/corpora.ts';
import { codeOf, errorOf } from '../support/error-of.ts';
import { unpack } from './support.ts';
import { clipOf, frameOf, median, type PraatVoice, praatVoice, vowelOf, whiteNoise } from './voice-support.ts';

/** Harmonics of 150 Hz with equal power, and white noise so many dB below them. */
function noisyVoice(snrDb: number, sampleRate: number) {
  const noise = whiteNoise(sampleRate, 5);
  const scale = 0.1 / 10 ** (snrDb / 20);
  const samples = noise.map((x, n) => {
    let voice = 0;
    for (let k = 1; k <= 10; k++) voice += Math.sin((2 * Math.PI * 150 * k * n) / sampleRate + k * k);
    return 0.1 * voice * Math.sqrt(2 / 10) + scale * x;
  });
  return { samples, sampleRate };
}

/** Differences from Praat in dB, on the frames in which Praat finds a voice of at least 0 dB. */
function differences(waveform: ReturnType<typeof vowelOf>, { harmonicity: praat }: PraatVoice): number[] {
  const { sampleRate } = waveform;
  const extractor = createHarmonicity({
    sampleRate,
    frameLength: praat.frameLength,
    center: false,
    fMax: sampleRate / 2,
  });
  const values = unpack(praat.values);
  return praat.starts.flatMap((start, i) =>
    values[i] < 0 ? [] : [Math.abs(extractor.extract(frameOf(waveform, start, praat.frameLength)).data[0] - values[i])],
  );
}

describe('harmonicity()', () => {
  it.each([0, 10, 20, 30])('of a voice %d dB above white noise is that number, within 0.5 dB', (snrDb) => {
    const { data } = harmonicity(noisyVoice(snrDb, 16000), { hopLength: 160 });
    expect(Math.abs(median(Array.from(data.subarray(10, -10))) - snrDb)).toBeLessThan(0.5);
  });

  it('of a pure tone is beyond 40 dB, of white noise below 0', () => {
    const tone = Float32Array.from({ length: 16000 }, (_, n) => Math.sin(0.1 * n));
    const { data } = harmonicity({ samples: tone, sampleRate: 16000 });
    expect(Math.min(...data.subarray(4, -4))).toBeGreaterThan(40);
    const noise = harmonicity({ samples: whiteNoise(16000, 3), sampleRate: 16000 });
    expect(Math.max(...noise.data)).toBeLessThan(0);
  });

  it.each(praatVoice.cases.map((c) => [c.name, c] as const))('is what Praat gives for the vowel %s', (_, c) => {
    const found = differences(vowelOf(c), c);
    expect(found.length).toBeGreaterThan(10);
    expect(median(found)).toBeLessThan(0.2);
    expect(Math.max(...found)).toBeLessThan(1);
  });

  it('of silence, of a constant and of one sample is -20 dB', () => {
    for (const samples of [new Float32Array(5000), new Float32Array(5000).fill(0.3), Float32Array.of(0.5)]) {
      const { data, dims, names } = harmonicity({ samples, sampleRate: 16000 }, { center: true });
      expect(dims).toBe(1);
      expect(names).toEqual(['harmonicity']);
      expect(data.length).toBe(1 + Math.floor(samples.length / 512));
      // A constant has an edge where the zeros begin; frames that lie within it have none.
      if (samples[0] === 0) expect(new Set(data)).toEqual(new Set([-20]));
      expect(data.every((x) => x >= -20 && x <= 80)).toBe(true);
    }
    const within = harmonicity({ samples: new Float32Array(5000).fill(0.3), sampleRate: 16000 }, { center: false });
    expect(new Set(within.data)).toEqual(new Set([-20]));
  });

  it('gives as many frames as rms, at any rate', () => {
    for (const sampleRate of [8000, 11025, 16000, 22050, 44100]) {
      const waveform = { samples: whiteNoise(sampleRate, 1), sampleRate };
      expect(harmonicity(waveform, { hopLength: 100 }).frames).toBe(rms(waveform, { hopLength: 100 }).frames);
    }
  });

  it('does not depend on how loud a voice is', () => {
    const { samples, sampleRate } = noisyVoice(12, 11025);
    const soft = { samples: samples.map((x) => x / 1024), sampleRate };
    expect(harmonicity(soft).data).toEqual(harmonicity({ samples, sampleRate }).data);
  });

  it('refuses what is wrong', () => {
    const waveform = { samples: new Float32Array(4000), sampleRate: 8000 };
    expect(errorOf(() => harmonicity(waveform, { fMax: 5000 })).message).toBe(
      'harmonicity: fMax expected <= half the sample rate = 4000, got 5000',
    );
    expect(codeOf(() => harmonicity(waveform, { fMin: 700 }))).toBe('bad-option');
    expect(errorOf(() => createHarmonicity({ sampleRate: 8000, frameLength: 300 })).message).toBe(
      'createHarmonicity: frameLength expected at least three periods of fMin = 320 samples, got 300',
    );
    expect(codeOf(() => harmonicity(waveform, { floor: 1 } as never))).toBe('bad-option');
    expect(codeOf(() => harmonicity({ samples: Float32Array.of(0, Number.NaN), sampleRate: 8000 }))).toBe('not-finite');
    expect(codeOf(() => harmonicity({ samples: new Float32Array(0), sampleRate: 8000 }))).toBe('empty');
    expect(codeOf(() => harmonicity({ samples: new Float32Array(100), sampleRate: 8000 }, { center: false }))).toBe(
      'too-short',
    );
  });
});

const corpora = corporaFolder();

describe.skipIf(corpora === undefined)('harmonicity() on 20 clips of CREMA-D', () => {
  it('is what Praat gives: half of the frames within 0.01 dB, 99 of 100 within 1 dB', () => {
    const found = praatVoice.clips.flatMap((c) => differences(clipOf(corpora!, c.file), c));
    const sorted = [...found].sort((a, b) => a - b);
    const at99 = sorted[Math.floor(0.99 * sorted.length)];
    console.log(`harmonicity against Praat, ${found.length} frames: median ${median(found)} dB, 99 % ${at99} dB`);
    expect(found.length).toBeGreaterThan(900);
    expect(median(found)).toBeLessThan(0.01);
    expect(at99).toBeLessThan(1);
  });
});
