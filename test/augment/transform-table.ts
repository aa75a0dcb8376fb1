import type { Waveform } from '../../src/augment/index.ts';

/** How long the outcome is, of `n` samples at `sampleRate`; null where the draw decides. */
type Length = (n: number, sampleRate: number) => readonly [least: number, most: number];

/** Options of one kind of transform, as they stand in JSON, and what they promise. */
export interface TableCase {
  readonly options: Readonly<Record<string, unknown>>;
  /** @default the length stays */
  readonly length?: Length;
}

/** Halves to the even number, at least one. */
function round(x: number): number {
  const below = Math.floor(x);
  return Math.max(1, x - below === 0.5 ? below + (below % 2) : Math.round(x));
}

const dividedBy =
  (least: number, most = least): Length =>
  (n) => [round(n / most), round(n / least)];
const cases = (...options: Record<string, unknown>[]): TableCase[] => options.map((each) => ({ options: each }));

/** A second of a tone of 440 Hz with a click in it, and a short echo: what `recordings` of parseTransform() holds here. */
export const RECORDINGS: Readonly<Record<string, Waveform>> = {
  tone: {
    samples: Float32Array.from({ length: 8000 }, (_, i) => (i === 4000 ? 0.9 : 0.3 * Math.sin(0.3455752 * i))),
    sampleRate: 8000,
  },
  room: {
    samples: Float32Array.from({ length: 800 }, (_, i) => (i === 0 ? 1 : 0.2 * Math.exp(-i / 100) * Math.cos(i * i))),
    sampleRate: 16000,
  },
};

/**
 * Every kind of transform with some sets of options. A new kind needs its line here: a test holds the table against
 * transformNames(). A line for a kind that is not there yet is passed over.
 */
export const WAVEFORM_TABLE: Readonly<Record<string, readonly TableCase[]>> = {
  gain: cases({}, { gainDb: 120 }, { gainDb: [-120, -20] }),
  crop: [
    { options: {}, length: (n) => [round(0.8 * n), n] },
    { options: { durationSec: 0.05 }, length: (n, rate) => [Math.min(n, round(0.05 * rate)), round(0.05 * rate)] },
    {
      options: { durationSec: 0.05, mode: 'voiced', shorter: 'pad' },
      length: (_, rate) => [round(0.05 * rate), round(0.05 * rate)],
    },
    { options: { share: 0.3, mode: 'center' }, length: (n) => [round(0.3 * n), round(0.3 * n)] },
  ],
  pad: ['silence', 'reflect', 'wrap'].flatMap((mode) =>
    ['end', 'center', 'random'].map((place) => ({
      options: { durationSec: [0.1, 0.2], mode, place },
      length: (n: number, rate: number) => [Math.max(n, round(0.1 * rate)), Math.max(n, round(0.2 * rate))] as const,
    })),
  ),
  shift: cases({}, { rollover: true }, { shiftSec: [-1, 1] }, { share: 1, fadeSec: 0 }),
  addNoise: cases({}, { color: 'white', snrDb: 10 }, { color: 'pink', snrDb: [-10, 40] }, { color: 'brown', snrDb: 0 }),
  addBackground: cases({ recordings: ['tone'] }, { recordings: ['tone', 'room'], snrDb: [-10, 40] }),
  timeStretch: [
    { options: {}, length: (n) => [1, 2 * n] },
    { options: { rate: 0.8 }, length: dividedBy(0.8) },
    { options: { rate: [0.9, 1.25], method: 'wsola' }, length: dividedBy(0.9, 1.25) },
    { options: { rate: 1.25, method: 'phaseVocoder' }, length: dividedBy(1.25) },
    { options: { rate: 0.8, method: 'phaseVocoder' }, length: dividedBy(0.8) },
  ],
  changeSpeed: [
    { options: {}, length: (n) => [1, 2 * n] },
    { options: { factor: 1.1 }, length: dividedBy(1.1) },
    { options: { factor: [0.8, 1.25] }, length: dividedBy(0.8, 1.25) },
  ],
  pitchShift: cases({}, { semitones: [-4, 4], formants: 'move' }, { semitones: [-4, 4], formants: 'keep' }),
  reverb: cases(
    {},
    { rt60Sec: 0.3, directToReverberantDb: 0, preDelaySec: 0 },
    { responses: ['room'], keepLevel: false },
  ),
  telephone: cases({}, { codec: 'none' }),
  muLaw: cases({}),
  lowPass: cases({}, { cutoffHz: 1500, order: 4 }, { cutoffHz: [10, 20000], order: [1, 12] }),
  highPass: cases({}, { cutoffHz: 300, order: 4 }, { cutoffHz: [10, 3999], order: [1, 12] }),
  clip: cases({}, { clippedPercent: 0 }, { clippedPercent: 99 }),
  ownFunction: cases({ name: 'halved' }),
  compose: cases({ transforms: [{ transform: 'gain' }, { transform: 'shift' }] }),
  oneOf: cases({ transforms: [{ transform: 'gain' }, { transform: 'shift' }], weights: [1, 3] }),
  someOf: cases({ count: [0, 2], transforms: [{ transform: 'gain' }, { transform: 'shift' }, { transform: 'gain' }] }),
  maybe: cases({ p: 0.5, of: { transform: 'gain' } }),
};

/** The same for transforms of features. */
export const FEATURE_TABLE: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> = {
  maskTime: [{}, { maxFrames: 5, count: 1 }, { maxFrames: 1000, count: 4, maxShare: 1, fill: 'mean' }, { fill: -80 }],
  maskFrequency: [{}, { maxDims: 2, count: 1 }, { maxDims: 1000, count: 3, maxShare: 1, fill: 'mean' }, { fill: 0.5 }],
};

/** And of batches. */
export const BATCH_TABLE: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> = {
  mixup: [{}, { alpha: 1e-4 }, { alpha: 8 }],
};
