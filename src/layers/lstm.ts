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

const SAVED_PER_FRAME = 7;

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000), gates in Keras's
 * order i, f, c, o with true sigmoids. The forget gate's bias starts at 1 (Jozefowicz et al. 2015).
 */
export class Lstm extends RecurrentLayer {
  static readonly className = 'SerKitLstm';
  protected readonly gates = 4;

  protected initialBias(): Float32Array {
    const { units } = this.config;
    return new Float32Array(4 * units).fill(1, units, 2 * units);
  }

  protected run(x: tf.Tensor3D, weights: RecurrentWeights, mask: tf.Tensor3D | undefined): tf.Tensor {
    const [batch, frames] = x.shape;
    const { units, returnSequences } = this.config;
    const { kernel, recurrent, bias } = weights;
    const gate = (z: tf.Tensor2D, index: number): tf.Tensor2D => tf.slice(z, [0, index * units], [batch, units]);
    return withGradient(x, weights, (save) => {
      const rows = timeMajorRows(x);
      const maskRows = mask === undefined ? undefined : timeMajorRows(mask);
      const inputs = tf.add(tf.matMul(rows, kernel), bias) as tf.Tensor2D;
      let h: tf.Tensor2D = tf.zeros([batch, units]);
      let c: tf.Tensor2D = tf.zeros([batch, units]);
      const kept: tf.Tensor2D[] = [];
      const outputs: tf.Tensor2D[] = [];
      for (let t = 0; t < frames; t++) {
        const m = maskRows && frameOf(maskRows, t, batch);
        const step = tf.tidy(() => {
          const z: tf.Tensor2D = tf.add(frameOf(inputs, t, batch), tf.matMul(h, recurrent));
          const s = tf.sigmoid(z);
          const [i, f, o] = [gate(s, 0), gate(s, 1), gate(s, 3)];
          const g: tf.Tensor2D = tf.tanh(gate(z, 2));
          const cNew: tf.Tensor2D = tf.add(tf.mul(f, c), tf.mul(i, g));
          const tanhC: tf.Tensor2D = tf.tanh(cNew);
          return [i, f, g, o, tanhC, blend(c, cNew, m), blend(h, tf.mul(o, tanhC), m)];
        });
        const [i, f, g, o, tanhC, cNext, hNext] = step as [
          tf.Tensor2D,
          tf.Tensor2D,
          tf.Tensor2D,
          tf.Tensor2D,
          tf.Tensor2D,
          tf.Tensor2D,
          tf.Tensor2D,
        ];
        kept.push(i, f, g, o, tanhC, c, h);
        c = cNext;
        h = hNext;
        outputs.push(h);
      }
      save([rows, kernel, recurrent, ...kept, ...(maskRows ? [maskRows] : [])]);
      const value = returnSequences ? fromTimeMajor(outputs, batch) : tf.clone(h);

      const gradient = (dy: tf.Tensor, saved: readonly tf.Tensor[]): tf.Tensor[] => {
        const [rowsS, kernelS, recurrentS] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
        const maskS = saved[3 + SAVED_PER_FRAME * frames] as tf.Tensor2D | undefined;
        const recurrentT = tf.transpose(recurrentS);
        const dyRows = returnSequences ? timeMajorRows(dy as tf.Tensor3D) : undefined;
        const dSteps = new Array<tf.Tensor2D>(frames);
        const states = new Array<tf.Tensor2D>(frames);
        let dh = (returnSequences ? tf.zeros([batch, units]) : dy) as tf.Tensor2D;
        let dc: tf.Tensor2D = tf.zeros([batch, units]);
        for (let t = frames - 1; t >= 0; t--) {
          const at = 3 + SAVED_PER_FRAME * t;
          const [i, f, g, o, tanhC, cBefore, hBefore] = saved.slice(at, at + SAVED_PER_FRAME) as [
            tf.Tensor2D,
            tf.Tensor2D,
            tf.Tensor2D,
            tf.Tensor2D,
            tf.Tensor2D,
            tf.Tensor2D,
            tf.Tensor2D,
          ];
          states[t] = hBefore;
          const m = maskS && frameOf(maskS, t, batch);
          const [dz, dhNext, dcNext] = tf.tidy(() => {
            const dhHere: tf.Tensor2D = dyRows === undefined ? dh : tf.add(dh, frameOf(dyRows, t, batch));
            const dhNew: tf.Tensor2D = m === undefined ? dhHere : tf.mul(dhHere, m);
            const dcMasked: tf.Tensor2D = m === undefined ? dc : tf.mul(dc, m);
            const dhOut = tf.mul(dhNew, o);
            const dcNew: tf.Tensor2D = tf.add(dcMasked, tf.sub(dhOut, tf.mul(dhOut, tf.square(tanhC))));
            const di = tf.mul(dcNew, g);
            const df = tf.mul(dcNew, cBefore);
            const dg = tf.mul(dcNew, i);
            const dO = tf.mul(dhNew, tanhC);
            const dSigmoid = (d: tf.Tensor, s: tf.Tensor): tf.Tensor2D => tf.mul(d, tf.sub(s, tf.square(s)));
            const dzHere = tf.concat(
              [dSigmoid(di, i), dSigmoid(df, f), tf.sub(dg, tf.mul(dg, tf.square(g))) as tf.Tensor2D, dSigmoid(dO, o)],
              1,
            );
            if (t === 0) return [dzHere];
            let dhBefore: tf.Tensor2D = tf.matMul(dzHere, recurrentT);
            let dcBefore: tf.Tensor2D = tf.mul(dcNew, f);
            if (m !== undefined) {
              dhBefore = tf.add(dhBefore, tf.sub(dhHere, dhNew));
              dcBefore = tf.add(dcBefore, tf.sub(dc, dcMasked));
            }
            return [dzHere, dhBefore, dcBefore];
          }) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
          dSteps[t] = dz;
          dh = dhNext;
          dc = dcNext;
        }
        return weightGradients(dSteps, states, rowsS, kernelS, batch);
      };
      return { value, gradient };
    });
  }
}
