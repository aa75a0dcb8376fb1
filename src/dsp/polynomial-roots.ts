const MAX_ROUNDS = 100;

/**
 * All roots of z^n + c[1] z^(n-1) + ... + c[n], real coefficients, at once by the Ehrlich-Aberth iteration (O. Aberth
 * 1973): Newton's step from every root, bent by the repulsion of all others. Simple roots converge cubically. Its
 * methods allocate nothing.
 */
export class PolynomialRoots {
  readonly degree: number;
  /** The roots of the last solve(), in no particular order. */
  readonly re: Float64Array;
  readonly im: Float64Array;

  constructor(degree: number) {
    this.degree = degree;
    this.re = new Float64Array(degree);
    this.im = new Float64Array(degree);
  }

  /** Finds the roots of the polynomial with coefficients 1, c[1], ..., c[degree]; c[0] is not read. */
  solve(c: Float64Array): void {
    const { degree, re, im } = this;
    // On a circle inside that of a predictor's roots, turned so that no start lies on the real axis.
    for (let i = 0; i < degree; i++) {
      const angle = (2 * Math.PI * i + 0.7) / degree;
      re[i] = 0.9 * Math.cos(angle);
      im[i] = 0.9 * Math.sin(angle);
    }
    for (let round = 0; round < MAX_ROUNDS; round++) {
      let largest = 0;
      for (let i = 0; i < degree; i++) largest = Math.max(largest, this.#step(c, i));
      if (largest < 1e-26) return;
    }
  }

  /** Moves root i, and gives the square of how far. */
  #step(c: Float64Array, i: number): number {
    const { degree, re, im } = this;
    const x = re[i];
    const y = im[i];
    // Horner: p and its derivative d at x + i y.
    let pr = 1;
    let pi = 0;
    let dr = 0;
    let di = 0;
    for (let k = 1; k <= degree; k++) {
      const t = dr * x - di * y + pr;
      di = dr * y + di * x + pi;
      dr = t;
      const s = pr * x - pi * y + c[k];
      pi = pr * y + pi * x;
      pr = s;
    }
    if (pr === 0 && pi === 0) return 0;
    // The step is p / (d - p * repulsion), which stays finite where d is 0.
    let rr = 0;
    let ri = 0;
    for (let j = 0; j < degree; j++) {
      if (j === i) continue;
      const ux = x - re[j];
      const uy = y - im[j];
      const square = ux * ux + uy * uy;
      if (square === 0) continue;
      rr += ux / square;
      ri -= uy / square;
    }
    const nr = dr - (pr * rr - pi * ri);
    const ni = di - (pr * ri + pi * rr);
    const norm = nr * nr + ni * ni;
    if (norm === 0) return 0;
    const sr = (pr * nr + pi * ni) / norm;
    const si = (pi * nr - pr * ni) / norm;
    re[i] = x - sr;
    im[i] = y - si;
    return sr * sr + si * si;
  }
}
