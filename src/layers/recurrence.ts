import * as tf from '@tensorflow/tfjs-core';

// The pieces of a recurrence made of tfjs's ops, shared by the composed layers. Everything is time-major, so that one
// frame's rows lie together, and whatever does not depend on the frame before is computed for all frames at once: on
// every backend a recurrence costs mostly its number of ops.

/** A recurrence's inputs after the product with the kernel. */
export interface Recurrence {
  /** Frames times kernel plus bias, [frames, batch, gates * units]. */
  readonly projected: tf.Tensor3D;
  /** [units, gates * units]. */
  readonly recurrent: tf.Tensor2D;
  /** 1 for sound, 0 for padding (the state is carried over), float32 [frames, batch, 1]. */
  readonly mask: tf.Tensor3D | undefined;
  /** What the previous state is multiplied by where it is read, [batch, units]. */
  readonly stateScale: tf.Tensor2D | undefined;
}

export interface RecurrenceAttributes {
  readonly returnSequences: boolean;
  /** Frames are processed from the last to the first; states stay with their frames. */
  readonly reverse: boolean;
  /** Gates are clip(0.2 x + 0.5, 0, 1) instead of sigmoids. */
  readonly hardSigmoid: boolean;
}

/** Frame indices in the order in which they are processed. */
export function frameOrder(frames: number, reverse: boolean): number[] {
  return Array.from({ length: frames }, (_, i) => (reverse ? frames - 1 - i : i));
}

/** Per-frame [batch, n] tensors as [frames, batch, n]. */
export function joinFrames(steps: readonly tf.Tensor2D[]): tf.Tensor3D {
  const [batch, n] = steps[0]!.shape;
  return tf.reshape(tf.concat(steps as tf.Tensor2D[], 0), [steps.length, batch, n]) as tf.Tensor3D;
}

/** [frames, batch, n] as a list of [batch, n]. */
export function frameList(x: tf.Tensor3D): tf.Tensor2D[] {
  return tf.unstack(x, 0) as tf.Tensor2D[];
}

/** Turns [batch, frames, n] into [frames, batch, n], and back. */
export function swapTime(x: tf.Tensor3D): tf.Tensor3D {
  return tf.transpose(x, [1, 0, 2]) as tf.Tensor3D;
}

/** Where each value of a frame's state is sound, [batch, units] per frame: one `where` then keeps the old state. */
export function soundAt(mask: tf.Tensor3D | undefined, units: number): tf.Tensor2D[] | undefined {
  if (mask === undefined) return undefined;
  return frameList(tf.greater(tf.add(mask, tf.zeros([1, 1, units])), 0.5) as tf.Tensor3D);
}

export function keepPadding(sound: tf.Tensor2D | undefined, after: tf.Tensor2D, before: tf.Tensor2D): tf.Tensor2D {
  return sound === undefined ? after : (tf.where(sound, after, before) as tf.Tensor2D);
}

export function scaled(state: tf.Tensor2D, scale: tf.Tensor2D | undefined): tf.Tensor2D {
  return scale === undefined ? state : tf.mul(state, scale);
}

/** The gates' activation. */
export function gateOf(z: tf.Tensor2D, hardSigmoid: boolean): tf.Tensor2D {
  return hardSigmoid ? (tf.clipByValue(tf.add(tf.mul(z, 0.2), 0.5), 0, 1) as tf.Tensor2D) : tf.sigmoid(z);
}

/** Its slope, from its value. */
export function gateSlope(s: tf.Tensor3D, hardSigmoid: boolean): tf.Tensor3D {
  if (!hardSigmoid) return tf.sub(s, tf.square(s));
  return tf.mul(tf.cast(tf.logicalAnd(tf.greater(s, 0), tf.less(s, 1)), 'float32'), 0.2);
}

/** tanh's slope, from its value. */
export function tanhSlope(t: tf.Tensor3D): tf.Tensor3D {
  return tf.sub(1, tf.square(t));
}

/** The state before each frame, in the frames' order, from the states after them. */
export function statesBefore(
  states: readonly tf.Tensor2D[],
  order: readonly number[],
  first: tf.Tensor2D,
): tf.Tensor2D[] {
  const before = new Array<tf.Tensor2D>(states.length);
  order.forEach((t, k) => {
    before[t] = k === 0 ? first : states[order[k - 1]!]!;
  });
  return before;
}

/** The output from the states after each frame. */
export function outputOf(states: readonly tf.Tensor2D[], last: number, returnSequences: boolean): tf.Tensor {
  return returnSequences ? swapTime(joinFrames(states)) : tf.clone(states[last]!);
}

/** The states where there is no clip or no frame, zeros; they depend on nothing, and the gradients are zeros, too. */
export function emptyStates(shape: readonly number[], inputs: readonly tf.Tensor[]): tf.Tensor {
  const operation = tf.customGrad(() => ({
    value: tf.zeros([...shape]),
    gradFunc: () => inputs.map((input) => tf.zeros(input.shape)),
  }));
  return operation(...inputs);
}

/** What comes back through the output at each frame, beside what comes from the frame processed after it. */
export function outputGradients(dy: tf.Tensor, returnSequences: boolean): tf.Tensor2D[] | undefined {
  return returnSequences ? frameList(swapTime(dy as tf.Tensor3D)) : undefined;
}

/** [frames, batch, n] as rows. */
export function rowsOf(x: tf.Tensor3D): tf.Tensor2D {
  return tf.reshape(x, [-1, x.shape[2]]) as tf.Tensor2D;
}

/** Values to be kept for the gradient, by name; those that are undefined or lists stay so. */
type Kept = Record<string, tf.Tensor | readonly tf.Tensor[] | undefined>;

/**
 * Runs a forward pass over (projected, recurrent) whose gradient is written out. tfjs keeps only a flat list of tensors
 * for the gradient; here they keep their names.
 */
export function withGradient<K extends Kept>(
  { projected, recurrent }: Recurrence,
  forward: () => { readonly value: tf.Tensor; readonly kept: K },
  gradient: (dy: tf.Tensor, kept: K) => [projected: tf.Tensor3D, recurrent: tf.Tensor2D],
): tf.Tensor {
  const operation = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const { value, kept } = forward();
    const flat = Object.values(kept).flatMap((entry) => (entry === undefined ? [] : entry)) as tf.Tensor[];
    (args[2] as tf.GradSaveFunc)(flat);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      let at = 0;
      const named: Kept = {};
      for (const [name, entry] of Object.entries(kept)) {
        const count = Array.isArray(entry) ? entry.length : Number(entry !== undefined);
        const tensors = saved.slice(at, at + count);
        named[name] = Array.isArray(entry) ? tensors : tensors[0];
        at += count;
      }
      return tf.tidy(() => gradient(dy, named as K));
    };
    return { value, gradFunc };
  });
  return operation(projected, recurrent);
}
