import * as tf from '@tensorflow/tfjs-core';
import type { KernelArguments } from '../backend.ts';
import { addressOf, nativeOf, withScratch } from '../native/engine.ts';
import { flagsOf } from './arguments.ts';
import type { Cell } from './cell.ts';
import { SAVED_OUTPUTS } from './forward.ts';
import { addressOrZero } from './memory.ts';

/** What the two kernels of a gradient get; mask and stateScale may be missing. */
type GradientInputs = Record<'states' | 'gates' | 'extra', tf.TensorInfo> & Record<string, tf.TensorInfo | undefined>;

/** [rows, frames, units, flags] of the call whose gradient is asked for. */
type Dimensions = readonly [rows: number, frames: number, units: number, flags: number];

/** dy to [dz, dBias]: dz [rows * frames, gates * units] is the gradient of the pre-activations, before any weight. */
export function createBackward(cell: Cell): (args: KernelArguments) => tf.TensorInfo[] {
  return ({ inputs, backend, attrs }) => {
    const { states, gates, extra, recurrent, dy, mask, stateScale } = inputs as GradientInputs;
    const [rows, frames, units, flags] = attrs.dimensions as Dimensions;
    const width = cell.gates * units;
    const native = nativeOf(backend);
    const scratchBytes = native.GEMM_SCRATCH.value + (native.recurrentScratch(rows, units, cell.gates) >>> 0);
    return withScratch(backend, scratchBytes, (scratch) => {
      const dz = backend.makeOutput([rows * frames, width], 'float32');
      const dBias = backend.makeOutput([width], 'float32');
      if (rows === 0 || frames === 0 || units === 0) {
        (backend.typedArrayFromHeap(dBias) as Float32Array).fill(0);
        return [dz, dBias];
      }
      const at = (info: tf.TensorInfo): number => addressOf(backend, info);
      cell
        .passes(native)
        .backward(
          rows,
          frames,
          units,
          at(recurrent!),
          addressOrZero(backend, mask),
          addressOrZero(backend, stateScale),
          flags,
          at(dy!),
          at(states),
          at(gates),
          at(extra),
          at(dz),
          at(dBias),
          scratch,
        );
      return [dz, dBias];
    });
  };
}

/** dz to the gradient of the recurrent weights. */
export function createRecurrentGradient(cell: Cell): (args: KernelArguments) => tf.TensorInfo {
  return ({ inputs, backend, attrs }) => {
    const { states, gates, extra, dz, stateScale } = inputs as GradientInputs;
    const [rows, frames, units, flags] = attrs.dimensions as Dimensions;
    const native = nativeOf(backend);
    return withScratch(backend, native.GEMM_SCRATCH.value, (scratch) => {
      const out = backend.makeOutput([units, cell.gates * units], 'float32');
      const at = (info: tf.TensorInfo): number => addressOf(backend, info);
      cell
        .passes(native)
        .recurrentGradient(
          rows,
          frames,
          units,
          addressOrZero(backend, stateScale),
          flags,
          at(states),
          at(gates),
          at(extra),
          at(dz!),
          at(out),
          scratch,
        );
      return out;
    });
  };
}

export const backwardName = (cell: Cell): string => `${cell.kernelName}Backward`;
export const recurrentGradientName = (cell: Cell): string => `${cell.kernelName}RecurrentGradient`;

/** The gradient for tf.registerGradient(): dz is computed once, each input's gradient from it only where it is asked for. */
export function gradientOf(cell: Cell): tf.GradConfig {
  return {
    kernelName: cell.kernelName,
    inputsToSave: ['x', 'kernel', 'recurrent'],
    outputsToSave: SAVED_OUTPUTS,
    gradFunc: (dys, saved, attrs) => {
      const [x, kernel, recurrent, states, gates, extra, mask, stateScale] = saved as [
        tf.Tensor3D,
        tf.Tensor2D,
        tf.Tensor2D,
        ...tf.Tensor[],
      ];
      const [rows, frames, dims] = x.shape;
      const options = { dimensions: [rows, frames, recurrent.shape[0], flagsOf(attrs as Record<string, unknown>)] };
      const kept = {
        states: states!,
        gates: gates!,
        extra: extra!,
        ...(mask!.size > 0 && { mask: mask! }),
        ...(stateScale!.size > 0 && { stateScale: stateScale! }),
      };
      const run = (name: string, inputs: tf.NamedTensorMap): tf.Tensor | tf.Tensor[] =>
        tf.engine().runKernel(name, inputs, options as unknown as tf.NamedAttrMap);
      const dy = (dys as tf.Tensor[])[0]!;
      // These live until the scope of the whole gradient ends, as which of the functions below are called is not known.
      const [dz, dBias] = run(backwardName(cell), { ...kept, recurrent, dy }) as [tf.Tensor2D, tf.Tensor1D];
      const flat = (): tf.Tensor2D => tf.reshape(x, [rows * frames, dims]);
      return {
        x: () => tf.reshape(tf.matMul(dz, kernel, false, true), x.shape),
        kernel: () => tf.matMul(flat(), dz, true, false),
        recurrent: () => run(recurrentGradientName(cell), { ...kept, dz }) as tf.Tensor,
        bias: () => tf.clone(dBias),
        mask: () => tf.zerosLike(mask!), // It chooses between states, as the condition of tf.where() does.
        stateScale: () => {
          throw new Error(`${cell.kernelName}: stateScale has no gradient`);
        },
      };
    },
  };
}
