import type { FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import type { Waveform } from '../core/waveform.ts';
import { type AtRate, createExtractor, framewise, oneShot, type Prepare } from './extractor.ts';
import { type PitchConfig, type PitchOptions, pitchConfig } from './pitch/pitch-options.ts';
import { preparePyin } from './pitch/pyin.ts';
import { yinFrames } from './pitch/yin.ts';

export type { PitchConfig, PitchOptions } from './pitch/pitch-options.ts';

const NAMES = ['f0', 'voiced'] as const;

const preparePitch: Prepare<PitchOptions, PitchConfig> = (who, options) => {
  const config = pitchConfig(who, options);
  if (config.method === 'yin') return framewise(who, config, NAMES, yinFrames(config));
  const pyin = preparePyin(who, config);
  return {
    config,
    names: NAMES,
    framing: config,
    streamed: `method: 'yin', got "pyin": its path needs the whole clip`,
    compute: (samples) => ({ ...pyin(samples), dims: 2, names: NAMES }),
  };
};

/**
 * The fundamental frequency and voicing of a voice, [frames, 2] row-major: `f0` in Hz from fMin to fMax, 0 where the
 * frame is unvoiced (never NaN), and `voiced`, from 0 to 1: with 'pyin' the probability that the frame is voiced, with
 * 'yin' how alike neighbouring periods are.
 *
 * 'pyin' weighs several periods a frame and takes the likeliest path through them (Mauch and Dixon 2014); its voicing
 * and, with `refine: false`, its f0 are librosa.pyin's. The path decides on voicing, so a frame can be voiced at a low
 * probability. 'yin' takes the first good period of each frame (de Cheveigne and Kawahara 2002); with `refine: false`
 * its f0 is librosa.yin's where it is voiced.
 *
 * Silence is unvoiced, with a probability of 0, and with 'yin' so is a constant. 'pyin' has librosa's voicing, and takes a
 * constant for a voice: remove an offset from the samples first where they have one.
 *
 * @throws SerKitError 'bad-option', also where a period of fMin does not fit into a frame; 'bad-input', 'empty',
 * 'not-finite'; 'too-short' without centring
 * @example
 * const { data, frames } = pitch(waveform, { frameLength: 1024, hopLength: 160 });
 * const voiced = Array.from({ length: frames }, (_, t) => data[2 * t]).filter((f0) => f0 > 0);
 */
export const pitch: (waveform: Waveform, options?: PitchOptions) => FeatureMatrix = /* @__PURE__ */ oneShot(
  'pitch',
  preparePitch,
);

/**
 * {@link pitch} prepared for many waveforms of one sample rate. Its stream() needs `method: 'yin'`.
 *
 * @throws SerKitError 'bad-option'; its `extract` throws 'wrong-rate' at another sample rate
 * @example
 * const stream = createPitch({ sampleRate: 16000, method: 'yin', frameLength: 1024, hopLength: 160 }).stream();
 * const { data } = stream.push(samples);
 */
export function createPitch(options: PitchOptions & AtRate): StreamingExtractor<PitchConfig> {
  return createExtractor('createPitch', preparePitch, options);
}
