import { describe, expect, it } from 'vitest';
import {
  addBackground,
  compose,
  createAugmentation,
  gain,
  maybe,
  oneOf,
  ownFunction,
  parseAugmentation,
  parseTransform,
  reverb,
  someOf,
} from '../../src/augment/index.ts';
import { createRandom } from '../../src/core/random.ts';
import type { Waveform } from '../../src/core/waveform.ts';

const waveform: Waveform = { samples: Float32Array.of(0.5, -0.25, 0.125, 0), sampleRate: 16000 };

/** Adds a drawn number to every sample. */
const offset = (w: Waveform, random: () => number): Waveform => ({
  samples: w.samples.map((x) => x + random()),
  sampleRate: w.sampleRate,
});

const NESTED = compose([
  maybe(0.5, gain({ gainDb: [-6, 6] })),
  oneOf([gain({ gainDb: -3 }), compose([gain({ gainDb: 1 }), gain({ gainDb: [0, 1] })])], { weights: [1, 3] }),
  someOf([0, 2], [gain({ gainDb: [-1, 1] }), gain({ gainDb: [2, 3] }), maybe(0.9, ownFunction('offset', offset))]),
]);

describe('transforms made of others', () => {
  it('refuse two different functions of one name, which JSON could not tell apart', () => {
    const times = (by: number) =>
      function f({ samples, sampleRate }: Waveform): Waveform {
        return { samples: samples.map((x) => x * by), sampleRate };
      };
    const two = times(2);
    expect(() => compose([two, times(3)])).toThrow(/two called "f": name them with ownFunction\(name, f\)/);
    expect(() => compose([two, two])).not.toThrow();
    expect(() => compose([ownFunction('a', two), ownFunction('b', times(3))])).not.toThrow();
    const nested = compose([maybe(0.5, oneOf([two, gain()]))]);
    expect(() => someOf(1, [gain(), nested, maybe(0.1, times(3))])).toThrow(/^someOf: .*two called "f"/);
    expect(() => createAugmentation([nested, times(3)])).toThrow(/^createAugmentation: .*two called "f"/);
    expect(() => createAugmentation([nested, maybe(0.1, two)])).not.toThrow();
  });

  it('hold what their JSON only names, however deep', () => {
    const hum = { samples: Float32Array.of(1, -1, 1), sampleRate: 16000 };
    const room = { samples: Float32Array.of(1, 0.5), sampleRate: 16000 };
    const background = addBackground({ recordings: { hum } });
    const all = compose([
      maybe(0.5, oneOf([background, gain()])),
      someOf(1, [reverb({ responses: { room } }), offset]),
    ]);
    expect(all.held).toEqual({ functions: { offset }, recordings: { hum, room } });
    const again = parseTransform(all.toJSON(), all.held);
    for (const seed of [1, 2, 3, 4]) {
      expect(again.run(waveform, createRandom(seed))).toEqual(all.run(waveform, createRandom(seed)));
    }
    expect('held' in gain()).toBe(false);
    // Samples decide, not objects; and one name stands for one recording.
    const of = (samples: number[]) =>
      addBackground({ recordings: { hum: { ...hum, samples: Float32Array.from(samples) } } });
    expect(() => compose([background, of([1, -1, 1])])).not.toThrow();
    expect(() => compose([background, of([1, -1, 0.5])])).toThrow(
      /recordings of different names, got two called "hum"/,
    );
  });

  it('refuse numbers outside [0, 1) of the source they draw from, each looked at once', () => {
    for (const wrong of [1, -0.1, Number.NaN, Number.POSITIVE_INFINITY, '0.5', undefined]) {
      for (const transform of [gain(), maybe(0.5, gain()), NESTED]) {
        for (const draw of [transform, transform.draw, transform.run]) {
          expect(() => draw(waveform, () => wrong as number)).toThrow(
            /random expected to give numbers from 0 to below 1, got /,
          );
        }
      }
    }
    expect(() => gain()(waveform, () => 0)).not.toThrow();
    expect(() => gain()(waveform, () => 1 - 2 ** -53)).not.toThrow();
  });

  it('write JSON that is a copy', () => {
    const count: [number, number] = [0, 1];
    const some = someOf(count, [gain({ gainDb: [-1, 1] })]);
    const before = JSON.stringify(some);
    count[1] = 9;
    const json = some.toJSON() as unknown as { count: number[]; transforms: { gainDb: number[] }[] };
    json.count[0] = 7;
    json.transforms[0]!.gainDb[0] = 7;
    expect(JSON.stringify(some)).toBe(before);
  });

  it('refuse indices that repeat, fall, or are too many or too few; weights whose sum overflows; a nameless function', () => {
    const two = someOf(2, [gain(), gain(), gain()]);
    const draw = { gainDb: 1 };
    const drawn = (indices: number[]) => ({ indices, drawn: indices.map(() => draw) });
    for (const indices of [[0, 0], [1, 0], [1], [0, 1, 2], []]) {
      expect(() => two.apply(waveform, drawn(indices))).toThrow(/someOf\.apply: drawn/);
    }
    expect(() => two.apply(waveform, drawn([0, 2]))).not.toThrow();
    expect(() => oneOf([gain(), gain()], { weights: [1e308, 1e308] })).toThrow(/weights/);
    expect(() => ownFunction('', offset)).toThrow('ownFunction: name expected a name of at least one character');
  });

  it('refuse a function that changes the sample rate', () => {
    const faster = ownFunction('faster', ({ samples }) => ({ samples, sampleRate: 8000 }));
    expect(() => faster(waveform, createRandom(1))).toThrow(/keep the sample rate of 16000 Hz, got 8000 Hz/);
  });

  it('give the same bytes for the same seed, and for what was drawn, over JSON', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 50; seed++) {
      const { output, drawn } = NESTED.run(waveform, createRandom(seed));
      expect(NESTED(waveform, createRandom(seed))).toEqual(output);
      expect(NESTED.draw(waveform, createRandom(seed))).toEqual(drawn);
      expect(NESTED.apply(waveform, JSON.parse(JSON.stringify(drawn)))).toEqual(output);
      seen.add(output.samples.join());
    }
    expect(seen.size).toBeGreaterThan(40);
  });

  it('are what they were after JSON and back', () => {
    const json = JSON.parse(JSON.stringify(NESTED));
    const again = parseTransform(json, { functions: { offset } });
    expect(JSON.parse(JSON.stringify(again))).toEqual(json);
    for (let seed = 0; seed < 20; seed++) {
      expect(again(waveform, createRandom(seed))).toEqual(NESTED(waveform, createRandom(seed)));
    }
  });

  it('leave the input as it is', () => {
    const before = waveform.samples.slice();
    for (let seed = 0; seed < 20; seed++) NESTED(waveform, createRandom(seed));
    expect(waveform.samples).toEqual(before);
  });
});

