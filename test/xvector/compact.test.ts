import { describe, expect, it } from 'vitest';
import { createSyntheticCorpus } from '../../src/datasets/synthetic/synthetic-corpus.ts';
import { compactXvector } from '../../src/xvector/compact/index.ts';
import { createXvector } from '../../src/xvector/create-xvector.ts';
import { embeddingDims } from '../../src/xvector/weights.ts';
import { useWasm } from '../support/wasm.ts';

useWasm();

describe('compactXvector', () => {
  it('gives a network of 128 numbers with its card, anew in each call', () => {
    const weights = compactXvector();
    expect(embeddingDims(weights)).toBe(128);
    expect(weights.card).toMatchObject({ seed: 1, training: { speeds: [0.9, 1.1] } });
    expect(compactXvector()).toEqual(weights);
    expect(compactXvector().segmentLayers[0]!.bias).not.toBe(weights.segmentLayers[0]!.bias);
  });

  it('refuses a clip that is shorter than what it looks at at once', async () => {
    const network = createXvector(compactXvector());
    expect(compactXvector().leastFrames).toBe(9);
    for (const length of [1, 80, 480 + 7 * 240]) {
      const samples = Float32Array.from({ length }, (_, i) => Math.sin(i / 3));
      await expect(network.extract({ samples, sampleRate: 16000 })).rejects.toMatchObject({ code: 'too-short' });
    }
    network.dispose();
  });

  it('finds two recordings of a made-up voice more alike than those of two, on average', async () => {
    const { clips } = createSyntheticCorpus({ speakers: 4, seed: 2, sentences: 2, sampleRate: 16000 });
    const some = clips.filter((clip) => ['neutral', 'sad'].includes(clip.label));
    const network = createXvector(compactXvector());
    const unit: number[][] = [];
    for (const clip of some) {
      const vector = await network.extract(await clip.load());
      unit.push(Array.from(vector, (x) => x / Math.hypot(...vector)));
    }
    network.dispose();
    const means = [true, false].map((same) => {
      const cosines = some.flatMap((a, i) =>
        some
          .slice(0, i)
          .flatMap((b, j) =>
            (a.speakerId === b.speakerId) === same ? [unit[i]!.reduce((sum, x, k) => sum + x * unit[j]![k]!, 0)] : [],
          ),
      );
      return cosines.reduce((sum, x) => sum + x, 0) / cosines.length;
    });
    expect(means[0]).toBeGreaterThan(means[1]! + 0.1);
  });
});
