import type { FeatureMatrix } from '../../src/core/feature-matrix.ts';
import { createRandom, gaussian } from '../../src/core/random.ts';
import { buildCnn } from '../../src/models/build-cnn.ts';
import { buildCnnLstm } from '../../src/models/build-cnn-lstm.ts';
import { buildGru } from '../../src/models/build-gru.ts';
import { buildLstm } from '../../src/models/build-lstm.ts';
import { buildSimpleRnn } from '../../src/models/build-simple-rnn.ts';
import type { Example } from '../../src/models/examples.ts';

export const DIMS = 3;
export const CLASSES = 3;

/** Each builder at a size for tests. */
export const builders = [
  {
    name: 'buildSimpleRnn',
    build: (seed: number, dropout = 0.1) =>
      buildSimpleRnn({ dims: DIMS, classes: CLASSES, seed, units: 8, denseUnits: [8], dropout, inputDropout: dropout }),
  },
  {
    name: 'buildLstm',
    build: (seed: number, dropout = 0.1) =>
      buildLstm({ dims: DIMS, classes: CLASSES, seed, units: 8, denseUnits: [8], dropout, inputDropout: dropout }),
  },
  {
    name: 'buildCnn',
    build: (seed: number, dropout = 0.1) =>
      buildCnn({
        dims: DIMS,
        classes: CLASSES,
        seed,
        filters: [8, 8],
        kernelSize: 3,
        denseUnits: [8],
        dropout,
        inputDropout: dropout,
      }),
  },
  {
    name: 'buildCnnLstm',
    build: (seed: number, dropout = 0.1) =>
      buildCnnLstm({
        dims: DIMS,
        classes: CLASSES,
        seed,
        filters: [8],
        kernelSize: 3,
        units: 8,
        denseUnits: [8],
        dropout,
        inputDropout: dropout,
      }),
  },
  {
    name: 'buildGru',
    build: (seed: number, dropout = 0.1) =>
      buildGru({ dims: DIMS, classes: CLASSES, seed, units: 8, denseUnits: [8], dropout, inputDropout: dropout }),
  },
  {
    name: 'buildLstm, bidirectional, with attention',
    build: (seed: number, dropout = 0.1) =>
      buildLstm({
        dims: DIMS,
        classes: CLASSES,
        seed,
        units: 4,
        bidirectional: true,
        summary: 'attention',
        denseUnits: [8],
        dropout,
        inputDropout: dropout,
      }),
  },
] as const;

export function randomMatrix(frames: number, seed: number, dims = DIMS): FeatureMatrix {
  const random = createRandom(seed);
  return { data: Float32Array.from({ length: frames * dims }, () => gaussian(random)), frames, dims };
}

/** Clips of 2 to 9 frames; class k has its dimension k raised. */
export function smallProblem(count: number, seed: number): Example[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, i) => {
    const target = i % CLASSES;
    const frames = 2 + Math.floor(random() * 8);
    const data = Float32Array.from(
      { length: frames * DIMS },
      (_, j) => 0.7 * gaussian(random) + Number(j % DIMS === target),
    );
    return { features: { data, frames, dims: DIMS }, target };
  });
}
