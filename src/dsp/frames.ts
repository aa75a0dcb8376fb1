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

/**
 * The sample at any index, also beyond the ends, of a signal of `length` samples of which `samples` holds those from
 * index `start` on; the whole signal unless told.
 */
export function paddedSample(
  samples: Float32Array,
  index: number,
  mode: PadMode,
  start = 0,
  length = samples.length,
): number {
  if (index >= 0 && index < length) return samples[index - start];
  if (mode === 'constant') return 0;
  if (mode === 'edge' || length === 1) return samples[(index < 0 ? 0 : length - 1) - start];
  const period = 2 * (length - 1);
  const turned = ((index % period) + period) % period;
  return samples[(turned < length ? turned : period - turned) - start];
}

/**
 * Visits all frames of a signal in order, in up to three runs. Frames that reach beyond an end see a padded copy of
 * that end alone, so the signal itself is never copied.
 */
export function visitRuns(
  samples: Float32Array<ArrayBuffer>,
  framing: Framing,
  frames: number,
  visit: (buffer: Float32Array<ArrayBuffer>, first: number, frame: number, count: number) => void,
): void {
  const { frameLength, hopLength, padMode } = framing;
  const origin = firstSample(framing);
  const visitPadded = (from: number, to: number): void => {
    if (to <= from) return;
    const start = origin + from * hopLength;
    const buffer = new Float32Array((to - 1 - from) * hopLength + frameLength);
    for (let n = 0; n < buffer.length; n++) buffer[n] = paddedSample(samples, start + n, padMode);
    visit(buffer, 0, from, to - from);
  };
  const head = Math.min(frames, Math.ceil(-origin / hopLength));
  // Frame t lies within the signal while origin + t * hopLength + frameLength <= length.
  const fitting = Math.floor((samples.length - frameLength - origin) / hopLength) + 1;
  const tail = Math.max(head, Math.min(frames, fitting));
  visitPadded(0, head);
  if (tail > head) visit(samples, origin + head * hopLength, head, tail - head);
  visitPadded(tail, frames);
}
