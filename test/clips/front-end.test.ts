import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { activeLevel, withActiveLevel } from '../../src/clips/active-level.ts';
import { createFrontEnd, type FrontEndOptions } from '../../src/clips/front-end.ts';
import { deltaNames, deltas } from '../../src/features/deltas.ts';
import { createFeatureSet, describeFeatureSet } from '../../src/features/feature-sets.ts';
import { functionals } from '../../src/features/functionals.ts';
import { mfcc } from '../../src/features/mfcc.ts';
import { rms } from '../../src/features/rms.ts';
import { slidingCmvn } from '../../src/features/sliding-cmvn.ts';
import { sound } from '../recognizer/support.ts';

describe('createFrontEnd', () => {
  it('stacks features frame by frame, with their deltas behind them', () => {
    const options = { nMfcc: 5, hopLength: 256, nFft: 512 };
    const frontEnd = createFrontEnd({
      sampleRate: 16000,
      normalizeLevel: false,
      features: [
        { name: 'mfcc', options, deltas: [1, 2] },
        { name: 'rms', options: { hopLength: 256 } },
        { name: 'zcr', options: { hopLength: 256 } },
      ],
    });
    expect(frontEnd.names).toHaveLength(17);
    expect(frontEnd.names.slice(4, 7)).toEqual(['mfcc4', 'delta mfcc0', 'delta mfcc1']);
    const waveform = sound('low', 1);
    const matrix = frontEnd.extract(waveform);
    const parts = mfcc(waveform, options);
    expect(frontEnd.names[10]).toBe('delta2 mfcc0');
    expect(matrix).toMatchObject({ frames: parts.frames, dims: 17 });
    const column = (m: { data: Float32Array; dims: number }, d: number): number[] =>
      Array.from({ length: parts.frames }, (_, t) => m.data[t * m.dims + d]!);
    expect(column(matrix, 3)).toEqual(column(parts, 3));
    expect(column(matrix, 5)).toEqual(column(deltas(parts), 0));
    expect(column(matrix, 14)).toEqual(column(deltas(parts, { order: 2 }), 4));
    expect(column(matrix, 15)).toEqual(column(rms(waveform, { hopLength: 256 }), 0));
  });

  it('brings recordings of any rate to its own, and of any level to one', () => {
    const frontEnd = createFrontEnd({ sampleRate: 8000, features: [{ name: 'rms', options: { hopLength: 80 } }] });
    const at = (gain: number) => {
      const { samples, sampleRate } = sound('low', 1, 48000);
      return frontEnd.extract({ samples: samples.map((x) => x * gain), sampleRate });
    };
    const [soft, loud] = [at(0.001), at(5)];
    expect(soft.frames).toBe(1 + Math.floor(Math.round(sound('low', 1, 48000).samples.length / 6) / 80));
    soft.data.forEach((x, i) => {
      expect(x).toBeCloseTo(loud.data[i]!, 5);
    });
  });

  it('is JSON that makes the same front end again', () => {
    const options: FrontEndOptions = {
      sampleRate: 8000,
      features: [{ name: 'mfcc', options: { nMfcc: 4 }, deltas: [1] }],
    };
    const { config } = createFrontEnd(options);
    const again = createFrontEnd(JSON.parse(JSON.stringify(config)));
    expect(again.config).toEqual(config);
    expect(again.extract(sound('low', 1))).toEqual(createFrontEnd(options).extract(sound('low', 1)));
  });

  it.each([
    [{ features: [] }, /features expected at least 1 item/],
    [{ features: [{ name: 'chroma' }] }, /features\[0\].name expected "mfcc" \| "logMel"/],
    [{ features: [{ name: 'mfcc', deltas: [3] }] }, /features\[0\].deltas\[0\] expected 1 \| 2, got 3/],
    [{ features: [{ name: 'mfcc', options: { nMfc: 3 } }] }, /createMfcc: unknown option "nMfc"/],
    [{ features: [{ name: 'logMel', options: { fMax: 9000 } }] }, /createLogMel: fMax expected/],
    [{ features: [{ name: 'rms', deltas: [1, 1] }] }, /features\[0\].deltas expected each order once, got \[1,1\]/],
    [{ sampleRate: 10 }, /sampleRate expected >= 1000, got 10/],
    [{ sampleRate: 1e9 }, /sampleRate expected <= 384000/],
    [
      { levels: true },
      /unknown option "levels" \(known: sampleRate, normalizeLevel, features, slidingCmvn, functionals\)/,
    ],
    [
      {
        features: [
          { name: 'rms', options: { hopLength: 100 } },
          { name: 'zcr', options: { hopLength: 200 } },
        ],
      },
      /features expected one hopLength, got 100, 200/,
    ],
    [
      { features: [{ name: 'rms', options: { center: false } }, { name: 'zcr' }] },
      /features expected equally many frames of every recording, got rms \(not centred, 2048 samples\), zcr \(centred, 2048 samples\)/,
    ],
    [
      // Alike for most lengths of a recording, four seconds among them.
      {
        features: [
          { name: 'zcr', options: { frameLength: 400, hopLength: 320, center: false } },
          { name: 'rms', options: { frameLength: 480, hopLength: 320, center: false } },
        ],
      },
      /got zcr \(not centred, 400 samples\), rms \(not centred, 480 samples\); give all the same center/,
    ],
    [
      {
        features: [
          { name: 'zcr', options: { frameLength: 401, hopLength: 320 } },
          { name: 'rms', options: { frameLength: 400, hopLength: 320 } },
        ],
      },
      /all even or all odd/,
    ],
  ])('refuses %j', (options, message) => {
    expect(() => createFrontEnd(options as FrontEndOptions)).toThrow(
      expect.objectContaining({ code: 'bad-option', message: expect.stringMatching(message) }),
    );
  });

  it('takes features that give equally many frames of a recording of any length, and no others', () => {
    const feature = fc.record({
      name: fc.constantFrom('zcr' as const, 'rms' as const),
      options: fc.record({
        frameLength: fc.integer({ min: 1, max: 9 }),
        hopLength: fc.constantFrom(3, 4),
        center: fc.boolean(),
      }),
    });
    fc.assert(
      fc.property(feature, feature, (a, b) => {
        const frames = (f: typeof a, length: number): number => {
          const { frameLength, hopLength, center } = f.options;
          return 1 + Math.floor((length + (center ? 2 * Math.floor(frameLength / 2) : 0) - frameLength) / hopLength);
        };
        const lengths = Array.from({ length: 40 }, (_, i) => i + 9);
        const alike =
          a.options.hopLength === b.options.hopLength && lengths.every((n) => frames(a, n) === frames(b, n));
        const make = () => createFrontEnd({ features: [a, b], normalizeLevel: false });
        if (!alike) expect(make).toThrow(/createFrontEnd: features expected/);
        else {
          const frontEnd = make();
          for (const n of lengths) {
            const { samples } = sound('low', 1);
            expect(frontEnd.extract({ samples: samples.slice(0, n), sampleRate: 16000 }).frames).toBe(frames(a, n));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  const FRAMED: FrontEndOptions['features'] = [
    { name: 'rms', options: { hopLength: 160 } },
    { name: 'zcr', options: { hopLength: 160 } },
  ];

  it('takes a feature set by its name, at its rate, and keeps the name', () => {
    const frontEnd = createFrontEnd({ features: 'mfcc40.v1', normalizeLevel: false });
    expect(frontEnd.config).toEqual({ sampleRate: 16000, normalizeLevel: false, features: 'mfcc40.v1' });
    const set = createFeatureSet('mfcc40.v1');
    expect(frontEnd.names).toEqual(set.names);
    expect(frontEnd.extract(sound('low', 1)).data).toEqual(set.extract(sound('low', 1)).data);
    const { features } = describeFeatureSet('mfcc40.v1');
    expect(createFrontEnd({ features }).names).toEqual(set.names);
  });

  it('normalises stacked frames by a sliding window where asked for', () => {
    const plain = createFrontEnd({ features: FRAMED });
    const sliding = createFrontEnd({ features: FRAMED, slidingCmvn: { window: 20, variance: true } });
    expect(sliding.config).toEqual({ ...plain.config, slidingCmvn: { window: 20, variance: true } });
    expect(sliding.names).toEqual(plain.names);
    const waveform = sound('noise', 1);
    expect(sliding.extract(waveform)).toEqual(slidingCmvn(plain.extract(waveform), { window: 20, variance: true }));
    expect(sliding.extract(waveform)).not.toEqual(plain.extract(waveform));
  });

  it('makes one frame of functionals where asked for, named', () => {
    const options = { statistics: ['mean', 'max'], percentiles: [25] } as const;
    const frontEnd = createFrontEnd({ features: FRAMED, functionals: options });
    expect(frontEnd.names).toEqual([
      ...['mean(rms)', 'max(rms)', 'percentile25(rms)'],
      ...['mean(zcr)', 'max(zcr)', 'percentile25(zcr)'],
    ]);
    const waveform = sound('noise', 1);
    const frames = createFrontEnd({ features: FRAMED }).extract(waveform);
    expect(frontEnd.extract(waveform)).toEqual({ data: functionals(frames, options).values, frames: 1, dims: 6 });
    const again = createFrontEnd(JSON.parse(JSON.stringify(frontEnd.config)));
    expect(again.extract(waveform)).toEqual(frontEnd.extract(waveform));
    const voiced = { mask: 'rms', threshold: 0.01, dims: ['zcr'] };
    expect(createFrontEnd({ features: FRAMED, functionals: { voiced } }).names).toContain('mean(zcr, voiced)');
  });

  it.each([
    [{ features: 'mfcc40.v9' }, /createFrontEnd: name expected one of mfcc40.v1, .*; got "mfcc40.v9"/],
    [{ features: 'mfcc40.v1', sampleRate: 8000 }, /sampleRate expected 16000 with the feature set mfcc40.v1, got 8000/],
    [{ features: 5 }, /createFrontEnd: features expected .*, got 5/],
    [{ slidingCmvn: { windows: 3 } }, /createSlidingCmvn: unknown option "windows"/],
    [{ slidingCmvn: true }, /slidingCmvn expected/],
    [{ functionals: { mean: true } }, /functionals: unknown option "mean"/],
    [
      { functionals: { voiced: { mask: 'f0' } } },
      /functionals: voiced.mask expected the name of a dimension, mfcc0 .*, got "f0"/,
    ],
    [
      { functionals: { voiced: { mask: { data: new Float32Array(1), frames: 1, dims: 1 } } } },
      /functionals.voiced expected mask to be the name of a dimension/,
    ],
    [
      { functionals: { voiced: { mask: 'mfcc0' } }, slidingCmvn: {} },
      /functionals.voiced expected no slidingCmvn before it, which moves the mask, got "mfcc0"/,
    ],
  ])('refuses %j', (options, message) => {
    expect(() => createFrontEnd(options as FrontEndOptions)).toThrow(
      expect.objectContaining({ code: 'bad-option', message: expect.stringMatching(message) }),
    );
  });

  it('keeps its own copy of the options, and gives one away', () => {
    const options = {
      features: [{ name: 'rms', options: { hopLength: 160 }, deltas: [1] }],
      slidingCmvn: { window: 20 },
      functionals: { statistics: ['mean', 'max'] },
    };
    const frontEnd = createFrontEnd(options as FrontEndOptions);
    const before = structuredClone(frontEnd.config);
    const matrix = frontEnd.extract(sound('low', 1));
    const spoil = (given: typeof options) => {
      given.features[0]!.options.hopLength = 4;
      given.features[0]!.deltas.push(2);
      given.slidingCmvn.window = 2;
      given.functionals.statistics.length = 1;
    };
    spoil(options);
    expect(frontEnd.config).toEqual(before);
    expect(frontEnd.extract(sound('low', 1))).toEqual(matrix);
    spoil(frontEnd.config as unknown as typeof options);
    expect(frontEnd.extract(sound('low', 1))).toEqual(matrix);
    (createFrontEnd().config.features as unknown[]).length = 0;
    expect(createFrontEnd().names).toHaveLength(40);
  });

  it('numbers the names of a feature that comes twice', () => {
    const rms = (frameLength: number, deltas: readonly (1 | 2)[] = []) => {
      return { name: 'rms', options: { frameLength, hopLength: 160 }, deltas } as const;
    };
    const { names } = createFrontEnd({ features: [rms(400), rms(800, [1]), rms(1600)] });
    expect(names).toEqual(['rms', 'rms.2', ...deltaNames(['rms.2'], 1), 'rms.3']);
  });

  it('speaks of its own function in errors about a waveform', () => {
    const empty = { samples: new Float32Array(0), sampleRate: 16000 };
    expect(() => createFrontEnd().extract(empty)).toThrow(/^createFrontEnd: /);
    expect(() => createFrontEnd().extract(empty, 'mine')).toThrow(/^mine: /);
  });

  it('takes undefined for an option that is left out', () => {
    const plain = createFrontEnd();
    const same = createFrontEnd({ sampleRate: undefined, normalizeLevel: undefined, features: undefined });
    expect(same.config).toEqual(plain.config);
    const features = [{ name: 'rms', options: undefined, deltas: undefined }] as const;
    expect(createFrontEnd({ features }).names).toEqual(createFrontEnd({ features: [{ name: 'rms' }] }).names);
  });

  it('continues a recording that is too short for its deltas by its first and last frame', () => {
    const rising = Float32Array.from({ length: 640 }, (_, i) => (i < 320 ? 0.1 : 0.4) * Math.sin(i));
    const features = [
      { name: 'rms', options: { hopLength: 160, frameLength: 160, center: false }, deltas: [1] },
    ] as const;
    const frontEnd = createFrontEnd({ features, normalizeLevel: false });
    const { data, frames } = frontEnd.extract({ samples: rising, sampleRate: 16000 });
    expect(frames).toBe(4);
    const level = (t: number): number => data[Math.min(3, Math.max(0, t)) * 2]!;
    for (let t = 0; t < frames; t++) {
      // The least-squares slope over 9 frames: sum k x[t + k] / 60.
      let slope = 0;
      for (let k = -4; k <= 4; k++) slope += (k * level(t + k)) / 60;
      expect(data[t * 2 + 1]).toBeCloseTo(slope, 6);
    }
    expect(data[3]).toBeGreaterThan(0.01);
  });
});

describe('activeLevel', () => {
  const tone = (seconds: number, amplitude: number): number[] =>
    Array.from({ length: seconds * 16000 }, (_, i) => amplitude * Math.sin(i / 5));

  it('of a tone is its RMS, whatever silence lies around it', () => {
    const alone = activeLevel({ samples: Float32Array.from(tone(1, 0.2)), sampleRate: 16000 });
    expect(alone).toBeCloseTo(0.2 / Math.SQRT2, 3);
    const between = [...tone(2, 0.0001), ...tone(1, 0.2), ...tone(3, 0.0001)];
    expect(activeLevel({ samples: Float32Array.from(between), sampleRate: 16000 })).toBeCloseTo(alone, 3);
  });

  it('of silence is 0, and silence stays silence', () => {
    const silence = { samples: new Float32Array(100), sampleRate: 16000 };
    expect(activeLevel(silence)).toBe(0);
    expect(withActiveLevel(silence, 0.05).samples).toEqual(silence.samples);
  });

  it('is what withActiveLevel was asked for', () => {
    const waveform = { samples: Float32Array.from([...tone(1, 0.01), ...tone(1, 0.2)]), sampleRate: 16000 };
    expect(activeLevel(withActiveLevel(waveform, 0.05))).toBeCloseTo(0.05, 4);
  });
});
