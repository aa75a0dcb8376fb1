import * as z from 'zod/mini';
import type { FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import { parseOptions } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import type { Framing } from '../dsp/frames.ts';
import { type AtRate, createExtractor, framewise, oneShot, type Prepare } from './extractor.ts';
import { type FrameConfig, type FrameOptions, frameConfig, frameShape } from './frame-options.ts';
import type { FrameRun } from './framewise.ts';

/** Options of {@link zcr}. Names and defaults are librosa 0.11's zero_crossing_rate. */
export type ZcrOptions = FrameOptions;

const zcrSchema = () => z.strictObject(frameShape());

/** Samples up to this size count as 0, and 0 counts as positive. */
const THRESHOLD = 1e-10;

const FRAMES_AT_ONCE = 64;

const NAMES = ['zcr'] as const;

const prepareZcr: Prepare<ZcrOptions, FrameConfig> = (who, options) => {
  const config = frameConfig(parseOptions(who, zcrSchema(), options));
  const { frameLength, hopLength } = config;
  const framing: Framing = { ...config, padMode: 'edge' };
  // crossings[n]: how many of the neighbours up to sample n differ in sign, over a few frames at once.
  const crossings = new Int32Array(frameLength + (FRAMES_AT_ONCE - 1) * hopLength);
  const run: FrameRun = (samples, first, count, data, at) => {
    for (let done = 0; done < count; done += FRAMES_AT_ONCE) {
      const some = Math.min(FRAMES_AT_ONCE, count - done);
      const origin = first + done * hopLength;
      const length = (some - 1) * hopLength + frameLength;
      let before = samples[origin] < -THRESHOLD;
      for (let n = 1; n < length; n++) {
        const negative = samples[origin + n] < -THRESHOLD;
        crossings[n] = crossings[n - 1] + (negative === before ? 0 : 1);
        before = negative;
      }
      for (let t = 0; t < some; t++) {
        const start = t * hopLength;
        data[at + done + t] = (crossings[start + frameLength - 1] - crossings[start]) / frameLength;
      }
    }
  };
  return framewise(who, config, NAMES, { framing, dims: 1, begin: () => run });
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

/**
 * {@link zcr} prepared for many waveforms of one sample rate. Streamed, each push() gives the frames that its samples
 * decide, [frames, 1], often none.
 *
 * @throws SerKitError 'bad-option'; its `extract` throws 'wrong-rate' at another sample rate
 * @example
 * const stream = createZcr({ sampleRate: 16000, frameLength: 400, hopLength: 160 }).stream();
 * const shares = [...stream.push(samples).data, ...stream.flush().data];
 */
export function createZcr(options: ZcrOptions & AtRate): StreamingExtractor<FrameConfig> {
  return createExtractor('createZcr', prepareZcr, options);
}
