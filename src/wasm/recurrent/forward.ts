import * as tf from '@tensorflow/tfjs-core';
import { type KernelArguments, viewAs } from '../backend.ts';
import { addressOf, nativeOf, withScratch } from '../native/engine.ts';
import { readArguments } from './arguments.ts';
import type { Cell } from './cell.ts';
import { addressOrZero, hidden } from './memory.ts';

/**
 * Whether a gradient can be asked of what is computed now: no function is being differentiated where this is false, and
 * tfjs then records nothing.
 */
const isRecorded = (): boolean => tf.engine().state.gradientDepth !== 0;

/**
 * The kernel of a cell: y, then what the gradient needs: states, gates, extra, mask, stateScale, each of them shown as
 * empty (see hidden()) but the last two, which are empty where they were not given. Where no gradient can follow, states, gates and
 * extra are empty indeed.
 */
export function createForward(cell: Cell): (args: KernelArguments) => tf.TensorInfo[] {
  return (args) => {
    const { backend } = args;
    const { rows, frames, dims, units, flags, returnSequences, ...given } = readArguments(
      cell.kernelName,
      cell.gates,
      args,
    );
    const native = nativeOf(backend);
    const scratchBytes = native.GEMM_SCRATCH.value + (native.forwardScratch(rows, dims, units, cell.gates) >>> 0);
    return withScratch(backend, scratchBytes, (scratch) => {
      const make = (shape: readonly number[]): tf.TensorInfo => backend.makeOutput(shape, 'float32');
      const share = (info: tf.TensorInfo): tf.TensorInfo => {
        backend.incRef(info.dataId);
        return viewAs(info, info.shape); // Not the input itself, which tfjs would take for an output that depends on it.
      };
      const keeps = isRecorded();
      const states = make(keeps || returnSequences ? [rows, frames, units] : [0]);
      const y = returnSequences ? share(states) : make([rows, units]);
      const perGate = rows * frames * units;
      const early = native.inputFirst(rows);
      const gates = make([early ? perGate * cell.gates : keeps ? perGate * cell.kept[0] : 0]);
      const extra = make([keeps ? perGate * cell.kept[1] : 0]);
      const absent = [given.mask, given.stateScale].map((info) => (info === undefined ? make([0]) : undefined));
      if (rows > 0 && units > 0 && frames > 0) {
        cell
          .passes(native)
          .forward(
            rows,
            frames,
            dims,
            units,
            addressOf(backend, given.x),
            addressOf(backend, given.kernel),
            addressOf(backend, given.recurrent),
            addressOf(backend, given.bias),
            addressOrZero(backend, given.mask),
            addressOrZero(backend, given.stateScale),
            flags,
            keeps || returnSequences ? addressOf(backend, states) : 0,
            returnSequences ? 0 : addressOf(backend, y),
            addressOf(backend, gates),
            keeps ? addressOf(backend, extra) : 0,
            scratch,
          );
      } else if (!returnSequences) {
        (backend.typedArrayFromHeap(y) as Float32Array).fill(0); // No frame: the state that all clips start with.
      }
      const [mask, stateScale] = [given.mask, given.stateScale].map((info, i) => absent[i] ?? share(info!));
      return [y, hidden(states), hidden(gates), hidden(extra), mask!, stateScale!];
    });
  };
}

/** The outputs that the gradient needs; y itself is not among them, as it is in the states. */
export const SAVED_OUTPUTS = [false, true, true, true, true, true];
