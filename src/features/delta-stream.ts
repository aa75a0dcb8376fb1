import type { FeatureMatrix } from '../core/feature-matrix.ts';
import { DELTA_WIDTH, deltasOfAny } from './deltas-of-any.ts';
import { RowQueue } from './row-queue.ts';

/**
 * Deltas of frames that come in parts: together exactly deltasOfAny() of the whole. A frame's delta waits for the
 * (width - 1) / 2 frames after it; those of the last frames come with the end.
 */
export class DeltaStream {
  readonly #order: 1 | 2;
  readonly #dims: number;
  /** The latest frames, from frame #first on. */
  readonly #kept: RowQueue;
  #first = 0;
  #next = 0;

  constructor(dims: number, order: 1 | 2) {
    this.#order = order;
    this.#dims = dims;
    this.#kept = new RowQueue(dims);
  }

  /** The deltas that are decided by these frames and those before. */
  push(matrix: FeatureMatrix): FeatureMatrix {
    this.#kept.push(matrix);
    const received = this.#first + this.#kept.frames;
    return this.#upTo(received < DELTA_WIDTH ? 0 : received - (DELTA_WIDTH - 1) / 2);
  }

  /** The deltas of the last frames; the stream is then as new. */
  flush(): FeatureMatrix {
    const last = this.#upTo(this.#first + this.#kept.frames);
    this.#kept.clear();
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
    const kept = { data: this.#kept.rows, frames: this.#kept.frames, dims };
    const from = this.#next - this.#first;
    const data = deltasOfAny(kept, this.#order).data.slice(from * dims, (from + count) * dims);
    this.#next = end;
    this.#forget();
    return { data, frames: count, dims };
  }

  /** Keeps a whole width of frames that the next delta, or the end, will look at. */
  #forget(): void {
    const received = this.#first + this.#kept.frames;
    const keepFrom = Math.max(this.#first, Math.min(this.#next - (DELTA_WIDTH - 1) / 2, received - DELTA_WIDTH));
    this.#kept.drop(keepFrom - this.#first);
    this.#first = keepFrom;
  }
}
