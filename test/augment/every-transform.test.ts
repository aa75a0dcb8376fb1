import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { parseTransform, type Transform, transformNames, type Waveform } from '../../src/augment/index.ts';
import { waveformTransform } from '../../src/augment/transform.ts';
import { isSerKitError } from '../../src/core/errors.ts';
import type { FeatureMatrix } from '../../src/core/feature-matrix.ts';
import { createRandom } from '../../src/core/random.ts';
import { BATCH_TABLE, FEATURE_TABLE, RECORDINGS, type TableCase, WAVEFORM_TABLE } from './transform-table.ts';

// What every transform promises, of all of them at once.

const RATES = [8000, 11025, 16000, 22050, 44100, 48000];
const halved = ({ samples, sampleRate }: Waveform): Waveform => ({ samples: samples.map((x) => x / 2), sampleRate });
const context = { recordings: RECORDINGS, functions: { halved } };

const samplesOf = (length: number, f: (i: number) => number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length }, (_, i) => f(i));

/** By name, samples of a signal that a careless formula stumbles over. */
const SIGNALS: Readonly<Record<string, Float32Array<ArrayBuffer>>> = {
  silence: samplesOf(2000, () => 0),
  'a sample of silence': samplesOf(1, () => 0),
  'one sample': samplesOf(1, () => 0.5),
  'two samples': samplesOf(2, (i) => 0.5 - i),
  'three samples': samplesOf(3, (i) => 0.25 * i),
  'a constant': samplesOf(1777, () => 0.3),
  'a clipped square wave': samplesOf(2400, (i) => (i % 100 < 50 ? 1 : -1)),
  'ten times full scale': samplesOf(2400, (i) => 10 * Math.sin(0.06 * i) * Math.cos(0.00171 * i * i)),
  'numbers up to 1e30': samplesOf(1500, (i) => 1e30 * Math.sin(0.1 * i)),
  'subnormal numbers': samplesOf(1500, (i) => 1e-42 * Math.sin(0.1 * i)),
  'a click': samplesOf(2000, (i) => (i === 999 ? 1 : 0)),
  'a voice': samplesOf(3000, (i) => (i > 800 && i < 2200 ? 0.1 : 1e-4) * (((i * 37) % 101) / 50 - 1)),
};

const bytesOf = (array: Float32Array): Buffer => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
const same = (a: Float32Array, b: Float32Array): boolean => bytesOf(a).equals(bytesOf(b));
const overJson = (value: unknown): never => JSON.parse(JSON.stringify(value)) as never;

/** The first promise that a transform breaks on this input, as a sentence; '' where it keeps all. */
function brokenPromise(
  transform: Transform,
  again: Transform,
  waveform: Waveform,
  seed: number,
  { length = (n) => [n, n] }: TableCase,
): string {
  const before = waveform.samples.slice();
  const { output, drawn } = transform.run(waveform, createRandom(seed));
  const { samples, sampleRate } = output;
  const n = waveform.samples.length;
  const [least, most] = length(n, waveform.sampleRate);
  if (!(samples instanceof Float32Array)) return 'the output is no Float32Array';
  if (samples.length === 0) return 'the output is empty';
  const bad = samples.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) return `sample ${bad} is ${samples[bad]}`;
  if (sampleRate !== waveform.sampleRate) return `the rate is ${sampleRate}, not ${waveform.sampleRate}`;
  if (samples.length < least || samples.length > most) return `${samples.length} samples, not ${least} to ${most}`;
  if (output !== waveform && samples.buffer === waveform.samples.buffer) return "the output shares the input's memory";
  if (!same(before, waveform.samples)) return 'the input was changed';
  if (!same(transform(waveform, createRandom(seed)).samples, samples)) return 'the same seed gave other bytes';
  if (JSON.stringify(transform.draw(waveform, createRandom(seed))) !== JSON.stringify(drawn))
    return 'draw() is not what run() draws';
  if (!same(transform.apply(waveform, overJson(drawn)).samples, samples)) return 'what was drawn gave other bytes';
  if (!same(again(waveform, createRandom(seed)).samples, samples)) return 'after JSON and back it gave other bytes';
  if (!same(before, waveform.samples)) return 'the input was changed';
  return '';
}

