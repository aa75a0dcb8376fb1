import * as z from 'zod/mini';
import { positive, type Resolved, size } from '../core/options.ts';
import type { AtRate } from './extractor.ts';

/** Options of features that are computed on frames of samples, without a transform. librosa's names and defaults. */
export interface FrameOptions {
  /** Whose defaults the other options start from. @default 'librosa' */
  readonly preset?: 'librosa' | undefined;
  /** Samples in a frame. @default 2048 */
  readonly frameLength?: number | undefined;
  /** Samples from one frame to the next. @default 512 */
  readonly hopLength?: number | undefined;
  /** True: frame t is centred on sample t * hopLength, and the signal is padded. False: it begins there. @default true */
  readonly center?: boolean | undefined;
}

/** FrameOptions with every option decided, and the sample rate. */
export type FrameConfig = Resolved<FrameOptions> & AtRate;

/** The schemas of FrameOptions and of the sample rate. */
export const frameShape = () => ({
  sampleRate: positive,
  preset: z.optional(z.literal('librosa')),
  frameLength: z.optional(size),
  hopLength: z.optional(size),
  center: z.optional(z.literal([true, false])),
});

/** Fills in the defaults. */
export function frameConfig(o: FrameOptions & AtRate): FrameConfig {
  const { sampleRate, frameLength = 2048, hopLength = 512, center = true } = o;
  return { preset: 'librosa', sampleRate, frameLength, hopLength, center };
}