describe('maybe()', () => {
  it('applies as often as p says, and gives the input itself otherwise', () => {
    const transform = maybe(0.3, gain({ gainDb: 6 }));
    let applied = 0;
    for (let seed = 0; seed < 2000; seed++) {
      const { output, drawn } = transform.run(waveform, createRandom(seed));
      expect(output === waveform).toBe(drawn === null);
      if (drawn !== null) applied++;
    }
    expect(applied / 2000).toBeGreaterThan(0.26);
    expect(applied / 2000).toBeLessThan(0.34);
  });

  it('never applies at 0 and always at 1', () => {
    for (let seed = 0; seed < 100; seed++) {
      expect(maybe(0, gain()).draw(waveform, createRandom(seed))).toBeNull();
      expect(maybe(1, gain()).draw(waveform, createRandom(seed))).not.toBeNull();
    }
  });
});

describe('oneOf()', () => {
  it('chooses by the weights, never one of weight 0', () => {
    const transform = oneOf([gain({ gainDb: 1 }), gain({ gainDb: 2 }), gain({ gainDb: 3 })], { weights: [1, 0, 3] });
    const counts = [0, 0, 0];
    for (let seed = 0; seed < 2000; seed++) counts[transform.draw(waveform, createRandom(seed)).index]!++;
    expect(counts[1]).toBe(0);
    expect(counts[2]! / 2000).toBeGreaterThan(0.71);
    expect(counts[2]! / 2000).toBeLessThan(0.79);
  });
});

describe('someOf()', () => {
  it('takes as many as were asked for, none twice, in their order', () => {
    const transform = someOf([1, 2], [gain({ gainDb: 1 }), gain({ gainDb: 2 }), gain({ gainDb: 3 })]);
    const sizes = [0, 0, 0, 0];
    for (let seed = 0; seed < 1000; seed++) {
      const { indices } = transform.draw(waveform, createRandom(seed));
      expect([...new Set(indices)].sort()).toEqual(indices);
      sizes[indices.length]!++;
    }
    expect(sizes[0]! + sizes[3]!).toBe(0);
    expect(sizes[1]).toBeGreaterThan(430);
    expect(sizes[2]).toBeGreaterThan(430);
  });
});

