import type * as tf from '@tensorflow/tfjs-core';
import { type KernelArguments, viewAs } from '../backend.ts';
import { addressOf, nativeOf, withScratch } from '../native/engine.ts';
import { readArguments } from './arguments.ts';
import type { Cell } from './cell.ts';
import { addressOrZero, allocate, hidden } from './memory.ts';

/**
 * The kernel of a cell: y, then what the gradient needs: states, gates, extra, mask, stateScale, each of them shown as
 * empty (see hidden()) but the last two, which are empty where they were not given.
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
    const scratchBytes = native.GEMM_SCRATCH.value + (native.recurrentScratch(rows, units, cell.gates) >>> 0);
    return withScratch(backend, scratchBytes, (scratch) => {
      const made: tf.TensorInfo[] = [];
      const make = (shape: readonly number[]): tf.TensorInfo => {
        made.push(allocate(backend, shape));
        return made[made.length - 1]!;
      };
      const share = (info: tf.TensorInfo): tf.TensorInfo => {
        backend.incRef(info.dataId);
        return viewAs(info, info.shape); // Not the input itself, which tfjs would take for an output that depends on it.
      };
      try {
        const states = make([rows, frames, units]);
        const y = returnSequences ? share(states) : make([rows, units]);
        const gates = make([rows * frames * cell.kept[0] * units]);
        const extra = make([rows * frames * cell.kept[1] * units]);
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
              addressOf(backend, states),
              addressOf(backend, gates),
              addressOf(backend, extra),
              scratch,
            );
          if (!returnSequences) {
            native.lastStates(rows, frames, units, flags, addressOf(backend, states), addressOf(backend, y));
          }
        } else if (!returnSequences) {
          (backend.typedArrayFromHeap(y) as Float32Array).fill(0); // No frame: the state that all clips start with.
        }
        const [mask, stateScale] = [given.mask, given.stateScale].map((info, i) => absent[i] ?? share(info!));
        return [y, hidden(states), hidden(gates), hidden(extra), mask!, stateScale!];
      } catch (error) {
        for (const info of made) backend.disposeData(info.dataId, true);
        throw error;
      }
    });
  };
}

/** The outputs that the gradient needs; y itself is not among them, as it is in the states. */
export const SAVED_OUTPUTS = [false, true, true, true, true, true];
