import { describe, expect, it } from 'vitest';
import type { Waveform } from '../../src/core/waveform.ts';
import {
  createLogMel,
  createMfcc,
  createRms,
  createSpectrogram,
  createZcr,
  frameTimes,
  logMel,
  mfcc,
  rms,
  spectrogram,
  stft,
  zcr,
} from '../../src/features/index.ts';
import { synthetic } from './support.ts';

const wave = (...samples: number[]): Waveform => ({ samples: Float32Array.from(samples), sampleRate: 16000 });
const speech = synthetic('speech-like');

// Every feature with its twin; the options keep the frames small.
const pairs = [
  { name: 'mfcc', once: mfcc, create: createMfcc, options: { nFft: 256, nMels: 30, nMfcc: 13 } },
  { name: 'logMel', once: logMel, create: createLogMel, options: { nFft: 256, nMels: 30 } },
  { name: 'spectrogram', once: spectrogram, create: createSpectrogram, options: { nFft: 256 } },
  { name: 'zcr', once: zcr, create: createZcr, options: { frameLength: 256 } },
  { name: 'rms', once: rms, create: createRms, options: { frameLength: 256 } },
] as const;

describe.each(pairs)('$name() and its prepared twin', ({ name, once, create, options }) => {
  const factory = `create${name[0].toUpperCase()}${name.slice(1)}`;

  it('take the sample rate from the waveform when called once, and say so when given one', () => {
    expect(() => once(speech, { ...options, sampleRate: 22050 } as never)).toThrow(
      expect.objectContaining({
        code: 'bad-option',
        message: `${name}: the sample rate is the waveform's own; resample() for another`,
      }),
    );
  });

  it('give the same matrix, with names, and leave the samples as they are', () => {
    const before = speech.samples.slice();
    const extractor = create({ ...options, sampleRate: 16000 });
    const matrix = extractor.extract(speech);
    expect(once(speech, options)).toEqual(matrix);
    expect(matrix.data.length).toBe(matrix.frames * matrix.dims);
    expect(matrix.names).toEqual(extractor.names);
    expect(matrix.names?.length).toBe(matrix.dims);
    expect(speech.samples).toEqual(before);
  });

  it('give the same numbers again after clips of other lengths, rates and options', () => {
    const extractor = create({ ...options, sampleRate: 16000 });
    const first = extractor.extract(speech);
    const kept = first.data.slice();
    const shorter = { samples: speech.samples.slice(0, 2000), sampleRate: 16000 };
    const alone = create({ ...options, sampleRate: 16000 }).extract(shorter);
    expect(extractor.extract(shorter)).toEqual(alone);
    expect(first.data).toEqual(kept);
    expect(once(speech, options)).toEqual(first);
    once({ ...speech, sampleRate: 8000 }, options);
    once(speech);
    expect(once(speech, options)).toEqual(first);
  });

  it('are finite for silence, for one sample and for full scale', () => {
    for (const waveform of [synthetic('silence'), wave(0.5), wave(0), wave(...new Array(1000).fill(-1))]) {
      const { data, frames } = once(waveform, options);
      expect(frames).toBeGreaterThan(0);
      expect(data.every(Number.isFinite)).toBe(true);
    }
  });

  it('refuse NaN, no samples, what is no waveform, and a signal shorter than a frame that is not centred', () => {
    expect(() => once(wave(0, Number.NaN, 0), options)).toThrow(
      expect.objectContaining({ code: 'not-finite', message: expect.stringMatching(`^${name}: .*NaN at sample 1`) }),
    );
    expect(() => once(wave(), options)).toThrow(expect.objectContaining({ code: 'empty' }));
    expect(() => once(undefined as never)).toThrow(expect.objectContaining({ code: 'bad-input' }));
    expect(() => once({ samples: [0, 1], sampleRate: 8000 } as never)).toThrow(
      expect.objectContaining({ code: 'bad-input' }),
    );
    const uncentred = { ...options, center: false };
    expect(once(wave(...new Array(256).fill(0.1)), uncentred).frames).toBe(1);
    expect(() => once(wave(...new Array(255).fill(0.1)), uncentred)).toThrow(
      expect.objectContaining({ code: 'too-short', message: expect.stringMatching(/256 samples, got 255 samples/) }),
    );
  });

  it('refuse unknown options, wrong types, and a sample rate that is none', () => {
    expect(() => once(speech, { hop: 3 } as never)).toThrow(
      expect.objectContaining({ code: 'bad-option', message: expect.stringMatching(`^${name}: unknown option "hop"`) }),
    );
    expect(() => once(speech, { hopLength: '3' } as never)).toThrow(/hopLength expected number, got "3"/);
    expect(() => once(speech, { hopLength: 0 })).toThrow(/hopLength expected > 0, got 0/);
    expect(() => once(speech, { preset: 'meyda' } as never)).toThrow(/preset expected "librosa".*, got "meyda"/);
    expect(() => once(speech, 5 as never)).toThrow(/options expected an object, got 5/);
    expect(() => create({ ...options, sampleRate: -1 })).toThrow(`${factory}: sampleRate expected > 0, got -1`);
    expect(() => create(undefined as never)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  it('refuses a waveform of another rate than it was prepared for', () => {
    const extractor = create({ ...options, sampleRate: 8000 });
    expect(() => extractor.extract(speech)).toThrow(
      expect.objectContaining({
        code: 'wrong-rate',
        message: `${factory}: sampleRate expected 8000 Hz as prepared, got 16000; resample first`,
      }),
    );
  });
});

describe('options', () => {
  it("default to librosa's, and config says them all", () => {
    expect(createMfcc({ sampleRate: 22050 }).config).toEqual({
      preset: 'librosa',
      simd: true,
      sampleRate: 22050,
      scale: 1,
      removeDc: false,
      preEmphasis: 0,
      nFft: 2048,
      hopLength: 512,
      winLength: 2048,
      window: 'hann',
      windowSymmetric: false,
      framedBy: 'nFft',
      center: true,
      padMode: 'constant',
      nMels: 128,
      fMin: 0,
      fMax: 11025,
      htk: false,
      melNorm: 'slaney',
      triangles: 'hz',
      lastBinHz: 11025,
      power: 2,
      logarithm: 'db',
      ref: 1,
      amin: 1e-10,
      topDb: 80,
      nMfcc: 20,
      dctNorm: 'ortho',
      lifter: 0,
      lifterShift: 1,
      c0: 'first',
    });
    expect(createSpectrogram({ sampleRate: 8000, nFft: 1024, winLength: 402 }).config.hopLength).toBe(100);
    expect(createZcr({ sampleRate: 8000 }).config).toEqual({
      preset: 'librosa',
      sampleRate: 8000,
      frameLength: 2048,
      hopLength: 512,
      center: true,
    });
  });

  it('an extractor made from another one’s config gives the same numbers', () => {
    const extractor = createMfcc({ sampleRate: 16000, nFft: 400, hopLength: 160, nMels: 40, htk: true, topDb: null });
    expect(createMfcc(extractor.config).extract(speech)).toEqual(extractor.extract(speech));
  });

  it('that contradict one another are refused, each with its bound', () => {
    expect(() => mfcc(speech, { nFft: 512, winLength: 513 })).toThrow(
      'mfcc: winLength expected <= nFft = 512, got 513',
    );
    expect(() => mfcc(speech, { nMels: 12 })).toThrow('mfcc: nMfcc expected <= nMels = 12, got 20');
    expect(() => logMel(speech, { fMax: 8001 })).toThrow(/logMel: fMax expected <= 8000, half the sample rate/);
    expect(() => logMel(speech, { fMin: 8000 })).toThrow(/logMel: fMin expected < fMax = 8000, got 8000/);
    expect(() => mfcc(speech, { nFft: 1 })).toThrow(/nFft expected >= 2, got 1/);
    expect(() => mfcc(speech, { power: 3 as never })).toThrow(/power expected 1 \| 2, got 3/);
    expect(() => mfcc(speech, { window: 'kaiser' as never })).toThrow(
      /window expected "hann" \| "hamming" \| "povey" \| "ones"/,
    );
    expect(() => stft(speech, { nMels: 3 } as never)).toThrow(/stft: unknown option "nMels"/);
  });

  it('topDb null makes a frame independent of the rest of its clip, and 80 does not', () => {
    const louder = speech.samples.slice();
    for (let n = 0; n < 2000; n++) louder[n] = n % 2 === 0 ? 1 : -1;
    const o = { nFft: 256, nMels: 20, hopLength: 256 };
    const last = (samples: Float32Array<ArrayBuffer>, topDb: number | null) =>
      logMel({ samples, sampleRate: 16000 }, { ...o, topDb }).data.slice(20 * 20);
    expect(last(louder, null)).toEqual(last(speech.samples, null));
    expect(last(louder, 80)).not.toEqual(last(speech.samples, 80));
  });
});

describe('frameTimes', () => {
  it('are multiples of the hop when centred, and half a frame later when not', () => {
    const matrix = mfcc(speech, { hopLength: 160 });
    expect(Array.from(frameTimes(matrix, { sampleRate: 16000, hopLength: 160 }).slice(0, 3))).toEqual([0, 0.01, 0.02]);
    const uncentred = frameTimes(2, { sampleRate: 16000, hopLength: 160, frameLength: 400, center: false });
    expect(Array.from(uncentred)).toEqual([0.0125, 0.0225]);
    expect(frameTimes(0, { sampleRate: 16000 }).length).toBe(0);
    expect(() => frameTimes(-1, { sampleRate: 16000 })).toThrow(/frames expected .*, got -1/);
    expect(() => frameTimes(3, { sampleRate: 16000, hop: 1 } as never)).toThrow(/unknown option "hop"/);
  });
});
