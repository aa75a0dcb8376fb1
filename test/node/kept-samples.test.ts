import { describe, expect, it } from 'vitest';
import type { Waveform } from '../../src/core/waveform.ts';
import { keepSamples, keptWaveform, SampleStore } from '../../src/node/kept-samples.ts';

const of = (samples: readonly number[], sampleRate = 8000): Waveform => ({
  samples: Float32Array.from(samples),
  sampleRate,
});
const bits = ({ samples }: Waveform): Int32Array => new Int32Array(samples.slice().buffer);

describe('samples that are kept for the next epochs', () => {
  it('are the same bits: in 16 bits where those hold them, and else in float32', () => {
    const every16 = of(Array.from({ length: 65536 }, (_, i) => (i - 32768) / 32768));
    const others = [
      [0.1],
      [1],
      [-1 - 2 ** -15],
      [0, -0],
      [2 ** -16],
      [1e30],
      [Number.NaN, 0.5],
      [Number.POSITIVE_INFINITY],
    ];
    for (const [waveform, encoding] of [
      [every16, 'int16'],
      [of([0]), 'int16'],
      [of([-1, 32767 / 32768], 44100), 'int16'],
      ...others.map((samples) => [of(samples), 'float32'] as const),
    ] as const) {
      const kept = keepSamples(waveform);
      expect(kept.encoding).toBe(encoding);
      expect(kept.memory.byteLength).toBe(waveform.samples.length * (encoding === 'int16' ? 2 : 4));
      const again = keptWaveform(kept);
      expect(bits(again)).toEqual(bits(waveform));
      expect(again.sampleRate).toBe(waveform.sampleRate);
      // A transform that wrote into its input would otherwise reach the next epochs.
      again.samples.fill(0.25);
      expect(bits(keptWaveform(kept))).toEqual(bits(waveform));
    }
  });

  it('stay up to so many bytes; the first ones, not the last', () => {
    const store = new SampleStore<string>(10);
    const two = keepSamples(of([0.5, 0.25])); // 4 bytes
    const three = keepSamples(of([0, 0, 0])); // 6 bytes
    store.offer('a', two);
    store.offer('a', two);
    expect(store.hasRoom).toBe(true);
    store.offer('b', three);
    expect(store.hasRoom).toBe(false);
    store.offer('c', two);
    expect([store.get('a'), store.get('b'), store.get('c')]).toEqual([two, three, undefined]);
    store.clear();
    expect([store.get('a'), store.hasRoom]).toEqual([undefined, true]);
    const nearly = new SampleStore<string>(7);
    nearly.offer('a', two);
    nearly.offer('b', two);
    expect(nearly.hasRoom).toBe(false);
    const none = new SampleStore<string>(0);
    none.offer('a', two);
    expect([none.get('a'), none.hasRoom]).toEqual([undefined, false]);
  });
});
