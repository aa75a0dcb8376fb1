import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import type { FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import { count, nonNegative, parseOptions, type Resolved } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { Dct } from '../dsp/dct.ts';
import { type AtRate, createExtractor, numbered, oneShot, type Prepare } from './extractor.ts';
import { fromLogMel, type LogMelOptions, logMelConfig, logMelShape } from './log-mel.ts';

/** Options of {@link mfcc}. Names and defaults are librosa 0.11's. */
export interface MfccOptions extends LogMelOptions {
  /** How many coefficients, at most nMels. @default 20 */
  readonly nMfcc?: number | undefined;
  /** 'ortho': the cosine transform is orthonormal. null: it is scipy's unscaled one, twice the plain sum. @default 'ortho' */
  readonly dctNorm?: 'ortho' | null | undefined;
  /** L > 0 multiplies coefficient n by 1 + L / 2 sin(pi (n + 1) / L); 0 does not. @default 0 */
  readonly lifter?: number | undefined;
}

/** MfccOptions with every option decided, and the sample rate. */
export type MfccConfig = Resolved<MfccOptions> & AtRate;

const mfccSchema = () =>
  z.strictObject({
    ...logMelShape(),
    nMfcc: z.optional(count),
    dctNorm: z.optional(z.literal(['ortho', null])),
    lifter: z.optional(nonNegative),
  });

const prepareMfcc: Prepare<MfccOptions, MfccConfig> = (who, options) => {
  const parsed = parseOptions(who, mfccSchema(), options);
  const { nMfcc = 20, dctNorm = 'ortho', lifter = 0 } = parsed;
  const config = { ...logMelConfig(who, parsed), nMfcc, dctNorm, lifter };
  const { nMels } = config;
  if (nMfcc > nMels) {
    throw new SerKitError('bad-option', `${who}: nMfcc expected <= nMels = ${nMels}, got ${quote(nMfcc)}`);
  }
  const weights = Float64Array.from({ length: nMfcc }, (_, n) =>
    lifter === 0 ? 1 : 1 + (lifter / 2) * Math.sin((Math.PI * (n + 1)) / lifter),
  );
  const names = numbered('mfcc', nMfcc);
  const dct = new Dct(nMels, nMfcc, dctNorm, weights);
  return fromLogMel(who, config, names, (values, from, data, to) => dct.apply(values, from, data, to));
};

/**
 * Mel-frequency cepstral coefficients, [frames, nMfcc] row-major, 1 + floor(samples / hopLength) frames when centred:
 * the cosine transform (DCT-II) of each frame's log-mel spectrum in dB. The numbers are librosa.feature.mfcc's
 * transposed, computed in float64. After Davis and Mermelstein 1980.
 *
 * With the default topDb a frame's values depend on the loudest frame of its clip; `topDb: null` makes them independent.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'; 'too-short' without centring
 * @example
 * const { data, frames, dims } = mfcc(waveform, { nMfcc: 13, nMels: 40, nFft: 512, hopLength: 160 });
 * data[5 * dims + 2]; // coefficient 2 of frame 5
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
