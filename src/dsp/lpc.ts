/**
 * Linear prediction by Burg's method: finds the a[k] of x[n] ~ sum over k = 1..order of a[k] x[n - k] that make the
 * errors of forward and backward prediction together least, stage by stage (J. P. Burg 1967, "Maximum entropy spectral
 * analysis"). The predictor is always stable. Its methods allocate nothing.
 */
export class BurgPredictor {
  readonly order: number;
  readonly #forward: Float64Array;
  readonly #backward: Float64Array;
  readonly #before: Float64Array;

  constructor(order: number, length: number) {
    this.order = order;
    this.#forward = new Float64Array(length);
    this.#backward = new Float64Array(length);
    this.#before = new Float64Array(order + 1);
  }

  /**
   * Fills a[1..order] from the samples x[0..length); a[0] is left. False, with zeros, where the samples are silent or
   * fewer than the order.
   */
  fit(x: Float64Array, length: number, a: Float64Array): boolean {
    const f = this.#forward;
    const b = this.#backward;
    const before = this.#before;
    a.fill(0, 1, this.order + 1);
    if (length <= this.order) return false;
    let energy = 0;
    for (let n = 0; n < length; n++) {
      f[n] = x[n];
      b[n] = x[n];
      energy += x[n] * x[n];
    }
    if (!(energy > 0)) return false;
    // f[n] is the forward error at n, b[n - 1] the backward error of the stage before, one sample earlier.
    let cross = 0;
    let power = 0;
    for (let n = 1; n < length; n++) {
      cross += f[n] * b[n - 1];
      power += f[n] * f[n] + b[n - 1] * b[n - 1];
    }
    for (let m = 1; m <= this.order; m++) {
      // Predicted without an error worth the name: further stages would fit rounding.
      if (!(power > 1e-20 * energy)) return true;
      const k = (2 * cross) / power;
      for (let i = 1; i < m; i++) before[i] = a[i];
      for (let i = 1; i < m; i++) a[i] = before[i] - k * before[m - i];
      a[m] = k;
      // In one pass: the errors of this stage, and the sums of the next, which begins at m + 1.
      cross = 0;
      power = 0;
      let earlier = b[m - 1];
      let kept = 0;
      for (let n = m; n < length; n++) {
        const ahead = f[n] - k * earlier;
        const behind = earlier - k * f[n];
        earlier = b[n];
        f[n] = ahead;
        b[n] = behind;
        if (n > m) {
          cross += ahead * kept;
          power += ahead * ahead + kept * kept;
        }
        kept = behind;
      }
    }
    return true;
  }
}
