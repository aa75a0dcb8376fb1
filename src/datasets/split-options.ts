import * as z from 'zod/mini';
import { SerKitError } from '../core/errors.ts';
import { parseOptions, seedNumber } from '../core/options.ts';

/** How a corpus is parted. */
export interface SplitOptions {
  /** The same seed gives the same split, in whatever order the clips come. */
  readonly seed: number;
  /**
   * The share of the clips to choose by while training, from 0 up to below 1.
   * @default 0.15
   */
  readonly validation?: number;
  /**
   * The share of the clips kept to judge by, from 0 up to below 1.
   * @default 0.15
   */
  readonly test?: number;
}

/** A share of the clips: from 0 up to, and without, 1. */
export const share = z.number().check(z.minimum(0), z.lt(1));

const schema = z.strictObject({ seed: seedNumber, validation: z.optional(share), test: z.optional(share) });

/** The options with their defaults. @throws SerKitError 'bad-option' */
export function parseSplitOptions(who: string, options: SplitOptions): Required<SplitOptions> {
  const { seed, validation = 0.15, test = 0.15 } = parseOptions(who, schema, options);
  if (validation + test >= 1) {
    throw new SerKitError('bad-option', `${who}: validation + test expected < 1, got ${validation} + ${test}`);
  }
  return { seed, validation, test };
}
