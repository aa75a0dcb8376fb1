import { describe, expect, it } from 'vitest';
import { parseTransform, timeStretch } from '../../src/augment/index.ts';
import { createRandom } from '../../src/core/random.ts';
import { harmonicsToNoiseDb } from './harmonics-to-noise.ts';

const RATE = 16000;
const stretch = (samples: Float32Array<ArrayBuffer>, rate: number, sampleRate = RATE): Float32Array =>
  timeStretch({ rate })({ samples, sampleRate }, createRandom(1)).samples;

const from = (length: number, f: (i: number) => number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length }, (_, i) => f(i));

/** Python's round: halves to even. */
const pythonRound = (x: number): number => {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
};

const levelsDb = (x: Float32Array, size: number): number[] => {
  const levels: number[] = [];
  for (let at = size; at + 2 * size <= x.length; at += size) {
    levels.push(10 * Math.log10(x.subarray(at, at + size).reduce((sum, v) => sum + v * v, 0) / size));
  }
  return levels;
};

describe('timeStretch() by WSOLA', () => {
  it('gives round(n / rate) samples, halves to even, and at least one', () => {
    const random = createRandom(3);
    for (const sampleRate of [1000, 8000, 11025, 16000, 48000]) {
      for (let n = 1; n < 3000; n = Math.ceil(n * 1.13)) {
        const samples = from(n, () => random() - 0.5);
        for (const rate of [0.1, 0.5, 0.8, 0.97, 1, 1.03, 1.25, 2, 3.7, 10]) {
          const out = stretch(samples, rate, sampleRate);
          expect(out.length, `${n} / ${rate}`).toBe(Math.max(1, pythonRound(n / rate)));
          expect(out.every(Number.isFinite)).toBe(true);
        }
      }
    }
    expect([1, 3, 5, 7].map((n) => stretch(new Float32Array(n), 2).length)).toEqual([1, 2, 2, 4]);
  });

  it('gives the input itself at a rate of 1', () => {
    const waveform = { samples: from(1000, (i) => Math.sin(i)), sampleRate: RATE };
    expect(timeStretch({ rate: 1 })(waveform, createRandom(1))).toBe(waveform);
  });

  it('keeps silence silent, and a constant constant', () => {
    for (const rate of [0.5, 0.8, 1.25, 2]) {
      expect(stretch(new Float32Array(RATE), rate).every((x) => x === 0)).toBe(true);
      const constant = stretch(new Float32Array(RATE).fill(0.25), rate).subarray(100, -400);
      expect(Math.max(...constant.map((x) => Math.abs(x - 0.25)))).toBeLessThan(1e-6);
    }
  });

  it('keeps harmonic tones harmonic: 80 dB over the rest', () => {
    for (const f0 of [98, 123.4, 151.3, 187.3, 251.7]) {
      const tone = from(2 * RATE, (i) => {
        let sum = 0;
        for (let h = 1; h <= 10; h++) sum += Math.sin((2 * Math.PI * f0 * h * i) / RATE + h * h) / h;
        return 0.2 * sum;
      });
      for (const rate of [0.8, 1.25]) {
        const out = stretch(tone, rate);
        expect(harmonicsToNoiseDb(out, f0, 10, RATE), `${f0} Hz, ${rate}`).toBeGreaterThan(80);
        // The measure can fail: a tone of 1 % another pitch has little in common with these harmonics.
        expect(harmonicsToNoiseDb(out, 1.01 * f0, 10, RATE)).toBeLessThan(10);
      }
    }
  });

  it.each([
    ['noise', (i: number, random: () => number) => 0.002 * (random() - 0.5) + 0 * i],
    ['a tone', (i: number) => 0.04 * Math.sin((2 * Math.PI * 151.3 * i) / RATE)],
  ])('keeps a click in %s in one piece wherever it is', (_, ground) => {
    for (const rate of [0.8, 1.25]) {
      let whole = 0;
      for (let place = 0; place < 96; place++) {
        const random = createRandom(place);
        const samples = from(RATE, (i) => ground(i, random));
        const at = Math.round(((place + 0.5) / 96) * RATE);
        for (let i = 0; i < 16; i++) samples[at + i]! += 0.8 * Math.exp(-i / 5);
        const out = stretch(samples, rate);
        const peak = out.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
        const isLoud = (x: number): boolean => Math.abs(x) > peak / 10;
        const first = out.findIndex(isLoud);
        const last = out.length - 1 - out.slice().reverse().findIndex(isLoud);
        const width = (last - first + 1) / RATE;
        const isNear = Math.abs(first - at / rate) / RATE < 0.03;
        if (peak > 0.6 && width < 0.003 && isNear) whole++;
      }
      expect(whole, `of 96 at ${rate}`).toBeGreaterThanOrEqual(95);
    }
  });

  it('keeps the level of noise and of tones, from one 50 ms to the next', () => {
    const random = createRandom(5);
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const spread = (x: Float32Array): readonly [number, number, number] => {
      const levels = levelsDb(x, 800);
      return [levels.reduce((a, b) => a + b) / levels.length, Math.min(...levels), Math.max(...levels)];
    };
    for (const signal of [
      from(5 * RATE, () => 0.1 * normal()),
      from(5 * RATE, (i) => 0.3 * Math.sin((2 * Math.PI * 440 * i) / RATE)),
      from(5 * RATE, (i) => 0.3 * Math.sin((2 * Math.PI * 3123.4 * i) / RATE)),
    ]) {
      const [mean, least, most] = spread(signal);
      for (const rate of [0.8, 1.25]) {
        const [meanOut, leastOut, mostOut] = spread(stretch(signal, rate));
        expect(Math.abs(meanOut - mean)).toBeLessThan(0.1);
        expect(leastOut).toBeGreaterThan(least - 0.5);
        expect(mostOut).toBeLessThan(most + 0.5);
      }
    }
  });

  it('is where it should be, within 20 ms', () => {
    // The loudness of noise goes up and down twice a second; so does that of the outcome, at the other pace.
    const random = createRandom(9);
    const at = (seconds: number): number => 1 + 0.9 * Math.sin(4 * Math.PI * seconds);
    const signal = from(4 * RATE, (i) => 0.1 * (random() - 0.5) * at(i / RATE));
    for (const rate of [0.5, 0.8, 1.25, 2]) {
      const out = stretch(signal, rate);
      let sine = 0;
      let cosine = 0;
      for (let i = 0; i < out.length; i++) {
        const phase = (4 * Math.PI * i * rate) / RATE;
        sine += Math.abs(out[i]!) * Math.sin(phase);
        cosine += Math.abs(out[i]!) * Math.cos(phase);
      }
      expect(Math.abs(Math.atan2(cosine, sine) / (4 * Math.PI))).toBeLessThan(0.02);
    }
  });
});

