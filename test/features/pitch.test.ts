import { describe, expect, it } from 'vitest';
import { createPitch, type PitchOptions, pitch } from '../../src/features/pitch.ts';
import { errorOf } from '../support/error-of.ts';
import { pitchSignal, tone } from './pitch-signals.ts';

const METHODS = ['pyin', 'yin'] as const;

/** The values of f0 in the frames that lie wholly within the signal. */
function inner(waveform: ReturnType<typeof tone>, options: PitchOptions): number[] {
  const { frameLength = 2048, hopLength = 512 } = options;
  const { data, frames } = pitch(waveform, options);
  const edge = Math.ceil(frameLength / 2 / hopLength);
  return Array.from({ length: frames - 2 * edge }, (_, t) => data[2 * (t + edge)]);
}

describe('pitch()', () => {
  it.each(METHODS)('%s is within 0.1 % on tones from 70 to 500 Hz, pure and with harmonics', (method) => {
    let frames = 0;
    for (const frame of [{}, { frameLength: 1024, hopLength: 160 }, { frameLength: 640, hopLength: 160 }]) {
      for (let i = 0; i <= 20; i++) {
        // The sampling grid has 16000 / 228 = 70.2 Hz, 16000 / 227 = 70.5 Hz, ..., 16000 / 32 = 500 Hz.
        const f0 = 70 * (500 / 70) ** (i / 20);
        for (const harmonics of [1, 3, 20]) {
          const found = inner(tone(f0, harmonics), { ...frame, method });
          frames += found.length;
          for (const f of found) expect(Math.abs(f / f0 - 1), `${f0} Hz, ${harmonics}`).toBeLessThan(0.001);
        }
      }
    }
    expect(frames).toBeGreaterThan(4000);
  });

  it('without refining is off by up to half a step of the grid, so the test above can fail', () => {
    const f0 = 65 * 2 ** (180.5 / 120);
    const errors = inner(tone(f0, 20), { refine: false }).map((f) => Math.abs(f / f0 - 1));
    expect(Math.max(...errors)).toBeGreaterThan(0.002);
  });

  it.each([8000, 11025, 22050, 44100])(
    'at %d Hz of sampling is within a thousandth on tones from 70 to 500 Hz',
    (sampleRate) => {
      const frame = { frameLength: 2 * Math.round(0.032 * sampleRate), hopLength: Math.round(0.01 * sampleRate) };
      for (let f0 = 70; f0 < 500; f0 += 14.33) {
        for (const method of METHODS) {
          const found = inner(tone(f0, 3, sampleRate, 0.4), { ...frame, method });
          expect(found.length).toBeGreaterThan(20);
          for (const f of found) expect(Math.abs(f / f0 - 1), `${f0} Hz by ${method}`).toBeLessThan(0.001);
        }
      }
    },
  );

  it.each([8000, 11025, 22050, 44100, 11025.5])('finds a tone at %d Hz of sampling', (sampleRate) => {
    for (const method of METHODS) {
      const found = inner(tone(151.3, 10, sampleRate, 1), { method });
      expect(found.length).toBeGreaterThan(5);
      for (const f of found) expect(Math.abs(f / 151.3 - 1)).toBeLessThan(0.001);
    }
  });

  it.each(METHODS)('%s has f0 from fMin to fMax or 0, and voicing from 0 to 1, of glides, noise and gaps', (method) => {
    const { data, frames, dims, names } = pitch(pitchSignal('glide'), { method, frameLength: 1024, hopLength: 160 });
    expect([frames, dims, names]).toEqual([151, 2, ['f0', 'voiced']]);
    for (let t = 0; t < frames; t++) {
      expect(data[2 * t] === 0 || (data[2 * t] >= 65 && data[2 * t] <= 500)).toBe(true);
      expect(data[2 * t + 1]).toBeGreaterThanOrEqual(0);
      expect(data[2 * t + 1]).toBeLessThanOrEqual(1);
    }
    // In the middle of the gap all is 0; of the noise, unvoiced; of the voice, what the glide says, 150 + 80 t and more.
    expect(Array.from(data.subarray(2 * 60, 2 * 60 + 2))).toEqual([0, 0]);
    expect(data[2 * 97]).toBe(0);
    expect(data[2 * 97 + 1]).toBeLessThan(0.6);
    expect(Math.abs(data[2 * 30] - 174)).toBeLessThan(1.5);
  });

  it.each(METHODS)('%s of silence is unvoiced, with a probability of 0', (method) => {
    expect(pitch(pitchSignal('silence'), { method }).data.every((x) => x === 0)).toBe(true);
  });

  it.each([0.7, -1e-3])(
    'yin of a constant %d is as unvoiced as silence, whether its ends are padded or not',
    (value) => {
      for (const center of [true, false]) {
        for (const padMode of ['constant', 'reflect'] as const) {
          const samples = new Float32Array(8000).fill(value);
          const { data, frames } = pitch({ samples, sampleRate: 16000 }, { method: 'yin', center, padMode });
          for (let t = 0; t < frames; t++) expect(data[2 * t]).toBe(0);
          for (let t = 4; t < frames - 4; t++) expect(data[2 * t + 1]).toBe(0);
        }
      }
    },
  );

  it('yin finds the same voice, and no other, where a constant is added', () => {
    const YIN = { method: 'yin', center: false, frameLength: 1024, hopLength: 160 } as const;
    const { samples, sampleRate } = pitchSignal('glide');
    const plain = pitch({ samples, sampleRate }, YIN);
    const moved = pitch({ samples: samples.map((x) => x + 0.05), sampleRate }, YIN);
    let voiced = 0;
    for (let t = 0; t < plain.frames; t++) {
      expect(Math.abs(moved.data[2 * t + 1] - plain.data[2 * t + 1])).toBeLessThan(0.1);
      if (plain.data[2 * t] > 0) voiced++;
      if (moved.data[2 * t] > 0) expect(plain.data[2 * t]).toBeGreaterThan(0);
    }
    expect(voiced).toBeGreaterThan(5);
    expect(voiced).toBeLessThan(plain.frames - 5);
  });

  it.each(METHODS)('%s has the octave right up to fMax where its period is no whole number of samples', (method) => {
    for (const sampleRate of [11025, 16000, 22050, 44100]) {
      for (const f0 of [470, 485, 489.5, 493, 497, 499.5]) {
        for (const harmonics of [1, 10]) {
          const waveform = tone(f0, harmonics, sampleRate, 0.4);
          const found = inner(waveform, { method, frameLength: 1024, hopLength: 256 });
          expect(found.length).toBeGreaterThan(5);
          for (const f of found) expect(Math.abs(f / f0 - 1), `${f0} Hz at ${sampleRate}`).toBeLessThan(0.001);
        }
      }
    }
  });

  it.each(METHODS)('%s takes one sample, and clips shorter than a frame', (method) => {
    const one = pitch(pitchSignal('one sample'), { method });
    expect([one.frames, one.data[0]]).toEqual([1, 0]);
    const short = tone(200, 5, 16000, 0.05);
    const { frames, data } = pitch(short, { method });
    expect(frames).toBe(2);
    expect(data.every(Number.isFinite)).toBe(true);
  });

  it.each(METHODS)('%s takes a constant signal, a click, full scale and next to nothing', (method) => {
    const constant = new Float32Array(3000).fill(0.7);
    const click = new Float32Array(3000);
    click[1500] = 1;
    const quiet = tone(200, 5).samples.map((x) => x * 1e-15);
    for (const samples of [constant, click, quiet, tone(200, 5).samples.map((x) => x * 1e15)]) {
      const { data } = pitch({ samples, sampleRate: 16000 }, { method });
      expect(data.every((x) => Number.isFinite(x) && x >= 0)).toBe(true);
    }
    // The click's frames have nothing that repeats.
    const { data, frames } = pitch({ samples: click, sampleRate: 16000 }, { method });
    for (let t = 0; t < frames; t++) expect(data[2 * t]).toBe(0);
    for (const scale of [1e-15, 1e15]) {
      const samples = tone(200, 5).samples.map((x) => x * scale);
      for (const f of inner({ samples, sampleRate: 16000 }, { method })) expect(Math.abs(f - 200)).toBeLessThan(0.1);
    }
  });

  it('is the same for the same clip, after clips of other lengths', () => {
    const extractor = createPitch({ sampleRate: 16000, frameLength: 1024, hopLength: 160 });
    const glide = pitchSignal('glide');
    const first = extractor.extract(glide);
    extractor.extract(tone(300, 4, 16000, 3));
    extractor.extract(pitchSignal('silence'));
    expect(extractor.extract(glide)).toEqual(first);
  });

  it('keeps every option in config, and its framing', () => {
    const { config, framing, names } = createPitch({ sampleRate: 16000, frameLength: 1000 });
    expect(config).toEqual({
      sampleRate: 16000,
      method: 'pyin',
      fMin: 65,
      fMax: 500,
      frameLength: 1000,
      hopLength: 250,
      center: true,
      padMode: 'constant',
      refine: true,
      troughThreshold: 0.1,
      voicingThreshold: 0.6,
      nThresholds: 100,
      betaParameters: [2, 18],
      boltzmannParameter: 2,
      resolution: 0.1,
      maxTransitionRate: 35.92,
      switchProb: 0.01,
      noTroughProb: 0.01,
    });
    expect(framing).toEqual({ frameLength: 1000, hopLength: 250, center: true });
    expect(names).toEqual(['f0', 'voiced']);
  });

  it('of pyin does not stream, and says what to set', () => {
    const error = errorOf(() => createPitch({ sampleRate: 16000 }).stream());
    expect(error.code).toBe('bad-option');
    expect(error.message).toBe(
      `createPitch: stream() expected method: 'yin', got "pyin": its path needs the whole clip`,
    );
  });

  it.each<[string, PitchOptions, string]>([
    ['an unknown option', { fmin: 70 } as PitchOptions, 'unknown option "fmin"'],
    ['fMax above half the rate', { fMax: 5000 }, 'fMax expected <= half the sample rate = 4000, got 5000'],
    ['fMin above fMax', { fMin: 600 }, 'fMin expected < fMax = 500, got 600'],
    ['a frame without a period of fMin', { frameLength: 100 }, 'frameLength expected >= 125'],
    ['a frame with exactly one', { fMin: 80, frameLength: 101 }, 'frameLength expected >= 102'],
    ['a method that is not there', { method: 'swipe' as never }, 'method expected "pyin" | "yin", got "swipe"'],
    ['a hop of 0', { hopLength: 0 }, 'hopLength expected > 0, got 0'],
    ['a resolution of a semitone', { resolution: 1 }, 'resolution expected < 1, got 1'],
    ['more pitches than can be told apart', { resolution: 0.001 }, 'resolution expected'],
    ['a certain switch', { switchProb: 1 }, 'switchProb expected < 1, got 1'],
    ['half a beta distribution', { betaParameters: [2] as never }, 'betaParameters'],
    ['a threshold above 1', { voicingThreshold: 1.5 }, 'voicingThreshold expected <= 1, got 1.5'],
  ])('refuses %s', (_, options, message) => {
    const error = errorOf(() => createPitch({ sampleRate: 8000, ...options }));
    expect(error.code).toBe('bad-option');
    expect(error.message).toContain(`createPitch: `);
    expect(error.message).toContain(message);
  });

  it('takes the least frame length that it names', () => {
    expect(createPitch({ sampleRate: 8000, frameLength: 125 }).config.frameLength).toBe(125);
    expect(pitch({ samples: tone(200, 3, 8000).samples, sampleRate: 8000 }, { frameLength: 125 }).frames).toBe(130);
  });

  it('refuses clips shorter than a frame without centring, other rates, and samples that are not finite', () => {
    const short = tone(200, 1, 16000, 0.1);
    expect(errorOf(() => pitch(short, { center: false })).code).toBe('too-short');
    expect(errorOf(() => createPitch({ sampleRate: 8000 }).extract(short)).code).toBe('wrong-rate');
    const samples = Float32Array.of(0, Number.NaN);
    expect(errorOf(() => pitch({ samples, sampleRate: 16000 })).code).toBe('not-finite');
    expect(errorOf(() => pitch({ samples: new Float32Array(0), sampleRate: 16000 })).code).toBe('empty');
  });
});
