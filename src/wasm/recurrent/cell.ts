import type { Native } from '../native/engine.ts';
import type { NativeBackward, NativeForward, NativeRecurrentGradient } from './native.ts';

/** What tells one recurrent layer from another. */
export interface Cell {
  readonly kernelName: string;
  /** Blocks of `units` columns in the weights. */
  readonly gates: number;
  /** How many numbers a unit keeps for the gradient in each frame, beside its state: in `gates` and in `extra`. */
  readonly kept: readonly [gates: number, extra: number];
  /** The native passes. */
  passes(native: Native): {
    readonly forward: NativeForward;
    readonly backward: NativeBackward;
    readonly recurrentGradient: NativeRecurrentGradient;
  };
}

/** Gates i, f, c, o; it keeps them and its cells. */
export const LSTM: Cell = {
  kernelName: 'SerKitLstm',
  gates: 4,
  kept: [4, 1],
  passes: (native) => ({
    forward: native.lstmForward,
    backward: native.lstmBackward,
    recurrentGradient: native.lstmRecurrentGradient,
  }),
};

/** No gates; its states are all that it keeps. */
export const SIMPLE_RNN: Cell = {
  kernelName: 'SerKitSimpleRnn',
  gates: 1,
  kept: [0, 0],
  passes: (native) => ({
    forward: native.simpleRnnForward,
    backward: native.simpleRnnBackward,
    recurrentGradient: native.simpleRnnRecurrentGradient,
  }),
};

/** Gates z, r, h, the reset gate before the product; it keeps them and r h. */
export const GRU: Cell = {
  kernelName: 'SerKitGru',
  gates: 3,
  kept: [3, 1],
  passes: (native) => ({
    forward: native.gruForward,
    backward: native.gruBackward,
    recurrentGradient: native.gruRecurrentGradient,
  }),
};
