import * as z from 'zod/mini';
import type { FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import { parseOptions, type Resolved } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { PAD_MODES, type PadMode } from '../dsp/frames.ts';
import { type AtRate, createExtractor, framewise, numbered, oneShot, type Prepare } from './extractor.ts';
import { type FrameConfig, type FrameOptions, frameConfig, frameShape } from './frame-options.ts';
import type { FrameRun } from './framewise.ts';

/** Options of {@link waveformFrames}. */
export interface WaveformFramesOptions extends FrameOptions {
  /** What lies beyond the ends when centred. @default 'constant' */
  readonly padMode?: PadMode | undefined;
}

/** WaveformFramesOptions with every option decided, and the sample rate. */
export type WaveformFramesConfig = FrameConfig & Resolved<WaveformFramesOptions>;

const waveformFramesSchema = () =>
  z.strictObject({
    ...frameShape(),
    padMode: z.optional(z.literal(PAD_MODES)),
  });

const prepareWaveformFrames: Prepare<WaveformFramesOptions, WaveformFramesConfig> = (who, options) => {
  const parsed = parseOptions(who, waveformFramesSchema(), options);
  const config = { ...frameConfig(parsed), padMode: parsed.padMode ?? 'constant' };
  const { frameLength, hopLength } = config;
  const run: FrameRun = (samples, first, count, data, at) => {
    for (let t = 0; t < count; t++) {
      const from = first + t * hopLength;
      for (let n = 0; n < frameLength; n++) data[at + t * frameLength + n] = samples[from + n];
    }
  };
  const names = numbered('sample', frameLength);
  return framewise(who, config, names, { framing: config, dims: frameLength, begin: () => run });
};

/**
 * The samples themselves, cut into frames: [frames, frameLength], in [-1, 1], for networks that learn from the waveform.
 * Frame t holds the frameLength samples around t * hopLength, or from there on where `center` is false; nothing is
 * weighted. The numbers are librosa.util.frame's (transposed), of the padded signal when centred.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'; 'too-short' without centring
 * @example
 * const { data, frames, dims } = waveformFrames(waveform, { frameLength: 400, hopLength: 160 });
 * data[5 * dims + 200]; // sample 5 * 160, the middle of frame 5
 */
export const waveformFrames: (waveform: Waveform, options?: WaveformFramesOptions) => FeatureMatrix =
  /* @__PURE__ */ oneShot('waveformFrames', prepareWaveformFrames);

/**
 * {@link waveformFrames} prepared for many waveforms of one sample rate.
 *
 * @throws SerKitError 'bad-option'; its `extract` throws 'wrong-rate' at another sample rate
 * @example
 * const extractor = createWaveformFrames({ sampleRate: 16000, frameLength: 400, hopLength: 160 });
 * const matrices = waveforms.map((waveform) => extractor.extract(waveform));
 */
export function createWaveformFrames(
  options: WaveformFramesOptions & AtRate,
): StreamingExtractor<WaveformFramesConfig> {
  return createExtractor('createWaveformFrames', prepareWaveformFrames, options);
}
