import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createFeatureSet, describeFeatureSet, featureSets } from '../../src/features/index.ts';
import { NAMED_FEATURES } from '../../src/features/named-features.ts';
import { errorOf } from '../support/error-of.ts';
import { goldenSound } from './golden-sound.ts';
import { readFixture } from './support.ts';

interface Golden {
  /** Of { name, sampleRate, features } as JSON, and of the dimensions' names. */
  readonly sha256: string;
  readonly names: string;
  readonly frames: number;
  readonly frame30: readonly number[];
  readonly frame75: readonly number[];
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const { sets: golden } = readFixture<{ sets: Readonly<Record<string, Golden>> }>('feature-sets.json');

describe.each(featureSets())('the feature set %s', (name) => {
  const set = describeFeatureSet(name);

  it('decides every option itself, so that no default can change it', () => {
    for (const { name: feature, options } of set.features) {
      const create = NAMED_FEATURES[feature] as (o: object) => { config: Record<string, unknown> };
      const { config } = create({ ...options, sampleRate: set.sampleRate });
      expect({ ...options, sampleRate: set.sampleRate }).toEqual(config);
    }
  });

  it('has the options and gives the numbers that it had when it was made', () => {
    const { sha256: options, names, frames, frame30, frame75 } = golden[name]!;
    expect(sha256(JSON.stringify({ name, sampleRate: set.sampleRate, features: set.features }))).toBe(options);
    const ready = createFeatureSet(name);
    expect(sha256(ready.names.join())).toBe(names);
    const found = ready.extract(goldenSound());
    expect([found.frames, found.dims]).toEqual([frames, frame30.length]);
    for (const [t, expected] of [
      [30, frame30],
      [75, frame75],
    ] as const) {
      expected.forEach((value, d) => {
        const got = found.data[t * found.dims + d]!;
        expect(Math.abs(got - value), `frame ${t}, ${found.names?.[d]}: ${got} for ${value}`).toBeLessThanOrEqual(
          1e-3 * Math.max(Math.abs(value), 1e-3),
        );
      });
    }
  });

  it('cannot be changed by who uses it', () => {
    const { config } = createFeatureSet(name);
    (config.features[0] as { options: object }).options = {};
    (config.features as unknown[]).length = 1;
    expect(describeFeatureSet(name)).toEqual(set);
  });

  it('is plain JSON, has a version, and describes itself with a copy', () => {
    expect(JSON.parse(JSON.stringify(set))).toEqual(set);
    expect(set.name).toMatch(/^[a-z0-9]+\.v[1-9]$/);
    expect(set.description.length).toBeGreaterThan(10);
    (describeFeatureSet(name).features as unknown[]).length = 0;
    expect(describeFeatureSet(name)).toEqual(set);
  });

  it('gives a frame every 10 ms and a name for every dimension', () => {
    const extractor = createFeatureSet(name);
    const samples = Float32Array.from({ length: 16000 }, (_, n) => 0.3 * Math.sin(n * 0.06) + 0.1 * Math.sin(n * n));
    const matrix = extractor.extract({ samples, sampleRate: 16000 });
    expect(matrix.frames).toBe(101);
    expect(matrix.names).toEqual(extractor.names);
    expect(new Set(extractor.names).size).toBe(matrix.dims);
  });
});

describe('createFeatureSet()', () => {
  it('refuses a name that does not exist, and says which do', () => {
    expect(errorOf(() => createFeatureSet('mfcc40')).message).toBe(
      `createFeatureSet: name expected one of ${featureSets().join(', ')}; got "mfcc40"`,
    );
    expect(errorOf(() => describeFeatureSet(3 as never)).code).toBe('bad-option');
  });

  it('refuses another sample rate by name', () => {
    const waveform = { samples: new Float32Array(8000).fill(0.1), sampleRate: 8000 };
    const error = errorOf(() => createFeatureSet('mfcc40.v1').extract(waveform));
    expect(error.code).toBe('wrong-rate');
    expect(error.message).toBe(
      "createFeatureSet('mfcc40.v1'): sampleRate expected 16000 Hz as prepared, got 8000; resample first",
    );
  });
});
