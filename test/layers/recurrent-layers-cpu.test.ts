import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { bidirectional } from '../../src/layers/bidirectional.ts';
import { expectLayerEquals } from './layer-check.ts';
import { kinds, masks, type Options, referenceOutput, units, weightsOf, x } from './recurrent-kinds.ts';

describe("on tfjs's cpu backend", () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  for (const kind of kinds) {
    for (const { name: how, mask } of masks) {
      it.each<Options>([{ returnSequences: true }, { goBackwards: true, recurrentActivation: 'hardSigmoid' }])(
        `${kind.name} ${how} equals the float64 recurrence and its gradients (%o)`,
        (options) => {
          expect(tf.getBackend()).toBe('cpu');
          expectLayerEquals({
            layer: kind.create(options),
            x,
            weights: weightsOf(kind.gates),
            mask,
            reference: (input, ws) => referenceOutput(kind, input, ws, options, mask),
          });
        },
      );
    }

    it(`Bidirectional of ${kind.name} gives both directions`, () => {
      const layer = bidirectional({ layer: kind.create() });
      const y = layer.apply(tf.ones([2, 3, 4])) as tf.Tensor;
      expect(y.shape).toEqual([2, 2 * units]);
      expect(y.dataSync().every(Number.isFinite)).toBe(true);
    });
  }
});
