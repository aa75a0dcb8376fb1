import * as z from 'zod/mini';
import { count, seedNumber } from '../core/options.ts';
import { type LayerArgs, layerFields } from './layer-args.ts';

/** What every recurrent layer takes, besides what every tfjs layer does. */
export interface RecurrentArgs extends LayerArgs {
  /** Width of the state. */
  readonly units: number;
  /** Fixes the initial weights and the dropout masks: a whole number >= 0. Give each layer its own. */
  readonly seed: number;
  /** True: the state after every frame, [batch, frames, units]; false: the last one, [batch, units]. @default false */
  readonly returnSequences?: boolean | undefined;
  /** Reads the last frame first; sequences come out in the order in which they were made, as in tfjs. @default false */
  readonly goBackwards?: boolean | undefined;
  /** @default true */
  readonly useBias?: boolean | undefined;
  /** Share of the input's dimensions dropped in training, the same for all frames of a clip; in [0, 1). @default 0 */
  readonly dropout?: number | undefined;
  /** Share of the state's dimensions dropped in training, the same at all frames of a clip; in [0, 1). @default 0 */
  readonly recurrentDropout?: number | undefined;
}

/** What layers with gates take besides. */
export interface GatedArgs extends RecurrentArgs {
  /**
   * The gates' activation: the sigmoid, or clip(0.2 x + 0.5, 0, 1), which is the default of tfjs's own layers.
   * @default 'sigmoid'
   */
  readonly recurrentActivation?: 'sigmoid' | 'hardSigmoid' | undefined;
}

export interface LstmArgs extends GatedArgs {
  /** Starts the forget gate's bias at 1 (Jozefowicz et al. 2015). @default true */
  readonly unitForgetBias?: boolean | undefined;
}

const flag = /* @__PURE__ */ z.optional(/* @__PURE__ */ z.boolean());
const rate = /* @__PURE__ */ z.optional(
  /* @__PURE__ */ z.number().check(/* @__PURE__ */ z.minimum(0), /* @__PURE__ */ z.lt(1)),
);

const recurrentFields = {
  ...layerFields,
  units: count,
  seed: seedNumber,
  returnSequences: flag,
  goBackwards: flag,
  useBias: flag,
  dropout: rate,
  recurrentDropout: rate,
};
const gatedFields = {
  ...recurrentFields,
  recurrentActivation: /* @__PURE__ */ z.optional(/* @__PURE__ */ z.enum(['sigmoid', 'hardSigmoid'])),
};

export const simpleRnnSchema = /* @__PURE__ */ z.strictObject(recurrentFields);
export const gruSchema = /* @__PURE__ */ z.strictObject(gatedFields);
export const lstmSchema = /* @__PURE__ */ z.strictObject({ ...gatedFields, unitForgetBias: flag });
