import { type NdArray, zerosOf } from './reference-arrays.ts';

// The recurrent layers in float64, one clip, one frame and one unit at a time, with all their options.

export interface RecurrentOptions {
  readonly returnSequences: boolean;
  /** From the last frame to the first. */
  readonly reverse: boolean;
  readonly hardSigmoid: boolean;
}

export interface RecurrentInputs {
  /** [batch, frames, dims] */
  readonly x: NdArray;
  readonly kernel: NdArray;
  readonly recurrent: NdArray;
  readonly bias: NdArray;
  /** [batch, frames], 0 where the state is carried over */
  readonly mask?: NdArray;
  /** [batch, units] */
  readonly stateScale?: NdArray;
}

interface State {
  readonly h: readonly number[];
  readonly c: readonly number[];
}

/** One frame: from x W + b, the scaled state and the product of something with a column of U. */
type Step = (
  z: readonly number[],
  before: State,
  times: (left: readonly number[], column: number) => number,
  gate: (v: number) => number,
) => State;

function recur(inputs: RecurrentInputs, options: RecurrentOptions, step: Step): NdArray {
  const { x, kernel, recurrent, bias, mask, stateScale } = inputs;
  const [batch, frames, dims] = x.shape as readonly [number, number, number];
  const [units, width] = recurrent.shape as readonly [number, number];
  const y = zerosOf(options.returnSequences ? [batch, frames, units] : [batch, units]);
  const gate = (v: number): number =>
    options.hardSigmoid ? Math.min(Math.max(0.2 * v + 0.5, 0), 1) : 1 / (1 + Math.exp(-v));
  const times = (left: readonly number[], column: number): number =>
    left.reduce((sum, value, u) => sum + value * recurrent.data[u * width + column]!, 0);
  for (let n = 0; n < batch; n++) {
    let state: State = { h: new Array<number>(units).fill(0), c: new Array<number>(units).fill(0) };
    for (let i = 0; i < frames; i++) {
      const t = options.reverse ? frames - 1 - i : i;
      if (mask === undefined || mask.data[n * frames + t] !== 0) {
        const z = Array.from({ length: width }, (_, j) => {
          let sum = bias.data[j]!;
          for (let d = 0; d < dims; d++) sum += x.data[(n * frames + t) * dims + d]! * kernel.data[d * width + j]!;
          return sum;
        });
        const h = state.h.map((v, u) => v * (stateScale?.data[n * units + u] ?? 1));
        state = step(z, { h, c: state.c }, times, gate);
      }
      y.data.set(state.h, options.returnSequences ? (n * frames + t) * units : n * units);
    }
  }
  return y;
}

export type RecurrentReference = (inputs: RecurrentInputs, options: RecurrentOptions) => NdArray;

/** h = tanh(z + h U) */
export const simpleRnnReference: RecurrentReference = (inputs, options) =>
  recur(inputs, options, (z, { h }, times) => ({ h: z.map((v, u) => Math.tanh(v + times(h, u))), c: [] }));

/** Gates i, f, c, o: c' = f c + i tanh(zc), h = o tanh(c') */
export const lstmReference: RecurrentReference = (inputs, options) =>
  recur(inputs, options, (z, { h, c }, times, gate) => {
    const units = h.length;
    const pre = z.map((v, j) => v + times(h, j));
    const next = c.map((old, u) => gate(pre[units + u]!) * old + gate(pre[u]!) * Math.tanh(pre[2 * units + u]!));
    return { h: next.map((value, u) => gate(pre[3 * units + u]!) * Math.tanh(value)), c: next };
  });

/** Gates z, r, h: h' = z h + (1 - z) tanh(zh + (r h) U) */
export const gruReference: RecurrentReference = (inputs, options) =>
  recur(inputs, options, (pre, { h }, times, gate) => {
    const units = h.length;
    const r = h.map((_, u) => gate(pre[units + u]! + times(h, units + u)));
    const reset = h.map((v, u) => v * r[u]!);
    return {
      h: h.map((v, u) => {
        const z = gate(pre[u]! + times(h, u));
        return z * v + (1 - z) * Math.tanh(pre[2 * units + u]! + times(reset, 2 * units + u));
      }),
      c: [],
    };
  });
