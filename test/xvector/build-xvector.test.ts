import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { createRandom, gaussian } from '../../src/core/random.ts';
import { maskedConv1d } from '../../src/layers/masked-conv1d.ts';
import { toStockModel } from '../../src/layers/stock-model.ts';
import { buildXvector, embeddingPart } from '../../src/xvector/build-xvector.ts';
import { createXvector } from '../../src/xvector/create-xvector.ts';
import { layersOfModel } from '../../src/xvector/weights-of-model.ts';
import { whitened } from '../../src/xvector/whiten.ts';
import { useWasm } from '../support/wasm.ts';

useWasm();

const random = createRandom(5);
const normal = (length: number): Float32Array<ArrayBuffer> => Float32Array.from({ length }, () => gaussian(random));
const config = {
  sampleRate: 8000,
  normalizeLevel: false,
  features: [{ name: 'logMel', options: { nMels: 6, nFft: 64, hopLength: 64 } }],
} as const;

describe('buildXvector', () => {
  it('computes what createXvector() computes of its weights, dilated layers and norms among it', async () => {
    const model = buildXvector({
      dims: 6,
      classes: 3,
      seed: 1,
      embeddingDims: 5,
      frameLayers: [{ units: 7, kernelSize: 5 }, { units: 8, kernelSize: 3, dilation: 2 }, { units: 9 }],
    });
    // As training leaves them: every weight something, the norms' variances above 0.
    for (const weight of model.weights) {
      const values = normal(weight.shape.reduce<number>((n, each) => n * each!, 1));
      const positive = weight.name.includes('variance');
      weight.write(
        tf.tensor(positive ? values.map((x) => 0.1 + x * x) : values.map((x) => x / 2), weight.shape as number[]),
      );
    }
    const network = createXvector({ ...(await layersOfModel(model)), frontEnd: { kind: 'ser-kit', config } });
    const part = embeddingPart(model);
    for (const frames of [9, 10, 40]) {
      const data = normal(frames * 6);
      // Beside a longer clip, so that its frames beyond the end are padding.
      const batch = new Float32Array(2 * 45 * 6);
      batch.set(data);
      batch.set(normal(45 * 6), 45 * 6);
      const expected = tf.tidy(() => (part.apply(tf.tensor3d(batch, [2, 45, 6])) as tf.Tensor2D).arraySync()[0]!);
      const got = await network.embed({ data, frames, dims: 6 });
      const largest = Math.max(...expected.map(Math.abs));
      const differences = expected.map((value, i) => Math.abs(got[i]! - value));
      expect(Math.max(...differences) / largest).toBeLessThan(1e-5);
    }
  });

  it('refuses filters of an even number of frames, and dilation of one frame', () => {
    const build = (layer: object) => () =>
      buildXvector({ dims: 6, classes: 2, seed: 1, frameLayers: [layer as never] });
    expect(build({ units: 4, kernelSize: 4 })).toThrow(
      /buildXvector: frameLayers\[0\].kernelSize expected an odd number/,
    );
    expect(build({ units: 4, dilation: 2 })).toThrow(/dilation expected 1 beside kernelSize 1, got 2/);
    expect(build({ units: 4, width: 2 })).toThrow(/unknown option "width"/);
  });
});

describe('whitened', () => {
  it('leaves embeddings of mean 0 that vary alike in all directions within speakers', () => {
    const n = 4;
    const layer = { name: 'embedding', inputs: n, outputs: n, slope: null, norm: null };
    const identity = Float32Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0));
    const speakers = Array.from({ length: 600 }, (_, i) => `${i % 20}`);
    const centres = Array.from({ length: 20 }, () => normal(n).map((x) => 3 * x));
    const embeddings = speakers.map((speaker) => {
      const [a, b, c, d] = normal(n) as unknown as [number, number, number, number];
      return Float32Array.from([5 * a, a + b, 0.5 * c, 2 * d], (x, i) => x + 7 + centres[Number(speaker)]![i]!);
    });
    const { kernel, bias } = whitened({ ...layer, kernel: identity, bias: new Float32Array(n) }, embeddings, speakers);
    const mapped = embeddings.map((e) =>
      Array.from({ length: n }, (_, j) => bias[j]! + e.reduce((sum, x, i) => sum + x * kernel[i * n + j]!, 0)),
    );
    const within = new Float64Array(n * n);
    for (const speaker of new Set(speakers)) {
      const own = mapped.filter((_, i) => speakers[i] === speaker);
      const mean = own[0]!.map((_, k) => own.reduce((sum, v) => sum + v[k]!, 0) / own.length);
      for (const v of own) {
        for (let i = 0; i < n * n; i++) {
          within[i]! += ((v[Math.floor(i / n)]! - mean[Math.floor(i / n)]!) * (v[i % n]! - mean[i % n]!)) / 580;
        }
      }
    }
    // But for the ridge of a hundredth of the mean variance.
    for (let i = 0; i < n * n; i++) {
      const onDiagonal = i % (n + 1) === 0;
      expect(within[i]).toBeGreaterThan(onDiagonal ? 0.5 : -0.25);
      expect(within[i]).toBeLessThan(onDiagonal ? 1.01 : 0.25);
    }
    const means = Array.from({ length: n }, (_, k) => mapped.reduce((sum, v) => sum + v[k]!, 0) / mapped.length);
    expect(Math.max(...means.map(Math.abs))).toBeLessThan(1e-4);
  });
});

describe('MaskedConv1d with dilation', () => {
  it('is what tfjs computes of it as a stock layer, and keeps the dilation when it is written', async () => {
    const model = tfl.sequential();
    model.add(maskedConv1d({ filters: 3, kernelSize: 3, dilation: 2, seed: 1, inputShape: [null, 4] as never }));
    expect(model.layers[0]!.getConfig().dilation).toBe(2);
    const stock = await toStockModel(model);
    const x = tf.tensor3d(normal(2 * 9 * 4), [2, 9, 4]);
    const [ours, theirs] = [model, stock].map((each) => (each.predict(x) as tf.Tensor).dataSync());
    const differences = Array.from(ours!, (value, i) => Math.abs(value - theirs![i]!));
    expect(Math.max(...differences)).toBeLessThan(1e-5);
  });
});
