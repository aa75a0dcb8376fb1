import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { SeededDropout } from '../../src/layers/seeded-dropout.ts';
import { useWasm } from '../support/wasm.ts';

describe('SeededDropout', () => {
  useWasm();
  const ones = (size = 64): tf.Tensor => tf.ones([1, size]);
  const mask = (layer: SeededDropout, size?: number): number[] =>
    Array.from((layer.apply(ones(size), { training: true }) as tf.Tensor).dataSync());

  it('draws a new mask at every training call', () => {
    const layer = new SeededDropout({ rate: 0.5, seed: 1 });
    const drawn = [mask(layer), mask(layer), mask(layer)].map(String);
    expect(new Set(drawn).size).toBe(3);
  });

  it('repeats its masks from the same seed, after reseed() as in a new layer', () => {
    const layer = new SeededDropout({ rate: 0.5, seed: 1 });
    const drawn = [mask(layer), mask(layer)];
    layer.reseed(1);
    expect([mask(layer), mask(layer)]).toEqual(drawn);
    const again = new SeededDropout({ rate: 0.5, seed: 1 });
    expect([mask(again), mask(again)]).toEqual(drawn);
    layer.reseed(2);
    expect(mask(layer)).not.toEqual(drawn[0]);
  });

  it.each([0.1, 0.5, 0.9])('drops a share of %s and scales the others so that the mean stays', (rate) => {
    const values = mask(new SeededDropout({ rate, seed: 3 }), 20_000);
    const dropped = values.filter((v) => v === 0).length / values.length;
    expect(Math.abs(dropped - rate)).toBeLessThan(0.012); // about 3.5 standard deviations at 0.5
    const kept = values.filter((v) => v !== 0);
    expect(kept.every((v) => Math.abs(v - 1 / (1 - rate)) < 1e-5)).toBe(true);
  });

  it('lets everything through outside training, and at rate 0, without moving on', () => {
    const layer = new SeededDropout({ rate: 0.5, seed: 1 });
    const first = mask(layer);
    layer.reseed(1);
    for (const kwargs of [{}, { training: false }]) {
      expect(Array.from((layer.apply(ones(), kwargs) as tf.Tensor).dataSync())).toEqual(new Array(64).fill(1));
    }
    expect(mask(layer)).toEqual(first);
    expect(mask(new SeededDropout({ rate: 0, seed: 1 }))).toEqual(new Array(64).fill(1));
  });

  it('has the mask as its gradient', () => {
    const layer = new SeededDropout({ rate: 0.5, seed: 1 });
    const expected = mask(layer);
    layer.reseed(1);
    const dx = tf.grad((t: tf.Tensor) => layer.apply(t, { training: true }) as tf.Tensor)(ones());
    expect(Array.from(dx.dataSync())).toEqual(expected);
  });
});
