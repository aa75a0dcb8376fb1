import * as z from 'zod/mini';
import { count } from '../core/options.ts';

/** What every layer's factory takes, in tfjs-layers' own words. */
export interface LayerOptions {
  /** @default one made from the layer's class */
  readonly name?: string | undefined;
  /** Of one clip, [frames, dims], null for any number; for the first layer of a sequential model. */
  readonly inputShape?: readonly (number | null)[] | undefined;
  /** False keeps the weights as they are. @default true */
  readonly trainable?: boolean | undefined;
}

/** The schema's fields, to be spread into a factory's own. */
export const layerFields = {
  name: z.optional(z.string().check(z.minLength(1))),
  inputShape: z.optional(z.array(z.nullable(count)).check(z.minLength(2))),
  trainable: z.optional(z.boolean()),
};
