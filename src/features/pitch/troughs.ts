import { parabolaPlace } from '../../dsp/parabola.ts';

/** The local minima of d' of a frame. Refilled for every frame; allocates nothing. */
export class Troughs {
  count = 0;
  /** Indices into d', rising. */
  readonly at: Int32Array;

  constructor(lags: number) {
    this.at = new Int32Array(Math.ceil(lags / 2) + 1);
  }

  /** A minimum is below its left neighbour and not above its right one; an end has one neighbour. */
  find(normalized: Float64Array): void {
    let count = 0;
    if (normalized[0] < normalized[1]) this.at[count++] = 0;
    for (let i = 1; i < normalized.length - 1; i++) {
      if (normalized[i] < normalized[i - 1] && normalized[i] <= normalized[i + 1]) this.at[count++] = i;
    }
    const last = normalized.length - 1;
    if (normalized[last] < normalized[last - 1]) this.at[count++] = last;
    this.count = count;
  }
}

/** Where between the lags a trough has its bottom: the parabola through it and its neighbours; 0 at either end. */
export function troughShift(normalized: Float64Array, i: number): number {
  return i === 0 || i === normalized.length - 1
    ? 0
    : parabolaPlace(-normalized[i - 1], -normalized[i], -normalized[i + 1]);
}
