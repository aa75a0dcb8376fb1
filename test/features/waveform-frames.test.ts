import { describe, expect, it } from 'vitest';
import { createWaveformFrames, waveformFrames } from '../../src/features/index.ts';
import { errorOf } from '../support/error-of.ts';

const wave = (...samples: number[]) => ({ samples: Float32Array.from(samples), sampleRate: 8000 });

describe('waveformFrames()', () => {
  it('gives the samples themselves, frame t from sample t * hopLength on without centring', () => {
    const { data, frames, dims, names } = waveformFrames(wave(1, 2, 3, 4, 5, 6, 7), {
      frameLength: 3,
      hopLength: 2,
      center: false,
    });
    expect([frames, dims]).toEqual([3, 3]);
    expect(Array.from(data)).toEqual([1, 2, 3, 3, 4, 5, 5, 6, 7]);
    expect(names).toEqual(['sample0', 'sample1', 'sample2']);
  });

  it('pads with zeros, or as told, when centred', () => {
    const o = { frameLength: 4, hopLength: 3 };
    expect(Array.from(waveformFrames(wave(1, 2, 3, 4), o).data)).toEqual([0, 0, 1, 2, 2, 3, 4, 0]);
    expect(Array.from(waveformFrames(wave(1, 2, 3, 4), { ...o, padMode: 'edge' }).data)).toEqual([
      1, 1, 1, 2, 2, 3, 4, 4,
    ]);
    expect(Array.from(waveformFrames(wave(1, 2, 3, 4), { ...o, padMode: 'reflect' }).data)).toEqual([
      3, 2, 1, 2, 2, 3, 4, 3,
    ]);
  });

  it('gives one frame of one sample, and zeros of silence', () => {
    expect(Array.from(waveformFrames(wave(0.5), { frameLength: 2, hopLength: 9 }).data)).toEqual([0, 0.5]);
    expect(waveformFrames(wave(0, 0, 0)).data.every((x) => x === 0)).toBe(true);
    expect(waveformFrames(wave(0, 0, 0)).dims).toBe(2048);
  });

  it('refuses NaN, no samples, too few, another rate and unknown options', () => {
    expect(errorOf(() => waveformFrames(wave(Number.NaN))).code).toBe('not-finite');
    expect(errorOf(() => waveformFrames(wave())).code).toBe('empty');
    expect(errorOf(() => waveformFrames(wave(1), { frameLength: 2, center: false })).code).toBe('too-short');
    expect(errorOf(() => createWaveformFrames({ sampleRate: 16000 }).extract(wave(1))).code).toBe('wrong-rate');
    expect(errorOf(() => waveformFrames(wave(1), { nFft: 2 } as never)).message).toContain('unknown option "nFft"');
  });
});
