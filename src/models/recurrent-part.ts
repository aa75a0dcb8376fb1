import * as z from 'zod/mini';
import { Bidirectional } from '../layers/bidirectional.ts';
import { Gru } from '../layers/gru.ts';
import { Lstm } from '../layers/lstm.ts';
import { SimpleRnn } from '../layers/simple-rnn.ts';
import { addDropout, rate } from './build-options.ts';
import type { LayerStack } from './layer-stack.ts';
import { addSummary, POOLINGS, type Summary } from './summary.ts';

/** What builders with recurrent layers take besides. */
export interface RecurrentOptions {
  /**
   * What the dense layers see of the recurrent layers: the mean of the states over the clip, their mean and standard
   * deviation, their mean under weights that are learnt, or the last state alone (which has to carry all it heard to the
   * end).
   */
  readonly summary?: Summary | undefined;
  /** Reads each clip from both ends: `units` forwards and as many backwards, side by side. @default false */
  readonly bidirectional?: boolean | undefined;
  /**
   * Share of the state's values that the next frame does not see in training, the same ones at all frames of a clip (Gal &
   * Ghahramani 2016), in [0, 1). @default 0
   */
  readonly recurrentDropout?: number | undefined;
}

export const recurrentFields = {
  summary: z.optional(z.enum([...POOLINGS, 'last'])),
  bidirectional: z.optional(z.boolean()),
  recurrentDropout: z.optional(rate),
};

const CELLS = { gru: Gru, lstm: Lstm, simple_rnn: SimpleRnn } as const;

interface RecurrentPart extends RecurrentOptions {
  readonly units: number;
  readonly layers: number;
  /** Between the layers. */
  readonly dropout: number;
  readonly summary: Summary;
}

/** Recurrent layers with dropout between them, and their summary over the clip. */
export function addRecurrent(
  model: LayerStack,
  cell: keyof typeof CELLS,
  { units, layers, dropout, summary, bidirectional = false, recurrentDropout }: RecurrentPart,
  nextSeed: () => number,
): void {
  for (let layer = 1; layer <= layers; layer++) {
    const returnSequences = layer < layers || summary !== 'last';
    const name = `${cell}${layer}`;
    const one = new CELLS[cell]({ name, units, returnSequences, recurrentDropout, seed: nextSeed() });
    model.add(bidirectional ? new Bidirectional({ name, layer: one }) : one);
    if (layer < layers) addDropout(model, dropout, nextSeed, `dropout_${cell}${layer}`);
  }
  addSummary(model, summary, nextSeed);
}
