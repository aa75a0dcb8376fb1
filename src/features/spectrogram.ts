import * as z from 'zod/mini';
import type { FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import { parseOptions, positive, type Resolved } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { ShortTimeTransform, type StftOptions, stftFraming, stftSettings, stftShape } from '../dsp/stft.ts';
import { type AtRate, createExtractor, framewise, numbered, oneShot, type Prepare } from './extractor.ts';
import type { FrameRun } from './framewise.ts';

/** Options of {@link spectrogram}. Names and defaults are librosa 0.11's stft. */
export interface SpectrogramOptions extends StftOptions {
  /** Whose defaults the other options start from. @default 'librosa' */
  readonly preset?: 'librosa' | undefined;
  /** 2: powers, |X|^2; 1: magnitudes, |X|. @default 2 */
  readonly power?: 1 | 2 | undefined;
}

/** SpectrogramOptions with every option decided, and the sample rate. */
export type SpectrogramConfig = Resolved<SpectrogramOptions> & AtRate;

const spectrogramSchema = () =>
  z.strictObject({
    sampleRate: positive,
    preset: z.optional(z.literal('librosa')),
    ...stftShape(),
    power: z.optional(z.literal([1, 2])),
  });

const prepareSpectrogram: Prepare<SpectrogramOptions, SpectrogramConfig> = (who, options) => {
  const parsed = parseOptions(who, spectrogramSchema(), options);
  const { sampleRate, power = 2 } = parsed;
  const settings = stftSettings(who, parsed);
  const transform = new ShortTimeTransform(settings);
  const dims = transform.bins;
  const names = numbered('bin', dims);
  const bins = new Float64Array(dims);
  const run: FrameRun = (samples, first, count, data, start) => {
    for (let t = 0, at = start; t < count; t++) {
      transform.power(samples, first + t * settings.hopLength, bins);
      for (let k = 0; k < dims; k++, at++) data[at] = power === 1 ? Math.sqrt(bins[k]) : bins[k];
    }
  };
  const config: SpectrogramConfig = { preset: 'librosa', sampleRate, ...settings, power };
  return framewise(who, config, names, { framing: stftFraming(settings), dims, begin: () => run });
};

/**
 * The spectrogram, [frames, floor(nFft / 2) + 1] row-major, linear (not dB): |X|^2 or |X| of the short-time Fourier
 * transform; bin k lies at k * sampleRate / nFft Hz. The numbers are abs(librosa.stft(y)) ** power transposed,
 * computed in float64.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'; 'too-short' without centring
 * @example
 * const { data, frames, dims } = spectrogram(waveform, { nFft: 512, power: 1 });
 */
export const spectrogram: (waveform: Waveform, options?: SpectrogramOptions) => FeatureMatrix = /* @__PURE__ */ oneShot(
  'spectrogram',
  prepareSpectrogram,
);

/**
 * {@link spectrogram} prepared for many waveforms of one sample rate. Streamed, each push() gives the frames that its
 * samples decide, [frames, floor(nFft / 2) + 1], often none.
 *
 * @throws SerKitError 'bad-option'; its `extract` throws 'wrong-rate' at another sample rate
 * @example
 * const stream = createSpectrogram({ sampleRate: 16000, nFft: 512, hopLength: 160 }).stream();
 * const { data, frames, dims } = stream.push(samples); // dims is 257
 */
export function createSpectrogram(options: SpectrogramOptions & AtRate): StreamingExtractor<SpectrogramConfig> {
  return createExtractor('createSpectrogram', prepareSpectrogram, options);
}
