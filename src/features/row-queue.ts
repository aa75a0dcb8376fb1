import type { FeatureMatrix } from '../core/feature-matrix.ts';

/** Frames that wait, first in, first out. */
export class RowQueue {
  readonly #dims: number;
  #data = new Float32Array(0);
  #begin = 0;
  #end = 0;

  constructor(dims: number) {
    this.#dims = dims;
  }

  /** How many frames wait. */
  get frames(): number {
    return (this.#end - this.#begin) / this.#dims;
  }

  push({ data }: FeatureMatrix): void {
    const waiting = this.#end - this.#begin;
    if (this.#end + data.length > this.#data.length) {
      const room =
        waiting + data.length <= this.#data.length / 2 ? this.#data : new Float32Array(2 * (waiting + data.length));
      room.set(this.rows);
      this.#data = room;
      this.#begin = 0;
      this.#end = waiting;
    }
    this.#data.set(data, this.#end);
    this.#end += data.length;
  }

  /** The frames that wait, [frames, dims] row-major, as long as nothing is pushed. */
  get rows(): Float32Array<ArrayBuffer> {
    return this.#data.subarray(this.#begin, this.#end);
  }

  /** Forgets the first frames. */
  drop(frames: number): void {
    this.#begin += frames * this.#dims;
  }

  /** Takes the first frames out, frame t to `into` from at + t * stride on. */
  shift(frames: number, into: Float32Array, at: number, stride: number): void {
    const dims = this.#dims;
    for (let t = 0; t < frames; t++, this.#begin += dims) {
      into.set(this.#data.subarray(this.#begin, this.#begin + dims), at + t * stride);
    }
  }

  clear(): void {
    this.#begin = 0;
    this.#end = 0;
  }
}
