import { SerKitError } from '../core/errors.ts';

/** What lies beyond the ends of a centred signal: zeros, the end sample held, or the signal mirrored at its end. */
export type PadMode = 'constant' | 'edge' | 'reflect';

/** Their names, for schemas. */
export const PAD_MODES = ['constant', 'edge', 'reflect'] as const satisfies readonly PadMode[];

/** How a signal is cut into frames. */
export interface Framing {
  readonly frameLength: number;
  readonly hopLength: number;
  /** True: frame t is centred on sample t * hopLength, and the signal is padded. False: it begins there. */
  readonly center: boolean;
  readonly padMode: PadMode;
}

/**
 * How many frames a signal gives: 1 + floor((length + padding - frameLength) / hopLength), where the padding is
 * floor(frameLength / 2) on both sides when centred, else none.
 *
 * @throws SerKitError 'too-short' where not one frame fits
 */
export function frameCount(who: string, length: number, { frameLength, hopLength, center }: Framing): number {
  const spare = length + (center ? 2 * Math.floor(frameLength / 2) : 0) - frameLength;
  if (spare < 0) {
    throw new SerKitError(
      'too-short',
      `${who}: without centring expected at least one frame of ${frameLength} samples, got ${length} samples`,
    );
  }
  return 1 + Math.floor(spare / hopLength);
}

/** The first sample of frame 0, as an index into the signal: 0, or negative when centred. */
export function firstSample({ frameLength, center }: Framing): number {
  return center ? -Math.floor(frameLength / 2) : 0;
}

/** The sample at any index, also beyond the ends. */
export function paddedSample(samples: Float32Array, at: number, mode: PadMode): number {
  const length = samples.length;
  if (at >= 0 && at < length) return samples[at];
  if (mode === 'constant') return 0;
  if (mode === 'edge' || length === 1) return samples[at < 0 ? 0 : length - 1];
  const period = 2 * (length - 1);
  const turned = ((at % period) + period) % period;
  return samples[turned < length ? turned : period - turned];
}
