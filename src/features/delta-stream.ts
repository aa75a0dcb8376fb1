import type { FeatureMatrix } from '../core/feature-matrix.ts';
import { DELTA_WIDTH, deltasOfAny } from './deltas-of-any.ts';

/**
 * Deltas of frames that come in parts: together exactly deltasOfAny() of the whole. A frame's delta waits for the
 * (width - 1) / 2 frames after it; those of the last frames come with the end.
 */
export class DeltaStream {
  readonly #order: 1 | 2;
  readonly #dims: number;
  /** The latest frames, from frame #first on, `#held` of them. */
  #kept: Float32Array<ArrayBuffer>;
  #held = 0;
  #first = 0;
  #next = 0;

  constructor(dims: number, order: 1 | 2) {
    this.#order = order;
    this.#dims = dims;
    this.#kept = new Float32Array(4 * DELTA_WIDTH * dims);
  }

  /** The deltas that are decided by these frames and those before. */
  push({ data, frames }: FeatureMatrix): FeatureMatrix {
    const dims = this.#dims;
    const size = (this.#held + frames) * dims;
    if (size > this.#kept.length) {
      const longer = new Float32Array(2 * size);
      longer.set(this.#kept.subarray(0, this.#held * dims));
      this.#kept = longer;
    }
    this.#kept.set(data, this.#held * dims);
    this.#held += frames;
    const received = this.#first + this.#held;
    return this.#upTo(received < DELTA_WIDTH ? 0 : received - (DELTA_WIDTH - 1) / 2);
  }

  /** The deltas of the last frames; the stream is then as new. */
  flush(): FeatureMatrix {
    const last = this.#upTo(this.#first + this.#held);
    this.#held = 0;
    this.#first = 0;
    this.#next = 0;
    return last;
  }

  #upTo(end: number): FeatureMatrix {
    const dims = this.#dims;
    const count = end - this.#next;
    if (count <= 0) return { data: new Float32Array(0), frames: 0, dims };
    // The kept frames are enough for these deltas: what lies further back does not count, and what is kept begins the
    // signal or lies half a width before the first delta wanted.
    const kept = { data: this.#kept.slice(0, this.#held * dims), frames: this.#held, dims };
    const from = this.#next - this.#first;
    const data = deltasOfAny(kept, this.#order).data.slice(from * dims, (from + count) * dims);
    this.#next = end;
    this.#forget();
    return { data, frames: count, dims };
  }

  /** Keeps a whole width of frames that the next delta, or the end, will look at. */
  #forget(): void {
    const received = this.#first + this.#held;
    const keepFrom = Math.max(this.#first, Math.min(this.#next - (DELTA_WIDTH - 1) / 2, received - DELTA_WIDTH));
    const drop = keepFrom - this.#first;
    this.#kept.copyWithin(0, drop * this.#dims, this.#held * this.#dims);
    this.#held -= drop;
    this.#first = keepFrom;
  }
}
