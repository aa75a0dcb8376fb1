import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import type { FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import { nonNegative, parseOptions, type Resolved } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { Dct } from '../dsp/dct.ts';
import { type AtRate, createExtractor, numbered, oneShot, type Prepare } from './extractor.ts';
import { fromLogMel, type LogMelOptions, logMelConfig, logMelShape } from './log-mel.ts';
import type { CepstrumNumbers } from './presets/preset.ts';
import { cepstrumNumbers } from './presets/presets.ts';

/**
 * Options of {@link mfcc}. Names are librosa 0.11's, and so are the defaults that are written beside them; another preset
 * has others, and an option that is given counts before the preset's.
 */
export interface MfccOptions extends LogMelOptions, CepstrumNumbers {}

/** MfccOptions with every option decided, and the sample rate. */
export type MfccConfig = Resolved<MfccOptions> & AtRate;

const mfccSchema = () =>
  z.strictObject({
    ...logMelShape(),
    nMfcc: z.optional(z.int().check(z.positive(), z.maximum(4096))),
    dctNorm: z.optional(z.literal(['ortho', 'htk', null])),
    lifter: z.optional(nonNegative),
    lifterShift: z.optional(z.literal([0, 1])),
    c0: z.optional(z.literal(['first', 'last'])),
  });

/** What the cosine transform's coefficients are multiplied by: the lifter, and HTK's scale of coefficient 0. */
function cepstralWeights({ nMfcc, dctNorm, lifter, lifterShift }: MfccConfig): Float64Array {
  const weights = Float64Array.from({ length: nMfcc }, (_, n) =>
    lifter === 0 ? 1 : 1 + (lifter / 2) * Math.sin((Math.PI * (n + lifterShift)) / lifter),
  );
  if (dctNorm === 'htk') weights[0] *= Math.SQRT2; // the orthonormal one is sqrt(1 / nMels) there
  return weights;
}

const prepareMfcc: Prepare<MfccOptions, MfccConfig> = (who, options) => {
  const parsed = parseOptions(who, mfccSchema(), options);
  const logMel = logMelConfig(who, parsed);
  const config = { ...logMel, ...cepstrumNumbers(logMel.preset, parsed) };
  const { nMels, nMfcc, dctNorm, c0 } = config;
  if (nMfcc > nMels) {
    throw new SerKitError('bad-option', `${who}: nMfcc expected <= nMels = ${nMels}, got ${quote(nMfcc)}`);
  }
  const dct = new Dct(nMels, nMfcc, dctNorm === null ? null : 'ortho', cepstralWeights(config));
  const names = numbered('mfcc', nMfcc);
  if (c0 === 'first') {
    const finish = dct.apply.bind(dct);
    return fromLogMel(who, config, names, finish, { cosines: { outputs: nMfcc, table: dct.table } });
  }
  const row = new Float64Array(nMfcc);
  const finish: typeof dct.apply = (values, from, data, to) => {
    dct.apply(values, from, row, 0);
    for (let n = 1; n < nMfcc; n++) data[to + n - 1] = row[n];
    data[to + nMfcc - 1] = row[0];
  };
  return fromLogMel(who, config, [...names.slice(1), ...names.slice(0, 1)], finish, undefined);
};

/**
 * Mel-frequency cepstral coefficients, [frames, nMfcc] row-major: the cosine transform (DCT-II) of each frame's log-mel
 * spectrum, after Davis and Mermelstein 1980. Frames are 1 + floor(samples / hopLength) when centred, else as many as
 * fit. Whose numbers they are, the preset says:
 *
 * - 'librosa' (default): librosa.feature.mfcc(y), transposed; 20 coefficients of 128 bands in dB.
 * - 'torchaudio': torchaudio.transforms.MFCC, transposed; 40 coefficients of 128 bands in dB.
 * - 'kaldi': torchaudio.compliance.kaldi.mfcc without dither, of samples times 32768; 13 coefficients of 23 bands.
 * - 'opensmile': openSMILE's MFCC12_0, which is HTK's MFCC_0 (The HTK Book, chapter 5); coefficients 1 to 12 of 26 bands,
 *   and then coefficient 0: `names` says so.
 *
 * Computed in float32 or float64, as `simd` says. With a topDb (librosa, torchaudio) a frame's values depend on the
 * loudest frame of its clip; `topDb: null` makes them independent.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'; 'too-short' without centring
 * @example
 * const { data, frames, dims } = mfcc(waveform, { nMfcc: 13, nMels: 40, nFft: 512, hopLength: 160 });
 * data[5 * dims + 2]; // coefficient 2 of frame 5
 * const asKaldi = mfcc(waveform, { preset: 'kaldi', nMfcc: 20, nMels: 30 }); // options count before the preset's
 */
export const mfcc: (waveform: Waveform, options?: MfccOptions) => FeatureMatrix = /* @__PURE__ */ oneShot(
  'mfcc',
  prepareMfcc,
);

/**
 * {@link mfcc} prepared for many waveforms of one sample rate: options are checked and tables made once.
 *
 * @throws SerKitError 'bad-option'; its `extract` throws 'wrong-rate' at another sample rate
 * @example
 * const extractor = createMfcc({ sampleRate: 16000, nMfcc: 13 });
 * const matrices = waveforms.map((waveform) => extractor.extract(waveform));
 */
export function createMfcc(options: MfccOptions & AtRate): StreamingExtractor<MfccConfig> {
  return createExtractor('createMfcc', prepareMfcc, options);
}
