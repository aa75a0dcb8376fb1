import { describe, expect, it } from 'vitest';
import { parseTransform, pitchShift } from '../../src/augment/index.ts';
import { createRandom } from '../../src/core/random.ts';
import type { Waveform } from '../../src/core/waveform.ts';
import { formants } from '../../src/features/formants.ts';
import { pitch } from '../../src/features/pitch.ts';

const RATE = 16000;
const MODES = ['move', 'keep'] as const;
/** F1 to F5 in Hz; men's means of Peterson and Barney (1952) for the first three. */
const VOWELS = {
  i: [270, 2290, 3010, 3700, 4500],
  E: [530, 1840, 2480, 3500, 4500],
  a: [730, 1090, 2440, 3500, 4500],
  u: [300, 870, 2240, 3500, 4500],
} as const;

/** The rate of the all-pole filter that makes the vowels: its resonances fill the band up to half of it. */
const POLES_RATE = 10000;

/** Harmonics of f0, falling by 6 dB an octave, through an all-pole filter (bandwidths 50 Hz and 3 % of the frequency). */
function vowel(f0: number, resonances: readonly number[], seconds = 0.8, sampleRate = RATE): Waveform {
  const samples = new Float32Array(Math.round(seconds * sampleRate));
  for (let k = 1; k * f0 < Math.min(4900, 0.47 * sampleRate); k++) {
    const w = (2 * Math.PI * k * f0) / POLES_RATE;
    let [re, im] = [1 / k, 0];
    for (const f of resonances) {
      const r = Math.exp((-Math.PI * (50 + 0.03 * f)) / POLES_RATE);
      const c = 2 * r * Math.cos((2 * Math.PI * f) / POLES_RATE);
      // Over 1 - c z + r^2 z^2 with z = exp(-i w).
      const [x, y] = [1 - c * Math.cos(w) + r * r * Math.cos(2 * w), c * Math.sin(w) - r * r * Math.sin(2 * w)];
      const power = x * x + y * y;
      [re, im] = [(re * x + im * y) / power, (im * x - re * y) / power];
    }
    for (let n = 0; n < samples.length; n++) {
      const angle = (2 * Math.PI * k * f0 * n) / sampleRate;
      samples[n]! += re * Math.cos(angle) - im * Math.sin(angle);
    }
  }
  const peak = samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return { samples: samples.map((x) => (0.5 * x) / peak), sampleRate };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The median F0 of the middle of the clip. */
function f0Of(waveform: Waveform): number {
  const hopLength = Math.round(waveform.sampleRate / 100);
  const { data, frames } = pitch(waveform, {
    method: 'yin',
    frameLength: 6 * hopLength,
    hopLength,
    fMin: 60,
    fMax: 600,
  });
  return median(Array.from({ length: frames }, (_, t) => data[2 * t]!).slice(10, -10));
}

/** The medians of F1 and F2 of the middle of the clip. */
function formantsOf(waveform: Waveform, fMax = 5000): [number, number] {
  const { data, dims, frames } = formants(waveform, { fMax, hopLength: 80 });
  const middle = Array.from({ length: frames }, (_, t) => t).slice(20, -20);
  return [median(middle.map((t) => data[t * dims]!)), median(middle.map((t) => data[t * dims + 1]!))];
}

const shifted = (waveform: Waveform, semitones: number, formants: 'move' | 'keep'): Waveform =>
  pitchShift({ semitones, formants })(waveform, createRandom(1));

function rms(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
}

describe('pitchShift()', () => {
  it.each(MODES)('moves a vowel F0 by the ratio asked, formants: %s', (mode) => {
    for (const sampleRate of [8000, 16000, 44100]) {
      const input = vowel(123.4, VOWELS.a, 0.6, sampleRate);
      for (const semitones of mode === 'keep' ? [-12, -4, -1.37, 0.5, 4, 12] : [-4, -1.37, 0.5, 4]) {
        const f0 = f0Of(shifted(input, semitones, mode));
        expect(Math.abs(f0 / (123.4 * 2 ** (semitones / 12)) - 1)).toBeLessThan(0.003);
      }
    }
  });

  it.each(MODES)('moves a tone by the ratio asked, formants: %s', (mode) => {
    const tone: Waveform = {
      samples: Float32Array.from({ length: RATE }, (_, n) => 0.4 * Math.sin((2 * Math.PI * 187.3 * n) / RATE)),
      sampleRate: RATE,
    };
    for (const semitones of [-4, 2, 4]) {
      expect(Math.abs(f0Of(shifted(tone, semitones, mode)) / (187.3 * 2 ** (semitones / 12)) - 1)).toBeLessThan(0.002);
    }
  });

  it.each(MODES)('keeps digital silence beside a voice silent, formants: %s', (mode) => {
    const { samples } = vowel(123.4, VOWELS.a, 0.4);
    const padded = new Float32Array(2 * RATE);
    padded.set(samples, RATE);
    const out = shifted({ samples: padded, sampleRate: RATE }, 3, mode).samples;
    expect(out.subarray(0, RATE / 2).every((x) => x === 0)).toBe(true);
    expect(rms(out.subarray(RATE, RATE + samples.length))).toBeGreaterThan(0.5 * rms(samples));
  });

  it('keeps the formants of vowels where they are kept', () => {
    const moves: [number, number][] = [];
    for (const f0 of [98, 123.4, 151.3]) {
      for (const resonances of Object.values(VOWELS)) {
        const input = vowel(f0, resonances, 0.5);
        const [f1, f2] = formantsOf(input);
        for (const semitones of [-4, -2, 2, 4]) {
          const [g1, g2] = formantsOf(shifted(input, semitones, 'keep'));
          moves.push([Math.abs(g1 / f1 - 1), Math.abs(g2 / f2 - 1)]);
        }
      }
    }
    const quantile = (k: 0 | 1, q: number): number =>
      moves.map((each) => each[k]).sort((a, b) => a - b)[Math.floor(q * moves.length)]!;
    expect(quantile(0, 0.5)).toBeLessThan(0.05);
    expect(quantile(0, 0.9)).toBeLessThan(0.1);
    expect(quantile(1, 0.5)).toBeLessThan(0.03);
    expect(quantile(1, 0.9)).toBeLessThan(0.06);
  });

  it('moves the formants by the ratio where they move', () => {
    for (const name of ['E', 'a'] as const) {
      const input = vowel(123.4, VOWELS[name], 0.5);
      const before = formantsOf(input);
      for (const semitones of [-4, 4]) {
        const ratio = 2 ** (semitones / 12);
        const after = formantsOf(shifted(input, semitones, 'move'), 5000 * ratio);
        for (const k of [0, 1] as const) expect(Math.abs(after[k] / before[k] / ratio - 1)).toBeLessThan(0.05);
      }
    }
  });

  it('keeps the power of a voice', () => {
    for (const mode of MODES) {
      const input = vowel(151.3, VOWELS.E);
      for (const semitones of [-4, 4]) {
        const db = 20 * Math.log10(rms(shifted(input, semitones, mode).samples) / rms(input.samples));
        expect(Math.abs(db)).toBeLessThan(0.7);
      }
    }
  });

  it('copies what is before and after a voice, where formants are kept', () => {
    const random = createRandom(3);
    const voice = vowel(123.4, VOWELS.a, 0.4).samples;
    const samples = Float32Array.from({ length: RATE }, () => 0.002 * (random() - 0.5));
    for (let n = 0; n < voice.length; n++) samples[n + 4800]! += voice[n]!;
    const { samples: out } = shifted({ samples, sampleRate: RATE }, 4, 'keep');
    for (const [from, to] of [[0, 4300] as const, [12000, RATE] as const]) {
      for (let n = from; n < to; n++) expect(Math.abs(out[n]! - samples[n]!)).toBeLessThan(1e-6);
    }
  });

  it('keeps any length, any rate, and stays finite', () => {
    const random = createRandom(2);
    for (const method of ['wsola', 'phaseVocoder', undefined] as const) {
      for (const sampleRate of [1000, 11025, 384000]) {
        for (const length of [1, 2, 7, 64, 2001]) {
          for (const make of [
            () => 0,
            () => 0.7,
            () => 2 * random() - 1,
            (n: number) => 1.5 * Math.sign(Math.sin(n / 9)),
          ]) {
            const samples = Float32Array.from({ length }, (_, n) => make(n));
            const before = samples.slice();
            for (const semitones of [-24, 24]) {
              const options = method === undefined ? { formants: 'keep' as const } : { method };
              const out = pitchShift({ semitones, ...options })({ samples, sampleRate }, createRandom(1));
              expect(out.samples.length).toBe(length);
              expect(out.sampleRate).toBe(sampleRate);
              expect(out.samples.every(Number.isFinite)).toBe(true);
            }
            expect(samples).toEqual(before);
          }
        }
      }
    }
  }, 60_000);

  it('gives the input itself for 0 semitones, and, formants kept, where there is no voice', () => {
    const input = vowel(123.4, VOWELS.a, 0.1);
    for (const mode of MODES) expect(shifted(input, 0, mode)).toBe(input);
    const silence = { samples: new Float32Array(8000), sampleRate: RATE };
    expect(shifted(silence, 3, 'keep')).toBe(silence);
    expect(shifted(silence, 3, 'move').samples).toEqual(silence.samples);
    const constant = { samples: new Float32Array(8000).fill(0.5), sampleRate: RATE };
    expect(shifted(constant, 3, 'keep')).toBe(constant);
  });

  it('leaves an offset where it is, formants kept', () => {
    const input = vowel(123.4, VOWELS.a, 0.4);
    const plain = shifted(input, 3, 'keep').samples;
    const offset = shifted({ samples: input.samples.map((x) => x + 0.25), sampleRate: RATE }, 3, 'keep').samples;
    expect(Math.max(...offset.map((x, n) => Math.abs(x - 0.25 - plain[n]!)))).toBeLessThan(1e-4);
  });

  it('draws what it applies, and reads back from JSON', () => {
    const input = vowel(123.4, VOWELS.E, 0.2);
    for (const options of [{}, { formants: 'keep' }, { method: 'phaseVocoder', nFft: 1024 }] as const) {
      const transform = pitchShift(options);
      const again = parseTransform(JSON.parse(JSON.stringify(transform)));
      for (let seed = 0; seed < 3; seed++) {
        const { output, drawn } = transform.run(input, createRandom(seed));
        expect(Math.abs(drawn.semitones)).toBeLessThanOrEqual(4);
        expect(transform.apply(input, JSON.parse(JSON.stringify(drawn)))).toEqual(output);
        expect(again(input, createRandom(seed))).toEqual(output);
      }
    }
    expect(pitchShift().toJSON()).toEqual({
      transform: 'pitchShift',
      semitones: [-4, 4],
      formants: 'move',
      method: 'wsola',
    });
  });

  it('refuses what it does not know', () => {
    expect(() => pitchShift({ semitones: 25 })).toThrow(/semitones/);
    expect(() => pitchShift({ formants: 'keep', method: 'wsola' })).toThrow(/method expected none/);
    expect(() => pitchShift({ semitone: 3 } as object)).toThrow(/semitone/);
    expect(() => pitchShift().apply(vowel(100, VOWELS.a, 0.1), { semitones: 40 })).toThrow(/semitones/);
  });
});
