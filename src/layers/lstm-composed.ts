import * as tf from '@tensorflow/tfjs-core';
import {
  frameList,
  frameOrder,
  gateOf,
  gateSlope,
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

/** The LSTM recurrence in tfjs's ops, gates i, f, c, o: [batch, frames, units] or [batch, units]. */
export function composedLstm(recurrence: Recurrence, attributes: RecurrenceAttributes): tf.Tensor {
  const { projected, recurrent, mask, stateScale } = recurrence;
  const { returnSequences, reverse, hardSigmoid } = attributes;
  const [frames, batch, width] = projected.shape;
  const units = width / 4;
  const order = frameOrder(frames, reverse);

  const forward = () => {
    const inputs = frameList(projected);
    const sound = soundAt(mask, units);
    const zeros: tf.Tensor2D = tf.zeros([batch, units]);
    const [gates, candidates, tanhs, cells, states] = [[], [], [], [], []] as [
      tf.Tensor2D[],
      tf.Tensor2D[],
      tf.Tensor2D[],
      tf.Tensor2D[],
      tf.Tensor2D[],
    ];
    let [h, c] = [zeros, zeros];
    for (const t of order) {
      [gates[t], candidates[t], tanhs[t], c, h] = tf.tidy(() => {
        const z: tf.Tensor2D = tf.add(inputs[t]!, tf.matMul(scaled(h, stateScale), recurrent));
        const s = gateOf(z, hardSigmoid); // also of the candidate, whose share is not used: fewer ops than to leave it out
        const g: tf.Tensor2D = tf.tanh(tf.slice(z, [0, 2 * units], [batch, units]));
        const [i, f, , o] = tf.split(s, 4, 1) as tf.Tensor2D[];
        const after: tf.Tensor2D = tf.add(tf.mul(f!, c), tf.mul(i!, g));
        const tanh: tf.Tensor2D = tf.tanh(after);
        const m = sound?.[t];
        return [s, g, tanh, keepPadding(m, after, c), keepPadding(m, tf.mul(o!, tanh), h)];
      }) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
      cells[t] = c;
      states[t] = h;
    }
    const kept = { recurrent, mask, stateScale, zeros, gates, candidates, tanhs, cells, states };
    return { value: outputOf(states, order[frames - 1]!, returnSequences), kept };
  };

  type Kept = ReturnType<typeof forward>['kept'];
  const gradient = (dy: tf.Tensor, kept: Kept): [tf.Tensor3D, tf.Tensor2D] => {
    const [i, f, , o] = tf.split(joinFrames(kept.gates), 4, 2) as tf.Tensor3D[];
    const [g, tanh] = [joinFrames(kept.candidates), joinFrames(kept.tanhs)];
    const cBefore = joinFrames(statesBefore(kept.cells, order, kept.zeros));
    const slope = (s: tf.Tensor3D): tf.Tensor3D => gateSlope(s, hardSigmoid);
    // The gradient of a frame's pre-activations is [dc, dc, dc, dh] times these; that of c gets dh times `intoCell`.
    const factors = [
      tf.mul(g, slope(i!)),
      tf.mul(cBefore, slope(f!)),
      tf.mul(i!, tanhSlope(g)),
      tf.mul(tanh, slope(o!)),
    ];
    let toGates = tf.concat(factors as tf.Tensor3D[], 2);
    let intoCell: tf.Tensor3D = tf.mul(o!, tanhSlope(tanh));
    let throughCell = f!;
    let padding: tf.Tensor2D[] | undefined;
    if (kept.mask !== undefined) {
      const isPadding: tf.Tensor3D = tf.sub(1, kept.mask);
      toGates = tf.mul(toGates, kept.mask);
      intoCell = tf.mul(intoCell, kept.mask);
      throughCell = tf.add(tf.mul(throughCell, kept.mask), isPadding);
      padding = frameList(isPadding);
    }
    const [perGate, perCell, perFrame] = [frameList(toGates), frameList(intoCell), frameList(throughCell)];
    const dyAt = outputGradients(dy, returnSequences);
    const back = tf.transpose(kept.recurrent) as tf.Tensor2D;
    const dz = new Array<tf.Tensor2D>(frames);
    let dh = returnSequences ? undefined : (dy as tf.Tensor2D);
    let dc: tf.Tensor2D | undefined;
    for (const t of order.slice().reverse()) {
      const [dhAfter, dcAfter] = [dh, dc];
      [dz[t], dh, dc] = tf.tidy(() => {
        const dState: tf.Tensor2D =
          dyAt === undefined ? dhAfter! : dhAfter === undefined ? dyAt[t]! : tf.add(dhAfter, dyAt[t]!);
        let dCell: tf.Tensor2D = tf.mul(dState, perCell[t]!);
        if (dcAfter !== undefined) dCell = tf.add(dCell, dcAfter);
        const dGates: tf.Tensor2D = tf.mul(tf.concat([dCell, dCell, dCell, dState], 1), perGate[t]!);
        if (t === order[0]) return [dGates];
        let dBefore: tf.Tensor2D = scaled(tf.matMul(dGates, back), kept.stateScale);
        if (padding !== undefined) dBefore = tf.add(dBefore, tf.mul(dState, padding[t]!));
        return [dGates, dBefore, tf.mul(dCell, perFrame[t]!)];
      }) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
    }
    const dProjected = joinFrames(dz);
    let hBefore = joinFrames(statesBefore(kept.states, order, kept.zeros));
    if (kept.stateScale !== undefined) hBefore = tf.mul(hBefore, kept.stateScale);
    return [dProjected, tf.matMul(rowsOf(hBefore), rowsOf(dProjected), true, false)];
  };
  return withGradient(recurrence, forward, gradient);
}