const known = (table: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(table).filter((name) => transformNames().includes(name));
const make = <T = Waveform>(name: string, options: object): Transform<unknown, T> =>
  parseTransform<T>({ transform: name, ...options }, context);

/** The code of the SerKitError that is thrown; what happened else, where it is not one. */
function outcome(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return isSerKitError(error) ? error.code : `not a SerKitError: ${String(error)}`;
  }
  return 'nothing was thrown';
}

/** What no draw() gives: other types, keys too many, keys too few, values of another type. */
function wrongDraws(drawn: unknown): unknown[] {
  if (drawn === null || typeof drawn !== 'object') return ['nonsense', 17, {}];
  const wrong: unknown[] = ['nonsense', 17, undefined];
  if (Array.isArray(drawn)) return [...wrong, {}, drawn.slice(1), [...drawn, null]];
  wrong.push({ ...drawn, nonsense: 1 }, []);
  for (const key of Object.keys(drawn)) {
    const { [key]: _, ...less } = drawn as Record<string, unknown>;
    wrong.push(less, { ...less, [key]: { nonsense: 1 } }, { ...less, [key]: Number.NaN });
  }
  return wrong;
}

/** The same draw with each of its numbers far out of bounds. */
function wildDraws(drawn: unknown): unknown[] {
  if (drawn === null || typeof drawn !== 'object' || Array.isArray(drawn)) return [];
  return Object.entries(drawn).flatMap(([key, value]) =>
    typeof value === 'number' ? [1e300, -1e300, -1e9, 0.5].map((wild) => ({ ...drawn, [key]: wild })) : [],
  );
}

describe('the table', () => {
  it('has every transform that there is', () => {
    const all = [WAVEFORM_TABLE, FEATURE_TABLE, BATCH_TABLE].flatMap((table) => Object.keys(table));
    expect(transformNames().filter((name) => !all.includes(name))).toEqual([]);
  });
});

describe('the checks below', () => {
  it.each([
    [
      'the input was changed',
      ({ samples, sampleRate }: Waveform) => ({ samples: samples.fill(0.1).slice(), sampleRate }),
    ],
    ["the output shares the input's memory", (w: Waveform) => ({ ...w, samples: w.samples.subarray(0) })],
    ['the rate is 8000, not 16000', ({ samples }: Waveform) => ({ samples: samples.slice(), sampleRate: 8000 })],
    ['2999 samples, not 3000 to 3000', (w: Waveform) => ({ ...w, samples: w.samples.slice(1) })],
    ['the same seed gave other bytes', (w: Waveform) => ({ ...w, samples: w.samples.map((x) => x * Math.random()) })],
  ])('notice where %s', (fault, f) => {
    // Not ownFunction(), which refuses some of them itself.
    const transform = waveformTransform({ kind: 'faulty', options: {}, drawn: z.null(), draw: () => null, apply: f });
    const waveform = { samples: SIGNALS['a voice']!.slice(), sampleRate: 16000 };
    expect(brokenPromise(transform, transform, waveform, 1, { options: {} })).toBe(fault);
  });
});

