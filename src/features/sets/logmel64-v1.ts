import type { FeatureSet } from '../feature-sets.ts';

/** What convolutional networks are mostly given, in frames that depend on their own 32 ms alone. */
export const LOGMEL64_V1: FeatureSet = {
  name: 'logmel64.v1',
  description: '64 log-mel bands in dB from 50 to 5,000 Hz',
  sampleRate: 16000,
  features: [
    {
      name: 'logMel',
      options: {
        preset: 'librosa',
        simd: false,
        scale: 1,
        removeDc: false,
        preEmphasis: 0,
        nFft: 512,
        hopLength: 160,
        winLength: 400,
        window: 'hann',
        windowSymmetric: false,
        framedBy: 'nFft',
        center: true,
        padMode: 'constant',
        nMels: 64,
        fMin: 50,
        fMax: 5000,
        htk: false,
        melNorm: 'slaney',
        triangles: 'hz',
        lastBinHz: 8000,
        power: 2,
        logarithm: 'db',
        ref: 1,
        amin: 1e-10,
        topDb: null,
      },
    },
  ],
};
