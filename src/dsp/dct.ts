/**
 * The first `outputs` coefficients of the discrete cosine transform of type II,
 * y[k] = scale[k] * sum x[n] cos(pi k (2n + 1) / (2 inputs)), with scale sqrt(2 / inputs) (sqrt(1 / inputs) for k = 0)
 * for 'ortho' and 2 for null, as scipy.fft.dct; `weights` multiply the coefficients afterwards (a lifter).
 */
export class Dct {
  readonly #inputs: number;
  readonly #outputs: number;
  /** Scaled cosines, [outputs, folded], with rows of zeros up to a multiple of four. */
  readonly table: Float64Array;
  readonly #sums: Float64Array;
  readonly #differences: Float64Array;

  constructor(inputs: number, outputs: number, norm: 'ortho' | null, weights?: Float64Array) {
    const folded = Math.ceil(inputs / 2);
    this.#inputs = inputs;
    this.#outputs = outputs;
    this.table = new Float64Array(Math.ceil(outputs / 4) * 4 * folded);
    this.#sums = new Float64Array(folded);
    this.#differences = new Float64Array(folded);
    for (let k = 0; k < outputs; k++) {
      const scale = (norm === 'ortho' ? Math.sqrt((k === 0 ? 1 : 2) / inputs) : 2) * (weights?.[k] ?? 1);
      for (let n = 0; n < folded; n++) {
        // k (2n + 1) modulo 4 inputs keeps the angle, and its accuracy.
        const turn = (k * (2 * n + 1)) % (4 * inputs);
        this.table[k * folded + n] = scale * Math.cos((Math.PI * turn) / (2 * inputs));
      }
    }
  }

  /** Transforms `inputs` numbers from input[inputAt] on into `outputs` from output[outputAt] on. */
  apply(input: Float64Array, inputAt: number, output: Float32Array | Float64Array, outputAt: number): void {
    const table = this.table;
    const sums = this.#sums;
    const differences = this.#differences;
    const folded = sums.length;
    // The cosines of an even k are symmetric in n, those of an odd k antisymmetric: half the products do.
    for (let n = 0, i = inputAt, j = inputAt + this.#inputs - 1; i < j; n++, i++, j--) {
      sums[n] = input[i] + input[j];
      differences[n] = input[i] - input[j];
    }
    // The middle of an odd number of inputs, where the cosine of every odd k is 0.
    if (this.#inputs % 2 === 1) sums[folded - 1] = input[inputAt + folded - 1];
    // Four at a time: each sum waits for its own last addition alone, and what is loaded serves two of them.
    const outputs = this.#outputs;
    for (let k = 0, row = 0; k < outputs; k += 4, row += 4 * folded) {
      let y0 = 0;
      let y1 = 0;
      let y2 = 0;
      let y3 = 0;
      for (let n = 0, at = row; n < folded; n++, at++) {
        const sum = sums[n];
        const difference = differences[n];
        y0 += sum * table[at];
        y1 += difference * table[at + folded];
        y2 += sum * table[at + 2 * folded];
        y3 += difference * table[at + 3 * folded];
      }
      output[outputAt + k] = y0;
      if (k + 1 < outputs) output[outputAt + k + 1] = y1;
      if (k + 2 < outputs) output[outputAt + k + 2] = y2;
      if (k + 3 < outputs) output[outputAt + k + 3] = y3;
    }
  }
}
