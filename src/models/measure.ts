import type * as tfl from '@tensorflow/tfjs-layers';
import { accuracy } from '../metrics/accuracy.ts';
import { unweightedAverageRecall } from '../metrics/unweighted-average-recall.ts';
import { type Example, indexOfLargest, targetClass } from './examples.ts';
import { predictBatches } from './predict-probabilities.ts';
import type { EpochMetrics } from './training-events.ts';

/** How well the network does on some examples; undefined when the signal fires before that is known. */
export async function measure(
  model: tfl.LayersModel,
  examples: readonly Example[],
  batchSize: number,
  signal: AbortSignal | undefined,
): Promise<EpochMetrics | undefined> {
  const matrices = examples.map((example) => example.features);
  const probabilities = await predictBatches(model, matrices, batchSize, signal);
  if (probabilities === undefined) return undefined;
  const truth = examples.map((example) => targetClass(example.target));
  const predicted = probabilities.map(indexOfLargest);
  let loss = 0;
  examples.forEach(({ target }, i) => {
    const p = probabilities[i]!;
    for (let k = 0; k < p.length; k++) {
      const share = typeof target === 'number' ? Number(target === k) : target[k]!;
      if (share > 0) loss -= share * Math.log(p[k]! + 1e-7);
    }
  });
  return {
    loss: loss / examples.length,
    accuracy: accuracy(truth, predicted),
    unweightedAverageRecall: unweightedAverageRecall(truth, predicted),
  };
}

/** Which epoch's weights to keep: the highest recall, then the lowest loss. */
export function isBetter(now: EpochMetrics, before: EpochMetrics): boolean {
  if (now.unweightedAverageRecall !== before.unweightedAverageRecall) {
    return now.unweightedAverageRecall > before.unweightedAverageRecall;
  }
  return now.loss < before.loss;
}
