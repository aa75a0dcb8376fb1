import * as z from 'zod/mini';
import { nonNegative, parseOptions } from '../core/options.ts';
import { sortedScores } from './verification-scores.ts';

/** Options of {@link detectionCost}. */
export interface DetectionCostOptions {
  /** How frequent the same speaker is among the pairs that one will be asked about, in (0, 1). @default 0.01 */
  readonly targetPrior?: number | undefined;
  /** What it costs to keep out a same pair. @default 1 */
  readonly missCost?: number | undefined;
  /** What it costs to let in a different pair. @default 1 */
  readonly falseAlarmCost?: number | undefined;
}

/** The least cost, and where it is reached. */
export interface DetectionCost {
  /** 0 without errors; 1 is what deciding always the same way costs, whatever the scores. */
  readonly cost: number;
  /** Pairs of this score and above are taken for the same; Infinity where it is cheapest to take none. */
  readonly threshold: number;
}

const schema = /* @__PURE__ */ (() =>
  z.strictObject({
    targetPrior: z.optional(z.number().check(z.gt(0), z.lt(1))),
    missCost: z.optional(nonNegative),
    falseAlarmCost: z.optional(nonNegative),
  }))();

/**
 * The least detection cost of a yes-or-no decision by score over all thresholds, in [0, 1] (minDCF of NIST's speaker
 * recognition evaluations): missCost * prior * P(miss) + falseAlarmCost * (1 - prior) * P(false alarm), divided by what
 * the cheaper of "always yes" and "always no" costs. The default prior of 0.01 with costs of 1 is that of NIST SRE 2016
 * and of VoxCeleb's tables.
 *
 * @param scores  a number a pair, higher where the two are more alike
 * @param same  for each pair, whether it really is the same
 * @throws SerKitError 'empty'; 'bad-input' for unequal lengths or where all pairs are of one kind; 'not-finite'; 'bad-option'
 * @example
 * detectionCost([0.9, 0.8, 0.3, 0.1], [true, false, true, false], { targetPrior: 0.5 }); // { cost: 0.5, threshold: 0.9 }
 */
export function detectionCost(
  scores: ArrayLike<number>,
  same: readonly boolean[],
  options: DetectionCostOptions = {},
): DetectionCost {
  const who = 'detectionCost';
  const { targetPrior = 0.01, missCost = 1, falseAlarmCost = 1 } = parseOptions(who, schema, options);
  const sorted = sortedScores(who, scores, same);
  const miss = missCost * targetPrior;
  const falseAlarm = falseAlarmCost * (1 - targetPrior);
  const always = Math.min(miss, falseAlarm);
  // Where one kind of error costs nothing, deciding always that way does not either.
  if (always === 0) return { cost: 0, threshold: miss === 0 ? Number.POSITIVE_INFINITY : sorted.scores.at(-1)! };
  let [least, threshold] = [miss, Number.POSITIVE_INFINITY];
  let [hits, letIn] = [0, 0];
  for (let i = 0; i < sorted.same.length; ) {
    const score = sorted.scores[i]!;
    for (; i < sorted.same.length && sorted.scores[i] === score; i++) {
      if (sorted.same[i]) hits++;
      else letIn++;
    }
    const cost = miss * (1 - hits / sorted.positives) + falseAlarm * (letIn / sorted.negatives);
    if (cost < least) [least, threshold] = [cost, score];
  }
  return { cost: least / always, threshold };
}