describe.each(known(WAVEFORM_TABLE))('%s()', (name) => {
  const cases = WAVEFORM_TABLE[name]!;
  const voice: Waveform = { samples: SIGNALS['a voice']!, sampleRate: 16000 };

  it.each(cases)('keeps its promises on difficult signals, with $options', (each) => {
    const transform = make(name, each.options);
    const again = parseTransform(overJson(transform), context);
    expect(transform.domain).toBe('waveform');
    expect(overJson(again)).toEqual(overJson(transform));
    const broken: string[] = [];
    for (const sampleRate of RATES) {
      for (const [signal, samples] of Object.entries(SIGNALS)) {
        const why = brokenPromise(transform, again, { samples, sampleRate }, 1 + sampleRate + samples.length, each);
        if (why !== '') broken.push(`${signal} at ${sampleRate} Hz: ${why}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it.each(cases)('keeps its promises on any signal, with $options', (each) => {
    const transform = make(name, each.options);
    const again = parseTransform(overJson(transform), context);
    const length = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 41, max: 4000 }));
    const seed = fc.integer({ min: 0, max: 2 ** 32 });
    fc.assert(
      fc.property(length, seed, fc.constantFrom(...RATES), fc.constantFrom(1e-6, 0.1, 1, 10), (n, of, rate, peak) => {
        const random = createRandom(of);
        const hz = 60 + 2000 * random();
        const noise = random();
        const phase = (2 * Math.PI * hz) / rate;
        const samples = samplesOf(n, (i) => peak * (noise * (2 * random() - 1) + (1 - noise) * Math.sin(phase * i)));
        expect(brokenPromise(transform, again, { samples, sampleRate: rate }, of, each)).toBe('');
      }),
      { numRuns: 25, seed: 6 },
    );
  });

  it('refuses NaN, no samples, and what is no waveform', () => {
    const transform = make(name, cases[0]!.options);
    const { drawn } = transform.run(voice, createRandom(1));
    const bad = [
      { input: { samples: Float32Array.of(0, Number.NaN), sampleRate: 16000 }, code: 'not-finite' },
      { input: { samples: Float32Array.of(Number.NEGATIVE_INFINITY), sampleRate: 16000 }, code: 'not-finite' },
      { input: { samples: new Float32Array(0), sampleRate: 16000 }, code: 'empty' },
      { input: { samples: [0, 1], sampleRate: 16000 }, code: 'bad-input' },
      { input: { samples: Float32Array.of(0), sampleRate: 0 }, code: 'bad-input' },
      { input: null, code: 'bad-input' },
    ];
    for (const { input, code } of bad) {
      expect(outcome(() => transform(input as never, createRandom(1)))).toBe(code);
      expect(outcome(() => transform.draw(input as never, createRandom(1)))).toBe(code);
      expect(outcome(() => transform.apply(input as never, drawn))).toBe(code);
    }
    expect(outcome(() => transform(voice, 0.5 as never))).toBe('bad-input');
  });

  it('names an option that it does not have', () => {
    for (const { options } of cases) {
      const wrong = { ...options, nonsense: 1 };
      expect(outcome(() => make(name, wrong))).toBe('bad-option');
      expect(() => make(name, wrong)).toThrow(/unknown option "nonsense"/);
    }
  });

  it('refuses what no draw() of it gives', () => {
    for (const { options } of cases) {
      const transform = make(name, options);
      const { drawn } = transform.run(voice, createRandom(3));
      for (const wrong of wrongDraws(drawn)) {
        expect(`${JSON.stringify(wrong)}: ${outcome(() => transform.apply(voice, wrong))}`).toBe(
          `${JSON.stringify(wrong)}: bad-input`,
        );
      }
      for (const wild of wildDraws(drawn)) {
        const before = JSON.stringify(wild);
        const code = outcome(() => {
          if (transform.apply(voice, wild).samples.some((x) => !Number.isFinite(x))) throw new Error('not finite');
        });
        expect([`${before}: bad-input`, `${before}: nothing was thrown`]).toContain(`${before}: ${code}`);
      }
    }
  });
});

const matrixOf = (frames: number, dims: number, f: (i: number) => number): FeatureMatrix => ({
  data: samplesOf(frames * dims, f),
  frames,
  dims,
  names: Array.from({ length: dims }, (_, i) => `d${i}`),
});

const FEATURES: readonly FeatureMatrix[] = [
  matrixOf(0, 3, () => 0),
  matrixOf(1, 1, () => 1),
  matrixOf(2, 1, (i) => i),
  matrixOf(50, 13, (i) => Math.sin(i)),
  matrixOf(7, 80, (i) => -80 + (i % 9)),
  matrixOf(30, 4, () => 0),
];

describe.each(known(FEATURE_TABLE))('%s()', (name) => {
  it.each(FEATURE_TABLE[name]!.map((options) => ({ options })))('keeps its promises, with $options', ({ options }) => {
    const transform = make<FeatureMatrix>(name, options);
    const again = parseTransform<FeatureMatrix>(overJson(transform), context);
    expect(transform.domain).toBe('features');
    expect(overJson(again)).toEqual(overJson(transform));
    for (const input of FEATURES) {
      for (let seed = 0; seed < 20; seed++) {
        const before = input.data.slice();
        const { output, drawn } = transform.run(input, createRandom(seed));
        expect({ ...output, data: null }).toEqual({ ...input, data: null });
        expect(output.data.length).toBe(input.data.length);
        expect(output.data.every(Number.isFinite)).toBe(true);
        expect(same(transform(input, createRandom(seed)).data, output.data)).toBe(true);
        expect(transform.draw(input, createRandom(seed))).toEqual(drawn);
        expect(same(transform.apply(input, overJson(drawn)).data, output.data)).toBe(true);
        expect(same(again(input, createRandom(seed)).data, output.data)).toBe(true);
        expect(same(input.data, before)).toBe(true);
      }
    }
  });

  it('refuses what it cannot work on, unknown options, and what no draw() of it gives', () => {
    const transform = make<FeatureMatrix>(name, {});
    const input = FEATURES[3]!;
    const { drawn } = transform.run(input, createRandom(1));
    const holed = { ...input, data: input.data.map((x, i) => (i === 9 ? Number.NaN : x)) };
    expect(outcome(() => transform(holed, createRandom(1)))).toBe('not-finite');
    expect(outcome(() => transform({ ...input, frames: 3 }, createRandom(1)))).toBe('bad-input');
    expect(outcome(() => transform(null as never, createRandom(1)))).toBe('bad-input');
    expect(() => make(name, { nonsense: 1 })).toThrow(/unknown option "nonsense"/);
    for (const wrong of [...wrongDraws(drawn), { masks: Array(2).fill({ start: 1e9, width: 5 }) }]) {
      expect(outcome(() => transform.apply(input, wrong))).toBe('bad-input');
    }
  });
});

interface BatchExample {
  readonly features: FeatureMatrix;
  readonly target: Float32Array;
}

const BATCH: readonly BatchExample[] = [3, 5, 1, 4].map((frames, k) => ({
  features: matrixOf(frames, 2, (i) => 1 + i + 10 * k),
  target: samplesOf(4, (i) => Number(i === k)),
}));

describe.each(known(BATCH_TABLE))('%s()', (name) => {
  const flat = (batch: readonly BatchExample[]): Float32Array =>
    Float32Array.from(batch.flatMap(({ features, target }) => [features.frames, ...features.data, ...target]));

  it.each(BATCH_TABLE[name]!.map((options) => ({ options })))('keeps its promises, with $options', ({ options }) => {
    const transform = make<readonly BatchExample[]>(name, options);
    const again = parseTransform<readonly BatchExample[]>(overJson(transform), context);
    expect(transform.domain).toBe('batch');
    const before = flat(BATCH);
    for (let seed = 0; seed < 50; seed++) {
      for (const batch of [BATCH, BATCH.slice(0, 1)]) {
        const { output, drawn } = transform.run(batch, createRandom(seed));
        expect(output).toHaveLength(batch.length);
        expect(flat(output).every(Number.isFinite)).toBe(true);
        expect(same(flat(transform(batch, createRandom(seed))), flat(output))).toBe(true);
        expect(same(flat(transform.apply(batch, overJson(drawn))), flat(output))).toBe(true);
        expect(same(flat(again(batch, createRandom(seed))), flat(output))).toBe(true);
      }
    }
    expect(same(flat(BATCH), before)).toBe(true);
  });

  it('refuses what it cannot work on, unknown options, and what no draw() of it gives', () => {
    const transform = make<readonly BatchExample[]>(name, {});
    for (const batch of [
      [],
      null,
      [{}],
      [{ features: FEATURES[1] }],
      [BATCH[0]!, { ...BATCH[1]!, features: FEATURES[3]! }],
    ]) {
      expect(outcome(() => transform(batch as never, createRandom(1)))).toBe('bad-input');
    }
    const { drawn } = transform.run(BATCH, createRandom(1));
    for (const wrong of [
      ...wrongDraws(drawn),
      { weight: 2, partners: [0, 1, 2, 3] },
      { weight: 1, partners: [0, 1, 2, 2] },
    ]) {
      expect(outcome(() => transform.apply(BATCH, wrong))).toBe('bad-input');
    }
    expect(() => make(name, { nonsense: 1 })).toThrow(/unknown option "nonsense"/);
  });
});
