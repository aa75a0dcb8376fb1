import { afterEach, describe, expect, it, vi } from 'vitest';
import { describeFeatureSet, featureSets } from '../../src/features/feature-sets.ts';
import { planOf } from '../../src/node/cache-key.ts';

// A Node without WebAssembly is another process; here its answer is put in the kernel's mouth.
const kernel = vi.hoisted(() => ({ runs: true }));
vi.mock('../../src/dsp/kernel/engine.ts', () => ({ kernelEngine: () => (kernel.runs ? {} : undefined) }));
afterEach(() => {
  kernel.runs = true;
});

const fingerprintOf = (...given: Parameters<typeof planOf>): string => planOf(...given).fingerprint;

describe('planOf()', () => {
  it.each(featureSets())('takes %s for the same whoever names it and however: a set, a front end, a list', (name) => {
    const { sampleRate, features } = describeFeatureSet(name);
    const set = planOf(name);
    expect(set.key).toBe(name);
    expect(planOf({ features: name, normalizeLevel: false })).toEqual(set);
    expect(planOf({ sampleRate, features, normalizeLevel: false })).toEqual(set);
    const levelled = planOf({ features: name });
    expect(planOf({ features })).toEqual(levelled);
    expect(levelled.key).toBe(`front-end-${levelled.fingerprint.slice(0, 16)}`);
    expect(levelled.fingerprint).not.toBe(set.fingerprint);
  });

  it('keeps float32 numbers of the kernel and float64 numbers apart, where a feature would take the kernel', () => {
    const choices = [
      { features: [{ name: 'mfcc' }] },
      { features: [{ name: 'zcr' }, { name: 'logMel', options: { simd: true } }] },
      { features: [{ name: 'mfcc', options: { simd: false } }] },
      { features: [{ name: 'zcr' }] },
      'mfcc40.v1',
    ] as Parameters<typeof planOf>[0][];
    const here = choices.map((each) => fingerprintOf(each));
    kernel.runs = false;
    expect(choices.map((each, i) => fingerprintOf(each) === here[i])).toEqual([false, false, true, true, true]);
  });

  it('refuses numbers that JSON does not have', () => {
    const features = [{ name: 'pitch', options: { maxTransitionRate: Number.POSITIVE_INFINITY } }] as never;
    expect(() => planOf({ features })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});
