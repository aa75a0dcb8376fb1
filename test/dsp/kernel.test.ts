import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Dct } from '../../src/dsp/dct.ts';
import { firstSample, frameCount, type PadMode } from '../../src/dsp/frames.ts';
import { kernelEngine } from '../../src/dsp/kernel/engine.ts';
import { createMelKernel, type MelKernel, type MelKernelSettings } from '../../src/dsp/kernel/mel-kernel.ts';
import { MelBank, melSettings } from '../../src/dsp/mel.ts';
import { createWindow } from '../../src/dsp/window.ts';
import { createLogMel, createMfcc, type LogMelOptions, logMel, mfcc } from '../../src/features/index.ts';
import { largestDifference } from '../features/support.ts';
import { expectCompiled } from '../support/compiled.ts';

const sampleRate = 16000;

/** A hum and noise, louder and softer. */
function hum(length: number, seed = 1, loudness = 1): Float32Array<ArrayBuffer> {
  let state = seed;
  return Float32Array.from({ length }, (_, n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const envelope = loudness * (0.3 + 0.2 * Math.sin((2 * Math.PI * 4 * n) / sampleRate));
    return envelope * (Math.sin((2 * Math.PI * 150 * n) / sampleRate) + 0.2 * (state / 2 ** 32 - 0.5));
  });
}

interface Sizes {
  readonly nFft?: number;
  readonly winLength?: number;
  readonly hopLength?: number;
  readonly nMels?: number;
  readonly nMfcc?: number;
  readonly power?: 1 | 2;
  readonly least?: number;
}

function settings(sizes: Sizes = {}): MelKernelSettings {
  const { nFft = 64, winLength = nFft, hopLength = 16, nMels = 9, nMfcc = 0, power = 2, least = 1e-10 } = sizes;
  return {
    nFft,
    hopLength,
    window: createWindow('hann', winLength),
    windowStart: Math.floor((nFft - winLength) / 2),
    mel: new MelBank(melSettings('test', { sampleRate, nFft, nMels })),
    power,
    least,
    factor: 10 / Math.LN10,
    term: 0,
    cosines: nMfcc === 0 ? undefined : { outputs: nMfcc, table: new Dct(nMels, nMfcc, 'ortho').table },
  };
}

/** Frames 0 to before `count` that begin at sample 0. */
function run(kernel: MelKernel, samples: Float32Array, count: number, dims: number): Float32Array {
  const out = new Float32Array(count * dims);
  expect(kernel.compute(samples, 0, count, 'constant', null, out, 0)).toBe(true);
  return out;
}

describe('kernel-bytes.ts', () => {
  it('is what its source compiles to', () => expectCompiled('mel'), 60_000);

  it('is small enough for the browsers that compile 4 kB at once on the main thread, and no more', () => {
    const text = readFileSync(new URL('../../src/dsp/kernel/kernel-bytes.ts', import.meta.url), 'utf8');
    expect(Number(/(\d+) bytes/.exec(text)?.[1])).toBeLessThanOrEqual(4096);
  });
});

