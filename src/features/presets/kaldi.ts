import { type Preset, powerOfTwo } from './preset.ts';

/**
 * Kaldi's compute-fbank-feats and compute-mfcc-feats as torchaudio 2.8's compliance.kaldi computes them: its defaults,
 * with dither 0, on samples that count as 16-bit integers (Kaldi, src/feat/feature-window.cc, mel-computations.cc and
 * feature-mfcc.cc). Sizes are 25 ms and 10 ms, cut to whole samples. The floor is float32's epsilon.
 */
export const kaldi: Preset = {
  logMel(sampleRate, given) {
    // The order of the products is torchaudio's, since what comes out is cut.
    const { winLength = Math.floor(sampleRate * 25 * 0.001) } = given;
    const { nFft = powerOfTwo(winLength) } = given;
    return {
      scale: 32768,
      removeDc: true,
      preEmphasis: 0.97,
      nFft,
      hopLength: Math.floor(sampleRate * 10 * 0.001),
      winLength,
      window: 'povey',
      windowSymmetric: true,
      framedBy: 'winLength',
      center: false,
      padMode: 'constant',
      nMels: 23,
      fMin: 20,
      fMax: sampleRate / 2,
      htk: true,
      melNorm: null,
      triangles: 'mel',
      lastBinHz: (Math.floor(nFft / 2) * sampleRate) / nFft,
      power: 2,
      logarithm: 'ln',
      ref: 1,
      amin: 2 ** -23,
      topDb: null,
    };
  },
  cepstrum: { nMfcc: 13, dctNorm: 'ortho', lifter: 22, lifterShift: 0, c0: 'first' },
};
