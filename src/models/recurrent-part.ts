import type * as tfl from '@tensorflow/tfjs-layers';
import * as z from 'zod/mini';
import { Lstm } from '../layers/lstm.ts';
import { SimpleRnn } from '../layers/simple-rnn.ts';
import { addDropout } from './build-options.ts';
import { addSummary, POOLINGS, type Summary } from './summary.ts';

/** What builders with recurrent layers take besides. */
export interface RecurrentOptions {
  /**
   * What the dense layers see of the recurrent layers: the mean of the states over the clip, their mean and standard
   * deviation, their mean under weights that are learnt, or the last state alone (which has to carry all it heard to the
   * end).
   */
  readonly summary?: Summary | undefined;
}

export const recurrentFields = {
  summary: z.optional(z.enum([...POOLINGS, 'last'])),
};

const CELLS = { lstm: Lstm, simple_rnn: SimpleRnn } as const;

interface RecurrentPart {
  readonly units: number;
  readonly layers: number;
  /** Between the layers. */
  readonly dropout: number;
  readonly summary: Summary;
}

/** Recurrent layers with dropout between them, and their summary over the clip. */
export function addRecurrent(
  model: tfl.Sequential,
  cell: keyof typeof CELLS,
  { units, layers, dropout, summary }: RecurrentPart,
  nextSeed: () => number,
): void {
  for (let layer = 1; layer <= layers; layer++) {
    const returnSequences = layer < layers || summary !== 'last';
    model.add(new CELLS[cell]({ name: `${cell}${layer}`, units, returnSequences, seed: nextSeed() }));
    if (layer < layers) addDropout(model, dropout, nextSeed, `dropout_${cell}${layer}`);
  }
  addSummary(model, summary, nextSeed);
}
