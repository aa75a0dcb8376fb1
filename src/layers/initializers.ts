import * as tf from '@tensorflow/tfjs-core';
import type { initializers } from '@tensorflow/tfjs-layers';
import { createRandom, gaussian } from '../core/random.ts';

// Seeded initialisers. tfjs's own orthogonal one cannot run without the union package (it calls chained ops that
// tfjs-core alone does not register) and takes seconds on the cpu backend; these are plain loops.

/** What tfjs-layers asks of an initialiser (its own base class is not exported). */
export type Initializer = ReturnType<typeof initializers.zeros>;

let skipped = false;

/**
 * Builds what is about to be given its weights: under it the initialisers here give zeros. It covers what `build` does
 * before its first `await`, which in `modelFromJSON` is the whole of the building.
 */
export function withoutInitialisation<T>(build: () => T): T {
  const before = skipped;
  skipped = true;
  try {
    return build();
  } finally {
    skipped = before;
  }
}

abstract class SeededInitializer extends tf.serialization.Serializable {
  readonly seed: number;

  constructor(config: { seed: number }) {
    super();
    this.seed = config.seed;
  }

  abstract values(shape: readonly number[]): Float32Array;

  apply(shape: number[], dtype?: tf.DataType): tf.Tensor {
    if (skipped) return tf.zeros(shape, dtype ?? 'float32');
    return tf.tensor(this.values(shape), shape, dtype ?? 'float32');
  }

  fromConfigUsesCustomObjects(): boolean {
    return false;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { seed: this.seed };
  }
}

/** Uniform in +-sqrt(6 / (fanIn + fanOut)) (Glorot & Bengio 2010). */
export class SeededGlorotUniform extends SeededInitializer {
  static readonly className = 'SerKitGlorotUniform';

  values(shape: readonly number[]): Float32Array {
    const random = createRandom(this.seed);
    const receptive = shape.slice(0, -2).reduce((product, n) => product * n, 1);
    const fanIn = receptive * shape[shape.length - 2]!;
    const fanOut = receptive * shape[shape.length - 1]!;
    const limit = Math.sqrt(6 / (fanIn + fanOut));
    const out = new Float32Array(shape.reduce((product, n) => product * n, 1));
    for (let i = 0; i < out.length; i++) out[i] = (2 * random() - 1) * limit;
    return out;
  }
}

/** Rows (or columns, whichever are fewer) orthonormal (Saxe et al. 2014), by Gram and Schmidt, twice for precision. */
export class SeededOrthogonal extends SeededInitializer {
  static readonly className = 'SerKitOrthogonal';

  values(shape: readonly number[]): Float32Array {
    const [rows, columns] = shape as [number, number];
    const random = createRandom(this.seed);
    const count = Math.min(rows, columns);
    const length = Math.max(rows, columns);
    const vectors: Float64Array[] = [];
    for (let v = 0; v < count; v++) {
      const vector = Float64Array.from({ length }, () => gaussian(random));
      for (let pass = 0; pass < 2; pass++) {
        for (const earlier of vectors) {
          let dot = 0;
          for (let i = 0; i < length; i++) dot += vector[i]! * earlier[i]!;
          for (let i = 0; i < length; i++) vector[i]! -= dot * earlier[i]!;
        }
        let norm = 0;
        for (let i = 0; i < length; i++) norm += vector[i]! ** 2;
        norm = Math.sqrt(norm);
        for (let i = 0; i < length; i++) vector[i]! /= norm;
      }
      vectors.push(vector);
    }
    const out = new Float32Array(rows * columns);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        out[r * columns + c] = rows <= columns ? vectors[r]![c]! : vectors[c]![r]!;
      }
    }
    return out;
  }
}

/** What a layer's `addWeight` takes: an initialiser itself. */
export const createGlorotUniform = (seed: number): Initializer =>
  new SeededGlorotUniform({ seed }) as unknown as Initializer;
export const createOrthogonal = (seed: number): Initializer => new SeededOrthogonal({ seed }) as unknown as Initializer;

/** What a stock layer's `kernelInitializer` takes: the initialiser's serialised form. */
export const glorotUniformConfig = (seed: number): Initializer =>
  ({ className: SeededGlorotUniform.className, config: { seed } }) as unknown as Initializer;
