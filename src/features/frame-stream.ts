import type { FeatureMatrix, FeatureStream } from '../core/feature-matrix.ts';
import { checkBlock } from '../core/finite.ts';
import { type Framing, firstSample, paddedSample } from '../dsp/frames.ts';
import type { FrameRun, Framewise } from './framewise.ts';

/** How many hops of samples are gathered before frames are computed, where a block brings so many. */
const HOPS_AT_ONCE = 64;

/** How many samples are gathered at most, where the hop is no longer. */
const MOST_AT_ONCE = 2 ** 20;

/**
 * Frames of a signal that comes in blocks. It keeps the samples that frames to come still need, in a buffer of fixed
 * size, and computes each frame from the very samples that it has in the whole signal, so the numbers are the same.
 */
export class FrameStream implements FeatureStream {
  readonly #who: string;
  readonly #framewise: Framewise;
  readonly #names: readonly string[];
  readonly #framing: Framing;
  /** The first sample of frame 0. */
  readonly #origin: number;
  /** How many of the latest samples the padding after the end may need. */
  readonly #tail: number;
  readonly #buffer: Float32Array<ArrayBuffer>;
  #run: FrameRun;
  /** The index in the signal of the buffer's first sample, and how many samples the buffer holds. */
  #start = 0;
  #held = 0;
  #nextFrame = 0;

  constructor(who: string, framewise: Framewise, names: readonly string[]) {
    const { frameLength, hopLength, padMode } = framewise.framing;
    this.#who = who;
    this.#framewise = framewise;
    this.#names = names;
    this.#framing = framewise.framing;
    this.#origin = firstSample(framewise.framing);
    const half = -this.#origin;
    this.#tail = half === 0 || padMode === 'constant' ? 0 : padMode === 'edge' ? 1 : half + 1;
    this.#buffer = new Float32Array(
      2 * frameLength + this.#tail + Math.max(hopLength, Math.min(HOPS_AT_ONCE * hopLength, MOST_AT_ONCE)),
    );
    this.#run = framewise.begin();
  }

  push(block: Float32Array<ArrayBuffer>): FeatureMatrix {
    checkBlock(this.#who, block);
    const { dims } = this.#framewise;
    const first = this.#nextFrame;
    const received = this.#start + this.#held + block.length;
    const frames = Math.max(0, this.#decided(received) - first);
    const data = new Float32Array(frames * dims);
    for (let taken = 0; taken < block.length; ) {
      this.#forget();
      const room = Math.min(this.#buffer.length - this.#held, block.length - taken);
      this.#buffer.set(block.subarray(taken, taken + room), this.#held);
      this.#held += room;
      taken += room;
      this.#compute(this.#decided(this.#start + this.#held), data, first);
    }
    return { data, frames, dims, names: this.#names };
  }

  flush(): FeatureMatrix {
    const { dims, framing } = this.#framewise;
    const total = this.#start + this.#held;
    const spare = total + (framing.center ? 2 * -this.#origin : 0) - framing.frameLength;
    const all = total === 0 || spare < 0 ? 0 : 1 + Math.floor(spare / framing.hopLength);
    const first = this.#nextFrame;
    const frames = Math.max(0, all - first);
    const data = new Float32Array(frames * dims);
    this.#computePadded(all, data, first, total);
    this.#run = this.#framewise.begin();
    this.#start = 0;
    this.#held = 0;
    this.#nextFrame = 0;
    return { data, frames, dims, names: this.#names };
  }

  /** How many frames are decided by the first `received` samples, whatever follows. */
  #decided(received: number): number {
    const { frameLength, hopLength, padMode } = this.#framing;
    if (received === 0) return 0;
    // The padding before the signal is decided with it: mirrored, once as many samples are there.
    if (this.#origin < 0 && padMode === 'reflect' && received <= -this.#origin) return 0;
    return Math.max(0, Math.floor((received - frameLength - this.#origin) / hopLength) + 1);
  }

  /** Drops samples that no later frame needs. */
  #forget(): void {
    const next = this.#origin + this.#nextFrame * this.#framing.hopLength;
    const end = this.#start + this.#held;
    const keep = Math.max(this.#start, Math.min(next, end - this.#tail, end));
    this.#buffer.copyWithin(0, keep - this.#start, this.#held);
    this.#held = end - keep;
    this.#start = keep;
  }

  /** Frames up to before `until`, where they are decided; `first` is the frame that data begins with. */
  #compute(until: number, data: Float32Array<ArrayBuffer>, first: number): void {
    const { hopLength } = this.#framing;
    const { dims } = this.#framewise;
    const head = Math.min(until, Math.ceil(-this.#origin / hopLength));
    if (this.#nextFrame < head) this.#computePadded(head, data, first, this.#start + this.#held);
    if (this.#nextFrame >= until) return;
    const from = this.#origin + this.#nextFrame * hopLength - this.#start;
    this.#run(this.#buffer, from, until - this.#nextFrame, data, (this.#nextFrame - first) * dims);
    this.#nextFrame = until;
  }

  /** Frames up to before `until` of a signal of `length` samples, padded at either end. */
  #computePadded(until: number, data: Float32Array<ArrayBuffer>, first: number, length: number): void {
    const count = until - this.#nextFrame;
    if (count <= 0) return;
    const { frameLength, hopLength } = this.#framing;
    const from = this.#origin + this.#nextFrame * hopLength;
    const buffer = new Float32Array((count - 1) * hopLength + frameLength);
    for (let n = 0; n < buffer.length; n++) buffer[n] = this.#sample(from + n, length);
    this.#run(buffer, 0, count, data, (this.#nextFrame - first) * this.#framewise.dims);
    this.#nextFrame = until;
  }

  /** The sample at any index of a signal of `length` samples of which the buffer holds the latest. */
  #sample(index: number, length: number): number {
    return paddedSample(this.#buffer.subarray(0, this.#held), index, this.#framing.padMode, this.#start, length);
  }
}
