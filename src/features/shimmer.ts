import type { FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import type { Waveform } from '../core/waveform.ts';
import { type AtRate, createExtractor, oneShot } from './extractor.ts';
import { type PerturbationConfig, type PerturbationOptions, prepareShimmer } from './frame-perturbation.ts';

/**
 * Local shimmer of each frame, [frames, 1], 0 or more, no unit: the mean absolute difference of the amplitudes of
 * neighbouring glottal periods over the mean amplitude, Praat's "shimmer (local)". 0.04 is usual for a calm voice. 0
 * where a frame is unvoiced, silent, or has no two neighbouring periods that can be compared.
 *
 * Periods are marked as in {@link jitter}. A period's amplitude is the root of the mean square of the samples up to 0.2
 * periods from its mark, weighted by the squares of a raised cosine. `voiceQuality` of `ser-kit/features/voice` gives the figure of a whole clip.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'; 'too-short' without centring
 * @example
 * const { data } = shimmer(waveform, { hopLength: 160 });
 */
export const shimmer: (waveform: Waveform, options?: PerturbationOptions) => FeatureMatrix = /* @__PURE__ */ oneShot(
  'shimmer',
  prepareShimmer,
);

/**
 * {@link shimmer} prepared for many waveforms of one sample rate. Streamed, each push() gives the frames that its
 * samples decide, [frames, 1], often none.
 *
 * @throws SerKitError 'bad-option'; its `extract` throws 'wrong-rate' at another sample rate
 * @example
 * const extractor = createShimmer({ sampleRate: 16000, hopLength: 160 });
 * const matrices = waveforms.map((waveform) => extractor.extract(waveform));
 */
export function createShimmer(options: PerturbationOptions & AtRate): StreamingExtractor<PerturbationConfig> {
  return createExtractor('createShimmer', prepareShimmer, options);
}
