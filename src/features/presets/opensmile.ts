import { type Preset, powerOfTwo } from './preset.ts';

/**
 * openSMILE 3.0's MFCC12_0 configuration, which is HTK's MFCC_0 (The HTK Book 3.4, chapter 5): 26 bands of the power
 * spectrum from 0 to 8,000 Hz, samples as 16-bit integers, 12 coefficients and then coefficient 0. Sizes are 25 ms and
 * 10 ms, rounded to whole samples; openSMILE goes on as if the frame were 25 ms sharp, so that at 11,025 Hz its bins
 * count as if the rate were 276 / 0.025 s = 11,040 Hz.
 *
 * One thing is left as the book has it: above 16 kHz openSMILE ends at the bin nearest to 8,000 Hz and may so lose the
 * last bin below (at 24, 44.1 and 48 kHz, not at 22.05 and 32 kHz), which moves its last band and coefficients by up to
 * 0.008.
 */
export const opensmile: Preset = {
  logMel(sampleRate, given) {
    const { winLength = Math.round(sampleRate * 0.025) } = given;
    const { nFft = powerOfTwo(winLength) } = given;
    const rate = given.winLength === undefined ? winLength / 0.025 : sampleRate;
    const { lastBinHz = (Math.floor(nFft / 2) * rate) / nFft } = given;
    return {
      scale: 32768,
      removeDc: false,
      preEmphasis: 0.97,
      nFft,
      hopLength: Math.round(sampleRate * 0.01),
      winLength,
      window: 'hamming',
      windowSymmetric: true,
      framedBy: 'winLength',
      center: false,
      padMode: 'constant',
      nMels: 26,
      fMin: 0,
      fMax: Math.min(8000, lastBinHz),
      htk: true,
      melNorm: null,
      triangles: 'mel',
      lastBinHz,
      power: 2,
      logarithm: 'ln',
      ref: 1,
      amin: 1,
      topDb: null,
    };
  },
  cepstrum: { nMfcc: 13, dctNorm: 'htk', lifter: 22, lifterShift: 0, c0: 'last' },
};
