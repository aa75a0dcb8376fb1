import { type Framing, frameCount, visitRuns } from '../dsp/frames.ts';

/**
 * Computes `count` consecutive frames: frame i from samples[first + i * hopLength] on, frameLength of them, all of which
 * are there, and writes its values row-major from data[at] on. A frame's numbers do not depend on how frames are grouped
 * into runs.
 */
export type FrameRun = (
  samples: Float32Array<ArrayBuffer>,
  first: number,
  count: number,
  data: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>,
  at: number,
) => void;

/** A feature that is computed frame by frame. */
export interface Framewise {
  readonly framing: Framing;
  readonly dims: number;
  /**
   * Begins a signal: the function is then called with its frames in order, each once. Features that keep nothing from
   * one frame to the next return the same function every time.
   */
  begin(): FrameRun;
}

/**
 * All frames of a whole signal, [frames, dims] row-major.
 *
 * @throws SerKitError 'too-short' where not one frame fits
 */
export function computeFramewise(
  who: string,
  { framing, dims, begin }: Framewise,
  samples: Float32Array<ArrayBuffer>,
): { readonly data: Float32Array<ArrayBuffer>; readonly frames: number } {
  const frames = frameCount(who, samples.length, framing);
  const data = new Float32Array(frames * dims);
  const run = begin();
  visitRuns(samples, framing, frames, (buffer, first, frame, count) => run(buffer, first, count, data, frame * dims));
  return { data, frames };
}
