import * as tf from '@tensorflow/tfjs-core';
import {
  frameList,
  frameOrder,
  joinFrames,
  keepPadding,
  outputGradients,
  outputOf,
  type Recurrence,
  type RecurrenceAttributes,
  rowsOf,
  scaled,
  soundAt,
  statesBefore,
  tanhSlope,
  withGradient,
} from './recurrence.ts';

/** The plain recurrence in tfjs's ops: [batch, frames, units] or [batch, units]. */
export function composedSimpleRnn(recurrence: Recurrence, attributes: RecurrenceAttributes): tf.Tensor {
  const { projected, recurrent, mask, stateScale } = recurrence;
  const { returnSequences, reverse } = attributes;
  const [frames, batch, units] = projected.shape;
  const order = frameOrder(frames, reverse);

  const forward = () => {
    const inputs = frameList(projected);
    const sound = soundAt(mask, units);
    const zeros: tf.Tensor2D = tf.zeros([batch, units]);
    const states: tf.Tensor2D[] = [];
    let h = zeros;
    for (const t of order) {
      h = tf.tidy(() => {
        const after = tf.tanh(tf.add(inputs[t]!, tf.matMul(scaled(h, stateScale), recurrent))) as tf.Tensor2D;
        return keepPadding(sound?.[t], after, h);
      });
      states[t] = h;
    }
    const kept = { recurrent, mask, stateScale, zeros, states };
    return { value: outputOf(states, order[frames - 1]!, returnSequences), kept };
  };

  type Kept = ReturnType<typeof forward>['kept'];
  const gradient = (dy: tf.Tensor, kept: Kept): [tf.Tensor3D, tf.Tensor2D] => {
    let slope = tanhSlope(joinFrames(kept.states)); // of padding frames it is that of another frame, and masked
    let padding: tf.Tensor2D[] | undefined;
    if (kept.mask !== undefined) {
      slope = tf.mul(slope, kept.mask);
      padding = frameList(tf.sub(1, kept.mask));
    }
    const slopeAt = frameList(slope);
    const dyAt = outputGradients(dy, returnSequences);
    const back = tf.transpose(kept.recurrent) as tf.Tensor2D;
    const dz = new Array<tf.Tensor2D>(frames);
    let dh = returnSequences ? undefined : (dy as tf.Tensor2D);
    for (const t of order.slice().reverse()) {
      const dhAfter = dh;
      [dz[t], dh] = tf.tidy(() => {
        const dState: tf.Tensor2D =
          dyAt === undefined ? dhAfter! : dhAfter === undefined ? dyAt[t]! : tf.add(dhAfter, dyAt[t]!);
        const dHere: tf.Tensor2D = tf.mul(dState, slopeAt[t]!);
        if (t === order[0]) return [dHere];
        const dBefore: tf.Tensor2D = scaled(tf.matMul(dHere, back), kept.stateScale);
        return [dHere, padding === undefined ? dBefore : tf.add(dBefore, tf.mul(dState, padding[t]!))];
      }) as [tf.Tensor2D, tf.Tensor2D];
    }
    const dProjected = joinFrames(dz);
    let hBefore = joinFrames(statesBefore(kept.states, order, kept.zeros));
    if (kept.stateScale !== undefined) hBefore = tf.mul(hBefore, kept.stateScale);
    return [dProjected, tf.matMul(rowsOf(hBefore), rowsOf(dProjected), true, false)];
  };
  return withGradient(recurrence, forward, gradient);
}
