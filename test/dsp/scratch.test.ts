import { describe, expect, it } from 'vitest';
import { resample } from '../../src/audio/resample.ts';
import { wsolaStretch } from '../../src/augment/wsola.ts';
import { createRandom } from '../../src/core/random.ts';
import { Scratch } from '../../src/dsp/scratch.ts';

describe('memory that is used again', () => {
  it('is one memory for lengths up to 2^18 numbers, and new memory for longer ones', () => {
    const scratch = new Scratch();
    const first = scratch.take(100);
    expect(first).toHaveLength(100);
    expect(scratch.take(10).buffer).toBe(first.buffer);
    expect(scratch.take(120).buffer).toBe(first.buffer);
    expect(scratch.take(2 ** 18)).toHaveLength(2 ** 18);
    const long = scratch.take(2 ** 18 + 1);
    expect(long).toHaveLength(2 ** 18 + 1);
    expect(scratch.take(2 ** 18 + 1).buffer).not.toBe(long.buffer);
  });

  it('leaves nothing of a recording in the next one', () => {
    const random = createRandom(1);
    const noise = (length: number): Float32Array<ArrayBuffer> => Float32Array.from({ length }, () => random() - 0.5);
    const short = noise(900);
    const long = noise(5000);
    const small = {
      resampled: resample({ samples: short, sampleRate: 11025 }, 16000),
      slow: wsolaStretch(short, 8000, 0.8),
    };
    for (const samples of [long, long.map((x) => 1e6 * x), noise(2 ** 18 + 7)]) {
      resample({ samples, sampleRate: 11025 }, 16000);
      wsolaStretch(samples, 8000, 0.8);
      expect(resample({ samples: short, sampleRate: 11025 }, 16000)).toEqual(small.resampled);
      expect(wsolaStretch(short, 8000, 0.8)).toEqual(small.slow);
    }
    // Silence in, silence out, after all that.
    expect(resample({ samples: new Float32Array(900), sampleRate: 11025 }, 16000).samples.every((x) => x === 0)).toBe(
      true,
    );
    expect(wsolaStretch(new Float32Array(900), 8000, 0.8).every((x) => x === 0)).toBe(true);
  });
});
