import { createRandom, deriveSeed } from '../core/random.ts';
import { padTogether } from './batches.ts';
import type { Example } from './examples.ts';
import { type FeatureMasks, maskFeatures } from './feature-masks.ts';
import { lastThroughout, mixRows, symmetricBeta } from './mixup.ts';
import type { BatchMixup } from './train-options.ts';

export interface BatchOptions {
  /** What each class counts for. */
  readonly classWeights: Float32Array;
  readonly labelSmoothing: number;
  readonly featureMasks: FeatureMasks | undefined;
  readonly mixup: BatchMixup | undefined;
}

/** A batch as the network is trained on it. */
export interface TrainBatch {
  /** [clips, frames, dims], padded with zeros. */
  readonly values: Float32Array;
  /** [clips, classes], the weights of class and example multiplied in. */
  readonly targets: Float32Array;
  readonly shape: readonly [clips: number, frames: number, dims: number];
}

/**
 * Pads examples together, masks and mixes them.
 *
 * @param seed  of this batch in this epoch: what is drawn is a function of it
 */
export function prepareBatch(examples: readonly Example[], options: BatchOptions, seed: number): TrainBatch {
  const { classWeights, labelSmoothing, featureMasks, mixup } = options;
  const classes = classWeights.length;
  const clips = examples.length;
  const dims = examples[0]!.features.dims;
  const { values, frames } = padTogether(examples.map((example) => example.features));
  const targets = new Float32Array(clips * classes);
  examples.forEach(({ target, weight = 1 }, row) => {
    for (let k = 0; k < classes; k++) {
      const share = typeof target === 'number' ? Number(target === k) : target[k]!;
      const smooth = labelSmoothing === 0 ? share : share * (1 - labelSmoothing) + labelSmoothing / classes;
      targets[row * classes + k] = smooth * weight * classWeights[k]!;
    }
  });
  if (featureMasks !== undefined) {
    const random = createRandom(deriveSeed(seed, 'masks'));
    examples.forEach(({ features }, row) => {
      const at = row * frames * dims;
      maskFeatures(values.subarray(at, at + features.frames * dims), features.frames, dims, featureMasks, random);
    });
  }
  if (mixup !== undefined) {
    const random = createRandom(deriveSeed(seed, 'mixup'));
    const weight = symmetricBeta(mixup.alpha, random);
    const partners = mixRows([values, targets], clips, weight, random);
    const { utteranceDims = 0 } = mixup;
    if (utteranceDims > 0) {
      const lengths = examples.map(({ features }) => features.frames);
      lastThroughout(values, [frames, dims], lengths, { partners, weight, utteranceDims });
    }
  }
  return { values, targets, shape: [clips, frames, dims] };
}
