import type { DataType } from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';

/** What every tfjs layer takes. */
export interface LayerArgs {
  readonly name?: string;
  /** For the first layer of a model: what comes in, without the batch, [frames or null, dims]. */
  inputShape?: (number | null)[];
  /** The same with the batch in front. */
  batchInputShape?: (number | null)[];
  batchSize?: number;
  readonly dtype?: DataType;
  /** False: training leaves the weights as they are. @default true */
  readonly trainable?: boolean;
}

const anything = /* @__PURE__ */ z.optional(/* @__PURE__ */ z.any());

/** The schema's fields for those, which tfjs checks itself; to be spread into a layer's own. */
export const layerFields = {
  name: anything,
  inputShape: anything,
  batchInputShape: anything,
  batchSize: anything,
  dtype: anything,
  inputDType: anything,
  trainable: anything,
  updatable: anything,
  weights: anything,
  customObjects: anything, // tfjs puts it there when it loads a topology
};
