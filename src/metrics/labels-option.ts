import * as z from 'zod/mini';
import type { Label } from './labels.ts';

export interface LabelsOption<L extends Label = Label> {
  /**
   * The classes and their order, each once.
   *
   * @default those that occur in truth or predicted, sorted
   */
  readonly labels?: readonly L[] | undefined;
}

export const labelsOptionSchema = z.strictObject({
  labels: z.optional(z.array(z.union([z.string(), z.number()]))),
});
