import { describe, expect, it } from 'vitest';
import {
  compose,
  type FeatureTransform,
  gain,
  maskFrequency,
  maskTime,
  maybe,
  oneOf,
  shift,
  someOf,
  type Transform,
} from '../../src/augment/index.ts';

// What the compiler knows: this file fails `npm run types` where it does not.

describe('the types of transforms made of others', () => {
  it('are of what they are made of, without being told', () => {
    const ofWaveforms: Transform[] = [
      compose([gain(), maybe(0.5, shift()), ({ samples, sampleRate }) => ({ samples, sampleRate })]),
      maybe(0.5, ({ samples, sampleRate }, random) => ({ samples: samples.map((x) => x * random()), sampleRate })),
      oneOf([gain(), (waveform) => waveform]),
      someOf(1, [gain(), shift()]),
    ];
    const ofFeatures: FeatureTransform[] = [
      compose([maskTime(), maybe(0.3, maskFrequency())]),
      oneOf([maskTime(), maskFrequency()]),
      someOf([0, 1], [maskTime(), maskFrequency()]),
    ];
    expect(ofWaveforms.map(({ domain }) => domain)).toEqual(Array(4).fill('waveform'));
    expect(ofFeatures.map(({ domain }) => domain)).toEqual(Array(3).fill('features'));
  });

  it('do not mix waveforms and features', () => {
    // @ts-expect-error
    expect(() => compose([gain(), maskTime()])).toThrow(
      'compose: transforms expected to change one thing, got gain of the waveform and maskTime of the features',
    );
    // @ts-expect-error
    expect(() => oneOf([maskTime(), gain()])).toThrow('to change one thing');
    // @ts-expect-error
    const wrong: Transform = maskTime();
    expect(wrong.domain).toBe('features');
  });
});
