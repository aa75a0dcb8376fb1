import type { Preset } from './preset.ts';

/**
 * librosa 0.11: power_to_db(feature.melspectrogram(y=y, sr=sr)) and feature.mfcc(y=y, sr=sr). Sizes are in samples,
 * whatever the rate.
 */
export const librosa: Preset = {
  logMel(sampleRate, { nFft = 2048, winLength = nFft }) {
    return {
      scale: 1,
      removeDc: false,
      preEmphasis: 0,
      nFft,
      hopLength: 512,
      winLength,
      window: 'hann',
      windowSymmetric: false,
      framedBy: 'nFft',
      center: true,
      padMode: 'constant',
      nMels: 128,
      fMin: 0,
      fMax: sampleRate / 2,
      htk: false,
      melNorm: 'slaney',
      triangles: 'hz',
      lastBinHz: (Math.floor(nFft / 2) * sampleRate) / nFft,
      power: 2,
      logarithm: 'db',
      ref: 1,
      amin: 1e-10,
      topDb: 80,
    };
  },
  cepstrum: { nMfcc: 20, dctNorm: 'ortho', lifter: 0, lifterShift: 1, c0: 'first' },
};
