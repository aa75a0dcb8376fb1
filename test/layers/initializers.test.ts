import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it, vi } from 'vitest';
import { SeededGlorotUniform, SeededOrthogonal, withoutInitialisation } from '../../src/layers/initializers.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { exportModel, importModel } from '../../src/models/artifact.ts';
import { useWasm } from '../support/wasm.ts';

/** The largest difference of the products of vectors from the identity. */
function distanceFromOrthonormal(vectors: readonly (readonly number[])[]): number {
  let worst = 0;
  vectors.forEach((v, i) => {
    vectors.forEach((w, j) => {
      const dot = v.reduce((sum, x, k) => sum + x * w[k]!, 0);
      worst = Math.max(worst, Math.abs(dot - Number(i === j)));
    });
  });
  return worst;
}

describe('SeededOrthogonal', () => {
  it.each([
    [8, 8],
    [6, 24],
    [24, 6],
    [1, 4],
    [64, 64],
  ])('makes the fewer of %i rows and %i columns orthonormal', (rows, columns) => {
    const values = new SeededOrthogonal({ seed: 1 }).values([rows, columns]);
    const row = (r: number): number[] => Array.from(values.subarray(r * columns, (r + 1) * columns));
    const column = (c: number): number[] => Array.from({ length: rows }, (_, r) => values[r * columns + c]!);
    const vectors = Array.from({ length: Math.min(rows, columns) }, (_, i) => (rows <= columns ? row(i) : column(i)));
    expect(distanceFromOrthonormal(vectors)).toBeLessThan(1e-6);
  });

  it('gives the same values from the same seed and others from another', () => {
    const draw = (seed: number): Float32Array => new SeededOrthogonal({ seed }).values([5, 9]);
    expect(draw(4)).toEqual(draw(4));
    expect(draw(4)).not.toEqual(draw(5));
  });
});

describe('SeededGlorotUniform', () => {
  it.each([
    { shape: [40, 60], fans: 100 },
    { shape: [5, 16, 32], fans: 5 * 48 },
  ])('of $shape is uniform within sqrt(6 / (fanIn + fanOut))', ({ shape, fans }) => {
    const values = new SeededGlorotUniform({ seed: 2 }).values(shape);
    const limit = Math.sqrt(6 / fans);
    const largest = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    expect(largest).toBeLessThanOrEqual(limit);
    expect(largest).toBeGreaterThan(0.99 * limit);
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.05 * limit);
    expect(variance / (limit ** 2 / 3)).toBeCloseTo(1, 1);
  });

  it('gives the same values from the same seed and others from another', () => {
    const draw = (seed: number): Float32Array => new SeededGlorotUniform({ seed }).values([5, 9]);
    expect(draw(4)).toEqual(draw(4));
    expect(draw(4)).not.toEqual(draw(5));
  });
});

describe('withoutInitialisation()', () => {
  useWasm();
  const build = (): tfl.Sequential =>
    tfl.sequential({ layers: [lstm({ units: 8, seed: 1, inputShape: [null, 4] }), tfl.layers.dense({ units: 2 })] });

  it('gives zeros in place of initial values, and only within', () => {
    const kernel = withoutInitialisation(build).getWeights()[0]!;
    expect(Array.from(kernel.dataSync())).toEqual(new Array(4 * 32).fill(0));
    expect(() =>
      withoutInitialisation(() => {
        throw new Error('mine');
      }),
    ).toThrow('mine');
    expect(build().getWeights()[0]!.dataSync()).not.toEqual(kernel.dataSync());
  });

  it('spares importModel() the initial values, and changes no loaded one', async () => {
    const model = build();
    const artifact = await exportModel(model);
    const computed = [SeededOrthogonal, SeededGlorotUniform].map((kind) => vi.spyOn(kind.prototype, 'values'));
    const again = await importModel(artifact);
    for (const spy of computed) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
    const [values, expected] = [again, model].map((one) => one.getWeights().map((w) => w.dataSync()));
    expect(values).toEqual(expected);
  });
});
