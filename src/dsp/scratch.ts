/** More numbers than this are given back after use: 2 MB. */
const MOST_KEPT = 2 ** 18;

/**
 * Memory for values in between, which the next call uses again: the pages of new arrays cost more than what many loops do with
 * them. What take() gives is good until the next take(), and holds whatever it held.
 */
export class Scratch {
  #kept = new Float64Array(0);

  take(length: number): Float64Array<ArrayBuffer> {
    if (length > MOST_KEPT) return new Float64Array(length);
    // A little more than is asked for, so that clips of like lengths do not each make it grow.
    if (this.#kept.length < length) this.#kept = new Float64Array(Math.min(MOST_KEPT, Math.ceil(1.25 * length)));
    return this.#kept.subarray(0, length);
  }
}
