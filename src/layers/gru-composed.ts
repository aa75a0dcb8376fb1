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

/** The GRU recurrence in tfjs's ops, gates z, r, h: [batch, frames, units] or [batch, units]. */
export function composedGru(recurrence: Recurrence, attributes: RecurrenceAttributes): tf.Tensor {
  const { projected, recurrent, mask, stateScale } = recurrence;
  const { returnSequences, reverse, hardSigmoid } = attributes;
  const [frames, batch, width] = projected.shape;
  const units = width / 3;
  const order = frameOrder(frames, reverse);

  const forward = () => {
    const [inputGates, inputCandidates] = tf
      .split(projected, [2 * units, units], 2)
      .map((part) => frameList(part as tf.Tensor3D));
    const [toGates, toCandidate] = tf.split(recurrent, [2 * units, units], 1) as [tf.Tensor2D, tf.Tensor2D];
    const sound = soundAt(mask, units);
    const zeros: tf.Tensor2D = tf.zeros([batch, units]);
    const [gates, resets, candidates, states] = [[], [], [], []] as [
      tf.Tensor2D[],
      tf.Tensor2D[],
      tf.Tensor2D[],
      tf.Tensor2D[],
    ];
    let h = zeros;
    for (const t of order) {
      [gates[t], resets[t], candidates[t], h] = tf.tidy(() => {
        const before = scaled(h, stateScale);
        const s = gateOf(tf.add(inputGates![t]!, tf.matMul(before, toGates)) as tf.Tensor2D, hardSigmoid);
        const [z, r] = tf.split(s, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
        const reset: tf.Tensor2D = tf.mul(r, before);
        const hh = tf.tanh(tf.add(inputCandidates![t]!, tf.matMul(reset, toCandidate))) as tf.Tensor2D;
        const after: tf.Tensor2D = tf.add(hh, tf.mul(z, tf.sub(before, hh)));
        return [s, reset, hh, keepPadding(sound?.[t], after, h)];
      }) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
      states[t] = h;
    }
    const kept = { recurrent, mask, stateScale, zeros, gates, resets, candidates, states };
    return { value: outputOf(states, order[frames - 1]!, returnSequences), kept };
  };

  type Kept = ReturnType<typeof forward>['kept'];
  const gradient = (dy: tf.Tensor, kept: Kept): [tf.Tensor3D, tf.Tensor2D] => {
    const [z, r] = tf.split(joinFrames(kept.gates), 2, 2) as [tf.Tensor3D, tf.Tensor3D];
    const hh = joinFrames(kept.candidates);
    let hBefore = joinFrames(statesBefore(kept.states, order, kept.zeros));
    if (kept.stateScale !== undefined) hBefore = tf.mul(hBefore, kept.stateScale);
    // The gradients of a frame's pre-activations: of z and h by dh, of r by the gradient of (r h).
    let toUpdate: tf.Tensor3D = tf.mul(tf.sub(hBefore, hh), gateSlope(z, hardSigmoid));
    let toCandidate: tf.Tensor3D = tf.mul(tf.sub(1, z), tanhSlope(hh));
    const toReset = frameList(tf.mul(hBefore, gateSlope(r, hardSigmoid)));
    let through: tf.Tensor3D = kept.stateScale === undefined ? z : tf.mul(z, kept.stateScale);
    if (kept.mask !== undefined) {
      toUpdate = tf.mul(toUpdate, kept.mask);
      toCandidate = tf.mul(toCandidate, kept.mask);
      through = tf.add(tf.mul(through, kept.mask), tf.sub(1, kept.mask));
    }
    const [update, candidate, carried, reset] = [toUpdate, toCandidate, through, r].map(frameList) as [
      tf.Tensor2D[],
      tf.Tensor2D[],
      tf.Tensor2D[],
      tf.Tensor2D[],
    ];
    const [backGates, backCandidate] = tf
      .split(kept.recurrent, [2 * units, units], 1)
      .map((part) => tf.transpose(part)) as [tf.Tensor2D, tf.Tensor2D];
    const dyAt = outputGradients(dy, returnSequences);
    const [dGates, dCandidates] = [new Array<tf.Tensor2D>(frames), new Array<tf.Tensor2D>(frames)];
    let dh = returnSequences ? undefined : (dy as tf.Tensor2D);
    for (const t of order.slice().reverse()) {
      const dhAfter = dh;
      [dGates[t], dCandidates[t], dh] = tf.tidy(() => {
        const dState: tf.Tensor2D =
          dyAt === undefined ? dhAfter! : dhAfter === undefined ? dyAt[t]! : tf.add(dhAfter, dyAt[t]!);
        const dCandidate: tf.Tensor2D = tf.mul(dState, candidate[t]!);
        const dReset: tf.Tensor2D = tf.matMul(dCandidate, backCandidate);
        const dHere = tf.concat([tf.mul(dState, update[t]!), tf.mul(dReset, toReset[t]!)] as tf.Tensor2D[], 1);
        if (t === order[0]) return [dHere, dCandidate];
        const products: tf.Tensor2D = tf.add(tf.mul(dReset, reset[t]!), tf.matMul(dHere, backGates));
        return [dHere, dCandidate, tf.add(scaled(products, kept.stateScale), tf.mul(dState, carried[t]!))];
      }) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
    }
    const [allGates, allCandidates] = [joinFrames(dGates), joinFrames(dCandidates)];
    const dRecurrent = tf.concat(
      [
        tf.matMul(rowsOf(hBefore), rowsOf(allGates), true, false) as tf.Tensor2D,
        tf.matMul(rowsOf(joinFrames(kept.resets)), rowsOf(allCandidates), true, false) as tf.Tensor2D,
      ],
      1,
    );
    return [tf.concat([allGates, allCandidates], 2), dRecurrent];
  };
  return withGradient(recurrence, forward, gradient);
}
