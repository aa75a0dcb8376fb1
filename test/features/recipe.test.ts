import { describe, expect, it } from 'vitest';
import { createFeatureSet, createRecipe, type FeatureChoice } from '../../src/features/index.ts';
import { errorOf } from '../support/error-of.ts';

const sampleRate = 16000;
const highest = (...features: FeatureChoice[]): number => createRecipe({ sampleRate, features }).highestHz;

describe('createRecipe()', () => {
  it('refuses a sample rate of one feature, which would not be used', () => {
    const features = [{ name: 'mfcc', options: { nMfcc: 5, sampleRate: 8000 } }] as unknown as FeatureChoice[];
    const error = errorOf(() => createRecipe({ sampleRate, features }));
    expect(error.code).toBe('bad-option');
    expect(error.message).toBe(
      "createRecipe: options of mfcc expected no sampleRate, as all features have the list's own, got 8000",
    );
  });

  it('looks up to half the rate, unless all of its features have an upper edge', () => {
    expect(highest({ name: 'mfcc', options: { fMax: 5000 } })).toBe(5000);
    expect(highest({ name: 'mfcc', options: { fMax: 5000 } }, { name: 'logMel', options: { fMax: 6000 } })).toBe(6000);
    expect(highest({ name: 'formants', options: { fMax: 5500 } })).toBe(5500);
    expect(highest({ name: 'mfcc' })).toBe(8000);
    // Their fMax is the highest voice that is looked for; what they look at is the whole band.
    for (const name of ['pitch', 'jitter', 'shimmer', 'harmonicity'] as const) {
      expect(highest({ name, options: { fMax: 400 } })).toBe(8000);
    }
  });

  it('names the list and the feature where one of them cannot stream', () => {
    const recipe = createRecipe({ sampleRate, features: [{ name: 'rms' }, { name: 'pitch' }] });
    const error = errorOf(() => recipe.stream());
    expect(error.code).toBe('bad-option');
    expect(error.message).toMatch(/^createRecipe: stream\(\) of pitch expected method: 'yin', got "pyin": /);
    expect(errorOf(() => createFeatureSet('prosody.v1').stream()).message).toMatch(
      /^createFeatureSet\('prosody\.v1'\): stream\(\) of pitch expected method: 'yin'/,
    );
  });
});
