import type { Address } from '../native/engine.ts';

/** Bits of `flags`. */
export const REVERSE = 1;
export const HARD_SIGMOID = 2;
export const SEQUENCES = 4;

/**
 * x [rows, frames, dims] to states [rows, frames, units], all frames in one call, and to `last` [rows, units], those after
 * the frame that was processed last; each may be 0. `gates` and `extra` are what the gradient needs beside the states; with
 * 0 for `extra` nothing is kept, and `gates` is needed only where inputFirst(). `mask` and `scale` are 0 where there is none.
 */
export type NativeForward = (
  rows: number,
  frames: number,
  dims: number,
  units: number,
  x: Address,
  kernel: Address,
  recurrent: Address,
  bias: Address,
  mask: Address,
  scale: Address,
  flags: number,
  states: Address,
  last: Address,
  gates: Address,
  extra: Address,
  scratch: Address,
) => void;

/** dy, [rows, frames, units] with SEQUENCES, else [rows, units], to dz [rows, frames, gates * units] and dBias. */
export type NativeBackward = (
  rows: number,
  frames: number,
  units: number,
  recurrent: Address,
  mask: Address,
  scale: Address,
  flags: number,
  dy: Address,
  states: Address,
  gates: Address,
  extra: Address,
  dz: Address,
  dBias: Address,
  scratch: Address,
) => void;

/** dz to the gradient of the recurrent weights [units, gates * units]. */
export type NativeRecurrentGradient = (
  rows: number,
  frames: number,
  units: number,
  scale: Address,
  flags: number,
  states: Address,
  gates: Address,
  extra: Address,
  dz: Address,
  dRecurrent: Address,
  scratch: Address,
) => void;

/** The recurrent part of what assembly/index.ts exports. */
export interface RecurrentNative {
  /** Bytes of scratch for a forward pass, GEMM_SCRATCH beside it. */
  forwardScratch(rows: number, dims: number, units: number, gates: number): number;
  /** Whether a forward pass of so many rows writes gates [frames, rows, gates * units] even where they are not kept. */
  inputFirst(rows: number): boolean;
  /** Bytes of scratch for a backward pass, GEMM_SCRATCH beside it. */
  recurrentScratch(rows: number, units: number, gates: number): number;
  lstmForward: NativeForward;
  lstmBackward: NativeBackward;
  lstmRecurrentGradient: NativeRecurrentGradient;
  gruForward: NativeForward;
  gruBackward: NativeBackward;
  gruRecurrentGradient: NativeRecurrentGradient;
  simpleRnnForward: NativeForward;
  simpleRnnBackward: NativeBackward;
  simpleRnnRecurrentGradient: NativeRecurrentGradient;
}
