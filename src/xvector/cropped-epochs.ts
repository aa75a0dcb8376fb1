import type { FeatureMatrix } from '../core/feature-matrix.ts';
import { createRandom, deriveSeed, type Random } from '../core/random.ts';
import type { EpochFeatures } from '../models/epoch-features.ts';

/**
 * A stretch of each training clip, drawn anew in each epoch, so that the network learns a voice by any part of it. A function of the seed, the
 * epoch and the clip's id. Clips of fewer frames stay whole.
 *
 * @param source  where an epoch's matrices come from; undefined: `matrices` themselves
 */
export function croppedEpochs(options: {
  readonly seed: number;
  readonly cropFrames: number;
  readonly ids: readonly string[];
  readonly matrices: readonly FeatureMatrix[];
  readonly source: EpochFeatures | undefined;
}): EpochFeatures {
  const { seed, cropFrames, ids, matrices, source } = options;
  return {
    about: { cropFrames, ...(source && { source: source.about }) },
    of(epoch, batches, signal) {
      // Here, where other threads can begin at once, and not when the first batch is asked for.
      const whole = source?.of(epoch, batches, signal) ?? asTheyAre(matrices, batches);
      return (async function* () {
        let at = 0;
        for await (const batch of whole) {
          const places = batches[at++]!;
          yield batch.map((matrix, i) =>
            cropped(matrix, cropFrames, createRandom(deriveSeed(seed, 'crop', epoch, ids[places[i]!]!))),
          );
        }
      })();
    },
  };
}

async function* asTheyAre(
  matrices: readonly FeatureMatrix[],
  batches: readonly (readonly number[])[],
): AsyncGenerator<readonly FeatureMatrix[]> {
  for (const batch of batches) yield batch.map((index) => matrices[index]!);
}

function cropped(matrix: FeatureMatrix, most: number, random: Random): FeatureMatrix {
  const { data, frames, dims } = matrix;
  if (frames <= most) return matrix;
  const from = Math.floor(random() * (frames - most + 1));
  return { ...matrix, data: data.subarray(from * dims, (from + most) * dims), frames: most };
}
