import * as z from 'zod/mini';
import type { FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import { parseOptions, type Resolved } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { type Framing, PAD_MODES, type PadMode } from '../dsp/frames.ts';
import { type AtRate, createExtractor, framewise, oneShot, type Prepare } from './extractor.ts';
import { type FrameConfig, type FrameOptions, frameConfig, frameShape } from './frame-options.ts';
import type { FrameRun } from './framewise.ts';

/** Options of {@link rms}. Names and defaults are librosa 0.11's. */
export interface RmsOptions extends FrameOptions {
  /** What lies beyond the ends when centred. @default 'constant' */
  readonly padMode?: PadMode | undefined;
}

/** RmsOptions with every option decided, and the sample rate. */
export type RmsConfig = FrameConfig & Resolved<RmsOptions>;

const rmsSchema = () =>
  z.strictObject({
    ...frameShape(),
    padMode: z.optional(z.literal(PAD_MODES)),
  });

const NAMES = ['rms'] as const;

const prepareRms: Prepare<RmsOptions, RmsConfig> = (who, options) => {
  const parsed = parseOptions(who, rmsSchema(), options);
  const config = { ...frameConfig(parsed), padMode: parsed.padMode ?? 'constant' };
  const { frameLength, hopLength } = config;
  const framing: Framing = config;
  const run: FrameRun = (samples, first, count, data, at) => {
    for (let t = 0; t < count; t++) {
      const start = first + t * hopLength;
      let sum = 0;
      for (let n = start; n < start + frameLength; n++) sum += samples[n] * samples[n];
      data[at + t] = Math.sqrt(sum / frameLength);
    }
  };
  return framewise(who, config, NAMES, { framing, dims: 1, begin: () => run });
};

/**
 * The root of the mean square of each frame's samples, [frames, 1], 0 for silence: sqrt(sum x^2 / frameLength). The
 * numbers are librosa.feature.rms's, computed in float64.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'; 'too-short' without centring
 * @example
 * const { data } = rms(waveform, { frameLength: 400, hopLength: 160 });
 */
export const rms: (waveform: Waveform, options?: RmsOptions) => FeatureMatrix = /* @__PURE__ */ oneShot(
  'rms',
  prepareRms,
);

/**
 * {@link rms} prepared for many waveforms of one sample rate. Streamed, each push() gives the frames that its samples
 * decide, [frames, 1], often none.
 *
 * @throws SerKitError 'bad-option'; its `extract` throws 'wrong-rate' at another sample rate
 * @example
 * const stream = createRms({ sampleRate: 16000, frameLength: 400, hopLength: 160 }).stream();
 * const levels = [...stream.push(samples).data, ...stream.flush().data];
 */
export function createRms(options: RmsOptions & AtRate): StreamingExtractor<RmsConfig> {
  return createExtractor('createRms', prepareRms, options);
}
