import * as z from 'zod/mini';
import type { Extractor, FeatureMatrix } from '../core/feature-matrix.ts';
import { parseOptions } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { type Framing, firstSample, frameCount, paddedSample } from '../dsp/frames.ts';
import { type AtRate, createExtractor, oneShot, type Prepare } from './extractor.ts';
import { type FrameConfig, type FrameOptions, frameConfig, frameShape } from './frame-options.ts';

/** Options of {@link zcr}. Names and defaults are librosa 0.11's zero_crossing_rate. */
export type ZcrOptions = FrameOptions;

const zcrSchema = () => z.strictObject(frameShape());

/** Samples up to this size count as 0, and 0 counts as positive. */
const THRESHOLD = 1e-10;

const NAMES = ['zcr'] as const;

const prepareZcr: Prepare<ZcrOptions, FrameConfig> = (who, options) => {
  const config = frameConfig(parseOptions(who, zcrSchema(), options));
  const { frameLength, hopLength } = config;
  const framing: Framing = { ...config, padMode: 'edge' };
  const origin = firstSample(framing);
  return {
    config,
    names: NAMES,
    compute(samples) {
      const frames = frameCount(who, samples.length, framing);
      const data = new Float32Array(frames);
      // crossings[n]: how many of the padded signal's neighbours up to sample n differ in sign.
      const length = (frames - 1) * hopLength + frameLength;
      const crossings = new Int32Array(length);
      let before = paddedSample(samples, origin, 'edge') < -THRESHOLD;
      for (let n = 1; n < length; n++) {
        const negative = paddedSample(samples, origin + n, 'edge') < -THRESHOLD;
        crossings[n] = crossings[n - 1] + (negative === before ? 0 : 1);
        before = negative;
      }
      for (let t = 0; t < frames; t++) {
        const start = t * hopLength;
        data[t] = (crossings[start + frameLength - 1] - crossings[start]) / frameLength;
      }
      return { data, frames, dims: 1, names: NAMES };
    },
  };
};

/**
 * The zero-crossing rate, [frames, 1], from 0 to 1: how many neighbouring samples of a frame differ in sign, divided
 * by frameLength. Zero counts as positive, and so does everything closer to it than 1e-10. When centred, the end
 * samples are held beyond the ends. The numbers are librosa.feature.zero_crossing_rate's.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'; 'too-short' without centring
 * @example
 * const { data } = zcr(waveform, { frameLength: 400, hopLength: 160 });
 */
export const zcr: (waveform: Waveform, options?: ZcrOptions) => FeatureMatrix = /* @__PURE__ */ oneShot(
  'zcr',
  prepareZcr,
);

/** {@link zcr} prepared for many waveforms of one sample rate. */
export function createZcr(options: ZcrOptions & AtRate): Extractor<FrameConfig> {
  return createExtractor('createZcr', prepareZcr, options);
}
