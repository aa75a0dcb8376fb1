import * as z from 'zod/mini';
import type { Extractor, FeatureMatrix } from '../core/feature-matrix.ts';
import { parseOptions, type Resolved } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { type Framing, firstSample, frameCount, PAD_MODES, type PadMode, paddedSample } from '../dsp/frames.ts';
import { type AtRate, createExtractor, oneShot, type Prepare } from './extractor.ts';
import { type FrameConfig, type FrameOptions, frameConfig, frameShape } from './frame-options.ts';

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
  const { frameLength, hopLength, padMode } = config;
  const framing: Framing = config;
  const origin = firstSample(framing);
  return {
    config,
    names: NAMES,
    compute(samples) {
      const frames = frameCount(who, samples.length, framing);
      const data = new Float32Array(frames);
      for (let t = 0; t < frames; t++) {
        const start = origin + t * hopLength;
        const end = start + frameLength;
        let sum = 0;
        for (let n = start; n < end; n++) {
          const x = paddedSample(samples, n, padMode);
          sum += x * x;
        }
        data[t] = Math.sqrt(sum / frameLength);
      }
      return { data, frames, dims: 1, names: NAMES };
    },
  };
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

/** {@link rms} prepared for many waveforms of one sample rate. */
export function createRms(options: RmsOptions & AtRate): Extractor<RmsConfig> {
  return createExtractor('createRms', prepareRms, options);
}
