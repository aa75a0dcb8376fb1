import { describe, expect, it } from 'vitest';
import { pitchShift, type TimeStretchOptions, timeStretch } from '../../src/augment/index.ts';
import { createRandom } from '../../src/core/random.ts';
import { spectrogram } from '../../src/features/index.ts';
import { errorOf } from '../support/error-of.ts';
import { largestDifference, librosaFixture, signalOf, thinned, unpack64 } from './phase-vocoder-signals.ts';

function stretch(samples: Float32Array<ArrayBuffer>, sampleRate: number, options: TimeStretchOptions): Float32Array {
  return timeStretch({ method: 'phaseVocoder', ...options })({ samples, sampleRate }, createRandom(1)).samples;
}

describe('timeStretch() by phase vocoder against librosa 0.11 in float64', () => {
  const { every, stretched } = librosaFixture();
  it.each(stretched)('$signal of $samples samples, rate $rate, nFft $nFft, hopLength $hopLength', (c) => {
    const { samples } = signalOf(c.signal, c.samples, 16000);
    const out = stretch(samples, 16000, { rate: c.rate, nFft: c.nFft, hopLength: c.hopLength ?? undefined });
    expect(out.length).toBe(c.length);
    expect(largestDifference(thinned(out, every), unpack64(c.values))).toBeLessThan(1e-6);
  });
});

describe('timeStretch() by phase vocoder', () => {
  const voice = signalOf('voice', 4000, 16000);

  it('gives round(n / rate) samples, halves to even, and one where that is none', () => {
    const lengthOf = (n: number, rate: number): number => stretch(voice.samples.slice(0, n), 16000, { rate }).length;
    expect([1, 3, 5, 7].map((n) => lengthOf(n, 2))).toEqual([1, 2, 2, 4]);
    expect([1, 10, 999, 3999].map((n) => lengthOf(n, 0.8))).toEqual([1, 12, 1249, 4999]);
    expect(lengthOf(3, 10)).toBe(1);
  });

  it('takes frames of 40 ms where nFft is left out, at any rate', () => {
    for (const [sampleRate, nFft] of [
      [1000, 40],
      [8000, 320],
      [11025, 512],
      [16000, 640],
      [44100, 2048],
      [48000, 2048],
    ] as const) {
      const options = { rate: 1.1 };
      const asDefault = stretch(voice.samples, sampleRate, options);
      expect(asDefault).toEqual(stretch(voice.samples, sampleRate, { ...options, nFft }));
    }
  });

  it('keeps a tone at its frequency', () => {
    const samples = Float32Array.from({ length: 16000 }, (_, n) => 0.5 * Math.sin((2 * Math.PI * 997 * n) / 16000));
    for (const rate of [0.8, 1.25]) {
      const out = stretch(samples, 16000, { rate }).slice(2000, 10000) as Float32Array<ArrayBuffer>;
      const { data } = spectrogram({ samples: out, sampleRate: 16000 }, { nFft: 8000, center: false });
      // Bins lie 2 Hz apart, so 997 Hz is between 498 and 499.
      expect([498, 499]).toContain(data.indexOf(Math.max(...data)));
    }
  });

  it('is finite and of exact length on silence, one sample, a constant, a clipped and an overloud recording', () => {
    const square = voice.samples.map((x) => Math.max(-1, Math.min(1, 100 * x)));
    const inputs: Float32Array<ArrayBuffer>[] = [
      new Float32Array(3000),
      Float32Array.of(1),
      Float32Array.of(0),
      new Float32Array(3000).fill(0.7),
      square,
      voice.samples.map((x) => 1e6 * x),
      new Float32Array(700).fill(1e-45),
    ];
    for (const samples of inputs) {
      for (const rate of [0.1, 0.5, 0.9, 1.37, 2, 10]) {
        for (const frame of [{}, { nFft: 16 }, { nFft: 17 }, { nFft: 2048 }, { nFft: 64, hopLength: 1 }]) {
          const out = stretch(samples, 16000, { rate, ...frame });
          expect(out.every(Number.isFinite)).toBe(true);
          expect(Math.abs(out.length - samples.length / rate)).toBeLessThanOrEqual(samples.length === 1 ? 0.9 : 0.5);
        }
      }
    }
    expect(stretch(new Float32Array(3000), 16000, { rate: 0.7 }).every((x) => x === 0)).toBe(true);
  });

  it('is twice as loud for what is twice as loud, to the bit', () => {
    const twice = stretch(
      voice.samples.map((x) => 2 * x),
      16000,
      { rate: 0.83 },
    );
    expect(twice).toEqual(stretch(voice.samples, 16000, { rate: 0.83 }).map((x) => 2 * x));
  });

  it('leaves its input as it is, and gives the same bytes again from the draw as JSON', () => {
    const before = voice.samples.slice();
    const transform = timeStretch({ method: 'phaseVocoder', rate: [0.5, 2] });
    const { output, drawn } = transform.run(voice, createRandom(3));
    expect(voice.samples).toEqual(before);
    expect(transform.apply(voice, JSON.parse(JSON.stringify(drawn)))).toEqual(output);
  });

  it('says its frame in JSON where one was given', () => {
    const options = { method: 'phaseVocoder', rate: 1.2 } as const;
    expect(timeStretch(options).toJSON()).toEqual({ transform: 'timeStretch', ...options });
    const framed = { ...options, nFft: 512, hopLength: 100 };
    expect(timeStretch(framed).toJSON()).toEqual({ transform: 'timeStretch', ...framed });
  });

  it('refuses frames for another method, a hop without nFft or longer than half of it, and frames out of range', () => {
    for (const make of [
      () => timeStretch({ nFft: 512 }),
      () => pitchShift({ method: 'wsola', nFft: 512 }),
      () => pitchShift({ formants: 'keep', nFft: 512 }),
    ]) {
      expect(errorOf(make).message).toMatch(/: nFft expected none but with method 'phaseVocoder', got 512$/);
    }
    const method = 'phaseVocoder';
    expect(errorOf(() => timeStretch({ method, hopLength: 100 })).message).toBe(
      'timeStretch: hopLength expected none without nFft, got 100',
    );
    expect(errorOf(() => timeStretch({ method, nFft: 512, hopLength: 257 })).message).toBe(
      'timeStretch: hopLength expected <= nFft / 2 = 256, got 257',
    );
    expect(errorOf(() => timeStretch({ method, nFft: 8 })).code).toBe('bad-option');
  });
});
