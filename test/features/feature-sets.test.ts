import { describe, expect, it } from 'vitest';
import { createFeatureSet, describeFeatureSet, featureSets } from '../../src/features/index.ts';
import { NAMED_FEATURES } from '../../src/features/named-features.ts';
import { errorOf } from '../support/error-of.ts';

describe.each(featureSets())('the feature set %s', (name) => {
  const set = describeFeatureSet(name);

  it('decides every option itself, so that no default can change it', () => {
    for (const { name: feature, options } of set.features) {
      const create = NAMED_FEATURES[feature] as (o: object) => { config: Record<string, unknown> };
      const { config } = create({ ...options, sampleRate: set.sampleRate });
      expect({ ...options, sampleRate: set.sampleRate }).toEqual(config);
    }
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
    expect(error.message).toContain('expected 16000 Hz');
  });
});