describe('what is refused', () => {
  const message = (act: () => unknown): string => {
    try {
      act();
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing was thrown';
  };

  it('is named with its place in the JSON', () => {
    const json = [
      { transform: 'maybe', p: 0.5, of: { transform: 'oneOf', transforms: [{ transform: 'gain', gainDb: 'x' }] } },
    ];
    expect(message(() => parseTransform(json))).toMatch(
      /^parseTransform: transforms\[0\]\.of\.transforms\[0\]: gain: gainDb expected .*, got "x"$/,
    );
    expect(message(() => parseTransform({ transform: 'gian' }))).toMatch(
      /^parseTransform: transform expected one of .*gain.*, got "gian"; did you mean gain\?$/,
    );
    expect(message(() => parseTransform({ gain: { gainDb: 3 } }))).toBe(
      'parseTransform: expected a key "transform" with a transform\'s name, got none (keys: gain)',
    );
    expect(message(() => parseTransform({ transform: 'gain', p: 0.5 }))).toBe(
      'parseTransform: gain: unknown option "p"; for a probability write { "transform": "maybe", "p": 0.5, "of": { "transform": "gain", ... } }',
    );
    expect(message(() => parseTransform({ transform: 'maybe', p: 0.5 }))).toMatch(
      /maybe: of expected a transform \(required\)/,
    );
    expect(message(() => parseTransform({ transform: 'pad' }))).toMatch(
      /durationSec expected .* \(required\), got nothing$/,
    );
    expect(message(() => parseTransform({ transform: 'quack' }))).toMatch(/addBackground, addNoise, .*got "quack"$/);
    expect(message(() => parseTransform({ transform: 'gain', gain: 3 }))).toBe(
      'parseTransform: gain: unknown option "gain" (known: gainDb)',
    );
    expect(message(() => parseTransform({ transform: 'toString' }))).toContain('got "toString"');
    expect(message(() => parseTransform({ transform: 'maybe', p: 2, of: { transform: 'gain' } }))).toContain(
      'p expected <= 1, got 2',
    );
    expect(message(() => parseTransform(null))).toContain('got null');
    expect(message(() => parseTransform([]))).toContain('transforms expected a list of at least one');
    expect(message(() => parseTransform({ transform: 'ownFunction', name: 'x' }, { functions: { offset } }))).toContain(
      '(offset), got "x"',
    );
  });

  it('is a draw that no draw() gives', () => {
    expect(message(() => NESTED.apply(waveform, [null]))).toContain('compose.apply: drawn');
    expect(message(() => gain().apply(waveform, { gainDb: 'x' } as never))).toBe(
      'gain.apply: drawn: gainDb expected number, got "x"',
    );
    expect(message(() => oneOf([gain()]).apply(waveform, { index: 1, drawn: null }))).toContain(
      'index expected <= 0, got 1',
    );
  });

  it('is a waveform that cannot be worked on', () => {
    expect(message(() => gain()({ samples: Float32Array.of(0, Number.NaN), sampleRate: 16000 }, createRandom(1)))).toBe(
      'gain: samples expected finite numbers, got NaN at sample 1',
    );
    expect(message(() => NESTED({ samples: new Float32Array(0), sampleRate: 16000 }, createRandom(1)))).toContain(
      'at least one sample',
    );
    expect(message(() => gain()(waveform, 1 as never))).toContain(
      'random expected a function such as createRandom(seed), got 1',
    );
  });
});

describe('createAugmentation()', () => {
  it('sorts transforms by what they work on, and goes over JSON', () => {
    const augmentation = createAugmentation([gain(), maybe(0.5, gain())]);
    expect(augmentation.waveform?.kind).toBe('compose');
    expect(augmentation.features).toBeUndefined();
    const again = parseAugmentation(JSON.parse(JSON.stringify(augmentation)));
    expect(again.toJSON()).toEqual(augmentation.toJSON());
    expect(parseAugmentation({ transform: 'gain' }).waveform?.kind).toBe('gain');
    expect(() => parseAugmentation([])).toThrow('at least one transform');
  });
});
