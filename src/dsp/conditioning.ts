import * as z from 'zod/mini';
import { positive, type Resolved } from '../core/options.ts';

/** What is done to the samples of each frame before they are windowed. */
export interface ConditioningOptions {
  /** By what samples are multiplied: 32768 for tools that count in 16-bit integers. @default 1 */
  readonly scale?: number | undefined;
  /** Whether the frame's mean is subtracted, before the pre-emphasis. @default false */
  readonly removeDc?: boolean | undefined;
  /**
   * k: each sample loses k times the one before it in its frame, the first k times itself (HTK and Kaldi do this frame by
   * frame, not over the signal). From 0, none, to 1. @default 0
   */
  readonly preEmphasis?: number | undefined;
}

/** ConditioningOptions with every option decided. */
export type ConditioningSettings = Resolved<ConditioningOptions>;

/** The schemas of ConditioningOptions, for the factories that take them among others. */
export const conditioningShape = () => ({
  scale: z.optional(positive),
  removeDc: z.optional(z.literal([true, false])),
  preEmphasis: z.optional(z.number().check(z.minimum(0), z.maximum(1))),
});

/** Samples as they are. */
export const UNCONDITIONED: ConditioningSettings = { scale: 1, removeDc: false, preEmphasis: 0 };

/**
 * Writes the frame that begins at samples[start], conditioned and weighted, to buffer[at] and on. The scale is not in
 * here: it belongs into the window.
 */
export function fillConditioned(
  samples: Float32Array,
  start: number,
  window: Float64Array,
  { removeDc, preEmphasis }: ConditioningSettings,
  buffer: Float64Array,
  at: number,
): void {
  const length = window.length;
  let mean = 0;
  if (removeDc) {
    for (let n = 0; n < length; n++) mean += samples[start + n];
    mean /= length;
  }
  // (x[n] - mean) - k (x[n - 1] - mean); before the first sample lies the first itself.
  const kept = 1 - preEmphasis;
  const offset = kept * mean;
  buffer[at] = window[0] * (kept * samples[start] - offset);
  for (let n = 1; n < length; n++) {
    buffer[at + n] = window[n] * (samples[start + n] - preEmphasis * samples[start + n - 1] - offset);
  }
}
