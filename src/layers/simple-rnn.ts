import * as tf from '@tensorflow/tfjs-core';
import {
  blend,
  frameOf,
  fromTimeMajor,
  RecurrentLayer,
  type RecurrentWeights,
  timeMajorRows,
  weightGradients,
  withGradient,
} from './recurrent-layer.ts';

/** A plain recurrent layer (Elman 1990): h[t] = tanh(x[t] W + h[t-1] U + b). */
export class SimpleRnn extends RecurrentLayer {
  static readonly className = 'SerKitSimpleRnn';
  protected readonly gates = 1;

  protected initialBias(): Float32Array {
    return new Float32Array(this.config.units);
  }

  protected run(x: tf.Tensor3D, weights: RecurrentWeights, mask: tf.Tensor3D | undefined): tf.Tensor {
    const [batch, frames] = x.shape;
    const { units, returnSequences } = this.config;
    const { kernel, recurrent, bias } = weights;
    return withGradient(x, weights, (save) => {
      const rows = timeMajorRows(x);
      const maskRows = mask === undefined ? undefined : timeMajorRows(mask);
      const inputs = tf.add(tf.matMul(rows, kernel), bias) as tf.Tensor2D;
      const states: tf.Tensor2D[] = [tf.zeros([batch, units])];
      const active: tf.Tensor2D[] = [];
      for (let t = 0; t < frames; t++) {
        const before = states[t]!;
        const after = tf.tanh(tf.add(frameOf(inputs, t, batch), tf.matMul(before, recurrent))) as tf.Tensor2D;
        active.push(after);
        states.push(blend(before, after, maskRows && frameOf(maskRows, t, batch)));
      }
      save([rows, kernel, recurrent, ...active, ...states.slice(0, frames), ...(maskRows ? [maskRows] : [])]);
      const value = returnSequences ? fromTimeMajor(states.slice(1), batch) : tf.clone(states[frames]!);

      const gradient = (dy: tf.Tensor, saved: readonly tf.Tensor[]): tf.Tensor[] => {
        const [rowsS, kernelS, recurrentS] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
        const activeS = saved.slice(3, 3 + frames) as tf.Tensor2D[];
        const statesS = saved.slice(3 + frames, 3 + 2 * frames) as tf.Tensor2D[];
        const maskS = saved[3 + 2 * frames] as tf.Tensor2D | undefined;
        const recurrentT = tf.transpose(recurrentS);
        const dyRows = returnSequences ? timeMajorRows(dy as tf.Tensor3D) : undefined;
        const dSteps = new Array<tf.Tensor2D>(frames);
        let dState = (returnSequences ? tf.zeros([batch, units]) : dy) as tf.Tensor2D;
        for (let t = frames - 1; t >= 0; t--) {
          if (dyRows !== undefined) dState = tf.add(dState, frameOf(dyRows, t, batch));
          const m = maskS && frameOf(maskS, t, batch);
          const dActive: tf.Tensor2D = m === undefined ? dState : tf.mul(dState, m);
          dSteps[t] = tf.sub(dActive, tf.mul(dActive, tf.square(activeS[t]!)));
          if (t > 0) {
            const through: tf.Tensor2D = tf.matMul(dSteps[t]!, recurrentT);
            dState = m === undefined ? through : tf.add(through, tf.sub(dState, dActive));
          }
        }
        return weightGradients(dSteps, statesS, rowsS, kernelS, batch);
      };
      return { value, gradient };
    });
  }
}