describe('the kernel', () => {
  const samples = hum(20_000);
  const waveform = { samples, sampleRate };

  const CASES: readonly LogMelOptions[] = [
    {},
    { nFft: 512, winLength: 400, hopLength: 160, nMels: 40 },
    { nFft: 512, winLength: 401, hopLength: 160, nMels: 41, topDb: null, power: 1 },
    { nFft: 1024, nMels: 80, fMin: 80, fMax: 7600, htk: true, melNorm: null, padMode: 'reflect' },
    { nFft: 400, hopLength: 200, nMels: 64, window: 'hamming', padMode: 'edge', topDb: null },
    { nFft: 480, hopLength: 100, nMels: 23, center: false, logarithm: 'ln', amin: 2 ** -23, scale: 32768, topDb: null },
    { nFft: 250, winLength: 3, hopLength: 1000, nMels: 10, ref: 0.5, topDb: 20 },
    { nFft: 30, hopLength: 7, nMels: 4, windowSymmetric: true, framedBy: 'winLength', winLength: 19, center: false },
    { nFft: 6, hopLength: 3, nMels: 1 },
    { nFft: 2 * 7 * 13, hopLength: 50, nMels: 1 },
    { nFft: 2 * 9 * 11, hopLength: 50, nMels: 6 },
    { nFft: 4, hopLength: 3, nMels: 2 },
  ];
  it.each(CASES.map((options) => [JSON.stringify(options), options] as const))(
    'agrees with float64: %s',
    (_, options) => {
      const tolerance = options.topDb === null ? 2e-2 : 2e-3;
      const bands = logMel(waveform, options);
      const exact = logMel(waveform, { ...options, simd: false });
      expect(bands.frames).toBe(exact.frames);
      expect(largestDifference(bands.data, exact.data)).toBeLessThan(tolerance);
      expect(bands.data, 'float32 differs, or the kernel did not run').not.toEqual(exact.data);
      for (const nMfcc of [1, 5, 13].filter((n) => n <= exact.dims)) {
        const lifted = { ...options, nMfcc, lifter: 22 };
        const coefficients = mfcc(waveform, lifted).data;
        expect(largestDifference(coefficients, mfcc(waveform, { ...lifted, simd: false }).data)).toBeLessThan(
          tolerance,
        );
      }
    },
  );

  it('takes signals longer than it keeps, with the greatest value of all', () => {
    const long = hum(200_000, 3);
    long.fill(0, 20_000, 150_000);
    long[199_000] = 1;
    const options = { nFft: 64, hopLength: 16, nMels: 16, nMfcc: 6, topDb: 30 };
    const fast = mfcc({ samples: long, sampleRate }, options).data;
    expect(fast.length / 6).toBeGreaterThan(131_072 / 16);
    expect(largestDifference(fast, mfcc({ samples: long, sampleRate }, { ...options, simd: false }).data)).toBeLessThan(
      2e-3,
    );
  });

  it('gives a frame the same bits however frames are grouped, whatever lies beside it', () => {
    const kernel = createMelKernel(settings({ nMfcc: 5 }))!;
    const whole = run(kernel, samples, 300, 5);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 299 }), fc.integer({ min: 1, max: 9 }), (first, count) => {
        const some = Math.min(count, 300 - first);
        const part = run(kernel, samples.slice(16 * first, 16 * (first + some - 1) + 64), some, 5);
        expect(part).toEqual(whole.slice(5 * first, 5 * (first + some)));
      }),
    );
  });

  it('pads beyond the ends as frames.ts does', () => {
    for (const padMode of ['constant', 'edge', 'reflect'] satisfies PadMode[]) {
      for (const length of [1, 2, 40, 100]) {
        const short = { samples: hum(length), sampleRate };
        const options = { nFft: 64, hopLength: 16, nMels: 5, padMode };
        const exact = logMel(short, { ...options, simd: false }).data;
        expect(largestDifference(logMel(short, options).data, exact), `${padMode} ${length}`).toBeLessThan(2e-3);
      }
    }
  });

  it('is shared: two extractors in turn give what each gives alone', () => {
    const one = createMfcc({ sampleRate, nFft: 512, hopLength: 160, nMels: 40 });
    const other = createLogMel({ sampleRate, nFft: 400, hopLength: 100, nMels: 20, topDb: null });
    const [a, b] = [one.extract(waveform).data, other.extract(waveform).data];
    const stream = other.stream();
    const blocks: number[] = [];
    for (let at = 0; at < samples.length; at += 777) {
      blocks.push(...stream.push(samples.slice(at, at + 777)).data);
      expect(one.extract(waveform).data).toEqual(a);
    }
    blocks.push(...stream.flush().data);
    expect(blocks).toEqual(Array.from(b));
  });

  it('says so where float32 overflows, and the numbers are then those of float64', () => {
    const loud = hum(4000, 2);
    for (let n = 1500; n < 2000; n++) loud[n] *= 1e20;
    const kernel = createMelKernel(settings())!;
    const framing = { frameLength: 64, hopLength: 16, center: true, padMode: 'constant' } as const;
    const frames = frameCount('test', loud.length, framing);
    const out = new Float32Array(frames * 9);
    expect(kernel.compute(loud, firstSample(framing), frames, 'constant', null, out, 0)).toBe(false);
    for (const topDb of [null, 80]) {
      const options = { nFft: 64, hopLength: 16, nMels: 9, topDb };
      const bands = logMel({ samples: loud, sampleRate }, options).data;
      const exact = logMel({ samples: loud, sampleRate }, { ...options, simd: false }).data;
      expect(largestDifference(bands, exact)).toBeLessThan(2e-2);
    }
    const extractor = createLogMel({ sampleRate, nFft: 64, hopLength: 16, nMels: 9, topDb: null });
    const stream = extractor.stream();
    const parts = [...stream.push(loud.slice(0, 1777)).data, ...stream.push(loud.slice(1777)).data];
    parts.push(...stream.flush().data);
    expect(parts).toEqual(Array.from(extractor.extract({ samples: loud, sampleRate }).data));
  });

  it('needs little memory, however long the signal', () => {
    mfcc({ samples: hum(1_000_000), sampleRate }, { nFft: 512, hopLength: 160, nMels: 40 });
    expect(kernelEngine()!.floats.byteLength).toBeLessThan(2 ** 21);
  });

  it('is undefined for sizes and floors that it does not know, and JavaScript computes', () => {
    expect(createMelKernel(settings({ nFft: 63 }))).toBeUndefined();
    expect(createMelKernel(settings({ nFft: 34 }))).toBeUndefined();
    expect(createMelKernel(settings({ nFft: 32768 }))).toBeUndefined();
    expect(createMelKernel(settings({ least: 1e-40 }))).toBeUndefined();
    expect(createMelKernel(settings({ nFft: 60 }))).toBeDefined();
    const options = { nFft: 63, hopLength: 16, nMels: 5 };
    expect(logMel(waveform, options)).toEqual(logMel(waveform, { ...options, simd: false }));
    const emphasized = { nFft: 64, hopLength: 16, nMels: 5, preEmphasis: 0.97 };
    expect(logMel(waveform, emphasized)).toEqual(logMel(waveform, { ...emphasized, simd: false }));
  });
});

describe('where WebAssembly does not run', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  it.each([
    ['is missing', undefined],
    [
      'refuses to compile',
      {
        Module: class {
          constructor() {
            throw new Error('no SIMD');
          }
        },
      },
    ],
  ])('JavaScript computes: it %s', async (_, webAssembly) => {
    const waveform = { samples: hum(3000), sampleRate };
    const exact = mfcc(waveform, { simd: false });
    vi.resetModules();
    vi.stubGlobal('WebAssembly', webAssembly);
    const { mfcc: fresh } = await import('../../src/features/mfcc.ts');
    expect(fresh(waveform)).toEqual(exact);
  });
});