describe('timeStretch()', () => {
  it('draws rates in equal steps of the logarithm, and applies them again over JSON', () => {
    const samples = from(4000, (i) => Math.sin(i / 10));
    const transform = timeStretch();
    const again = parseTransform(JSON.parse(JSON.stringify(transform)));
    let slower = 0;
    for (let seed = 0; seed < 200; seed++) {
      const waveform = { samples, sampleRate: RATE };
      const drawn = transform.draw(waveform, createRandom(seed));
      expect(drawn.rate).toBeGreaterThanOrEqual(0.8);
      expect(drawn.rate).toBeLessThanOrEqual(1.25);
      if (drawn.rate < 1) slower++;
      if (seed > 20) continue;
      const output = transform.apply(waveform, JSON.parse(JSON.stringify(drawn)));
      expect(again(waveform, createRandom(seed))).toEqual(output);
    }
    expect(slower).toBeGreaterThan(80);
    expect(slower).toBeLessThan(120);
  });

  it('is the phase vocoder where that is asked for', () => {
    const samples = from(RATE, (i) => Math.sin(i / 10));
    const waveform = { samples, sampleRate: RATE };
    const out = timeStretch({ rate: 1.25, method: 'phaseVocoder' })(waveform, createRandom(1));
    expect(out.samples.length).toBe(12800);
    expect(out.samples).not.toEqual(stretch(samples, 1.25));
  });

  it.each([
    [{ rate: 0 }, 'timeStretch: rate expected'],
    [{ rate: [1.25, 0.8] }, 'timeStretch: rate expected'],
    [{ method: 'psola' }, "timeStretch: method expected 'wsola' | 'phaseVocoder'"],
    [{ speed: 2 }, 'timeStretch: unknown option'],
  ])('refuses %j', (options, message) => {
    expect(() => timeStretch(options as object)).toThrow(message.replaceAll("'", '"'));
  });
});
