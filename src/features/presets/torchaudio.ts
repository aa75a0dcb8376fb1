import type { Preset } from './preset.ts';

/**
 * torchaudio 2.8: transforms.MFCC(sr), and AmplitudeToDB(top_db=80) of transforms.MelSpectrogram(sr). Sizes are in
 * samples, whatever the rate. Its upper edge is sr // 2, and its last bin is taken to lie there too.
 */
export const torchaudio: Preset = {
  logMel(sampleRate, { nFft = 400, winLength = nFft }) {
    const half = Math.floor(sampleRate / 2);
    return {
      scale: 1,
      removeDc: false,
      preEmphasis: 0,
      nFft,
      hopLength: Math.max(1, Math.floor(winLength / 2)),
      winLength,
      window: 'hann',
      windowSymmetric: false,
      framedBy: 'nFft',
      center: true,
      padMode: 'reflect',
      nMels: 128,
      fMin: 0,
      fMax: half,
      htk: true,
      melNorm: null,
      triangles: 'hz',
      lastBinHz: half,
      power: 2,
      logarithm: 'db',
      ref: 1,
      amin: 1e-10,
      topDb: 80,
    };
  },
  cepstrum: { nMfcc: 40, dctNorm: 'ortho', lifter: 0, lifterShift: 1, c0: 'first' },
};
