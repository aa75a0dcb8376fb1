import type { FeatureSet } from '../feature-sets.ts';

/** How something is said: melody, loudness and voice, without the words. */
export const PROSODY_V1: FeatureSet = {
  name: 'prosody.v1',
  description: 'pitch and voicing, energy, zero crossings, harmonics-to-noise ratio, jitter and shimmer',
  sampleRate: 16000,
  features: [
    {
      name: 'pitch',
      options: {
        method: 'pyin',
        fMin: 65,
        fMax: 500,
        frameLength: 1024,
        hopLength: 160,
        center: true,
        padMode: 'constant',
        refine: true,
        troughThreshold: 0.1,
        voicingThreshold: 0.6,
        nThresholds: 100,
        betaParameters: [2, 34 / 3],
        boltzmannParameter: 2,
        resolution: 0.1,
        maxTransitionRate: 35.92,
        switchProb: 0.01,
        noTroughProb: 0.01,
      },
    },
    {
      name: 'rms',
      options: {
        preset: 'librosa',
        frameLength: 512,
        hopLength: 160,
        center: true,
        padMode: 'constant',
      },
    },
    {
      name: 'zcr',
      options: {
        preset: 'librosa',
        frameLength: 512,
        hopLength: 160,
        center: true,
      },
    },
    {
      name: 'harmonicity',
      options: {
        fMin: 75,
        fMax: 600,
        frameLength: 1920,
        hopLength: 160,
        center: true,
      },
    },
    {
      name: 'jitter',
      options: {
        fMin: 75,
        fMax: 600,
        frameLength: 1280,
        hopLength: 160,
        center: true,
        voicingThreshold: 0.45,
        maxPeriodFactor: 1.3,
        maxAmplitudeFactor: 1.6,
      },
    },
    {
      name: 'shimmer',
      options: {
        fMin: 75,
        fMax: 600,
        frameLength: 1280,
        hopLength: 160,
        center: true,
        voicingThreshold: 0.45,
        maxPeriodFactor: 1.3,
        maxAmplitudeFactor: 1.6,
      },
    },
  ],
};
