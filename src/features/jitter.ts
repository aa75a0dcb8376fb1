import type { FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import type { Waveform } from '../core/waveform.ts';
import { type AtRate, createExtractor, oneShot } from './extractor.ts';
import { type PerturbationConfig, type PerturbationOptions, prepareJitter } from './frame-perturbation.ts';

/**
 * Local jitter of each frame, [frames, 1], 0 or more, no unit: the mean absolute difference of neighbouring glottal
 * periods over the mean period, Praat's "jitter (local)". 0.01 is usual for a calm voice. 0 where a frame is unvoiced,
 * silent, or has no two neighbouring periods that can be compared.
 *
 * A frame's period is the highest peak of its normalized autocorrelation (Boersma 1993; less 0.01 an octave); from its
 * middle, mark follows mark where the waveform of one period is most alike. Differences of a sample's fraction count, so
 * a low rate and a telephone's band raise the number. `voiceQuality` of `ser-kit/features/voice` gives the figure of a
 * whole clip.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'; 'too-short' without centring
 * @example
 * const { data } = jitter(waveform, { hopLength: 160 });
 */
export const jitter: (waveform: Waveform, options?: PerturbationOptions) => FeatureMatrix = /* @__PURE__ */ oneShot(
  'jitter',
  prepareJitter,
);

/**
 * {@link jitter} prepared for many waveforms of one sample rate. Streamed, each push() gives the frames that its
 * samples decide, [frames, 1], often none.
 *
 * @throws SerKitError 'bad-option'; its `extract` throws 'wrong-rate' at another sample rate
 * @example
 * const extractor = createJitter({ sampleRate: 16000, hopLength: 160 });
 * const matrices = waveforms.map((waveform) => extractor.extract(waveform));
 */
export function createJitter(options: PerturbationOptions & AtRate): StreamingExtractor<PerturbationConfig> {
  return createExtractor('createJitter', prepareJitter, options);
}
