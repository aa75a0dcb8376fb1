import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { SerKitError } from '../../src/core/errors.ts';
import { bidirectional } from '../../src/layers/bidirectional.ts';
import { useWasm } from '../support/wasm.ts';
import { dims, kinds, units } from './recurrent-kinds.ts';

const useCpu = (): void => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });
};
const ways = [
  { way: "in tfjs's ops on the cpu backend", backend: 'cpu', prepare: useCpu },
  { way: 'in one kernel', backend: 'wasm', prepare: useWasm },
];

for (const { name, create } of kinds) {
  describe.each(ways)(`${name} $way`, ({ backend, prepare }) => {
    prepare();

    for (const [batch, frames] of [
      [2, 0],
      [0, 5],
      [0, 0],
    ] as const) {
      for (const returnSequences of [false, true]) {
        const shape = returnSequences ? [batch, frames, units] : [batch, units];

        it(`of ${batch} clips of ${frames} frames gives zeros [${shape}], and gradients of zeros`, () => {
          expect(tf.getBackend()).toBe(backend);
          const layer = create({ returnSequences });
          const x: tf.Tensor3D = tf.zeros([batch, frames, dims]);
          const y = layer.apply(x) as tf.Tensor;
          expect(y.shape).toEqual(shape);
          expect(Array.from(y.dataSync())).toEqual(new Array(y.size).fill(0));
          const both = bidirectional({ layer: create({ returnSequences }) }).apply(x) as tf.Tensor;
          expect(both.shape).toEqual([...shape.slice(0, -1), 2 * units]);
          const { grads } = tf.variableGrads(() => tf.sum(layer.apply(x) as tf.Tensor) as tf.Scalar);
          for (const weight of layer.trainableWeights) {
            const g = grads[(weight.read() as tf.Variable).name]!;
            expect(g.shape).toEqual(weight.shape);
            expect(g.dataSync().every((value) => value === 0)).toBe(true);
          }
        });
      }
    }
  });

  describe(`${name} given an initial state`, () => {
    useWasm();

    it.each([
      ['alone', () => create()],
      ['in both directions', () => bidirectional({ layer: create() })],
    ])('%s refuses it by name, whatever it is applied to', (_how, make) => {
      const x = tf.ones([2, 3, dims]);
      const state = { initialState: [tf.ones([2, units])] };
      const layer = make();
      const refused = [
        () => layer.apply(x, state),
        () => layer.call(x, state),
        () => layer.apply(tfl.input({ shape: [3, dims] }), state),
      ];
      for (const attempt of refused) {
        expect(attempt).toThrow(`layer "${layer.name}" expected no initialState, got one`);
        expect(attempt).toThrow(SerKitError);
      }
      expect((layer.apply(x, { initialState: null }) as tf.Tensor).shape[0]).toBe(2);
    });
  });
}
