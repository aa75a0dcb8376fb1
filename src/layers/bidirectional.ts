import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import { deriveSeed } from '../core/random.ts';
import { Gru } from './gru.ts';
import { type LayerArgs, layerFields } from './layer-args.ts';
import { Lstm } from './lstm.ts';
import { RecurrentLayer, refuseInitialState } from './recurrent-layer.ts';
import { registerLayer } from './register-layer.ts';
import { SimpleRnn } from './simple-rnn.ts';

/** How the two directions become one; null: they stay two outputs. */
export type MergeMode = 'concat' | 'sum' | 'mul' | 'ave' | null;

export interface BidirectionalArgs extends LayerArgs {
  /** What `lstm()`, `gru()` or `simpleRnn()` gave; it is copied, its weights are not. */
  readonly layer: RecurrentLayer;
  /** @default 'concat' */
  readonly mergeMode?: MergeMode | undefined;
}

const schema = /* @__PURE__ */ z.strictObject({
  ...layerFields,
  layer: /* @__PURE__ */ z.custom<RecurrentLayer>(
    (value) => value instanceof RecurrentLayer,
    "a layer of ser-kit's lstm(), gru() or simpleRnn()",
  ),
  mergeMode: /* @__PURE__ */ z.optional(
    /* @__PURE__ */ z.nullable(/* @__PURE__ */ z.enum(['concat', 'sum', 'mul', 'ave'])),
  ),
});

type RecurrentConstructor = new (args: ConstructorParameters<typeof Lstm>[0]) => RecurrentLayer;

const classes = [Lstm, Gru, SimpleRnn] as const;

/** Two recurrent layers, one over the frames as they are and one backwards. Made by `bidirectional()`. */
export class Bidirectional extends tfl.layers.Layer {
  static readonly className = 'SerKitBidirectional';
  readonly forwardLayer: RecurrentLayer;
  readonly backwardLayer: RecurrentLayer;
  private readonly layer: RecurrentLayer;
  private readonly mergeMode: MergeMode;

  constructor(args: BidirectionalArgs) {
    const { layer, mergeMode = 'concat' } = parseOptions('bidirectional', schema, args) as BidirectionalArgs;
    super(args as ConstructorParameters<typeof tfl.layers.Layer>[0]);
    this.layer = layer;
    this.mergeMode = mergeMode;
    const Kind = layer.constructor as RecurrentConstructor;
    const copy = (direction: string, changes: Record<string, unknown>): RecurrentLayer => {
      const name = `${direction}_${layer.name}`;
      const made = new Kind({ ...layer.getConfig(), ...changes, name } as unknown as LstmConfig);
      made.weightPrefix = `${name}/`;
      return made;
    };
    const seed = deriveSeed(layer.getConfig().seed as number, 'backward');
    this.forwardLayer = copy('forward', {});
    this.backwardLayer = copy('backward', { goBackwards: !layer.goBackwards, seed });
    this.supportsMasking = true;
    this.inputSpec = [new tfl.InputSpec({ ndim: 3 })];
    this.trainable = args.trainable ?? layer.trainable;
  }

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    this.forwardLayer.build(inputShape);
    this.backwardLayer.build(inputShape);
    this.built = true;
  }

  override apply(...[inputs, kwargs]: Parameters<tfl.layers.Layer['apply']>): ReturnType<tfl.layers.Layer['apply']> {
    refuseInitialState(this.name, kwargs);
    return super.apply(inputs, kwargs);
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape | tfl.Shape[] {
    const shape = this.forwardLayer.computeOutputShape(inputShape);
    if (this.mergeMode === null) return [shape, shape.slice()];
    return this.mergeMode === 'concat' ? [...shape.slice(0, -1), 2 * shape.at(-1)!] : shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor | tf.Tensor[] {
    refuseInitialState(this.name, kwargs);
    return tf.tidy(() => {
      const { forwardLayer, backwardLayer } = this;
      const y = forwardLayer.call(inputs, kwargs);
      // As in tfjs: what the backward layer gives is turned round.
      const turned = backwardLayer.returnSequences && !backwardLayer.goBackwards;
      const states = backwardLayer.statesOf(inputs, kwargs);
      const yBack = turned ? tf.reverse(states, 1) : states;
      switch (this.mergeMode) {
        case 'concat':
          return tf.concat([y, yBack], -1);
        case 'sum':
          return tf.add(y, yBack);
        case 'ave':
          return tf.mul(tf.add(y, yBack), 0.5);
        case 'mul':
          return tf.mul(y, yBack);
        default:
          return [y, yBack];
      }
    });
  }

  override computeMask(inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor | tf.Tensor[] {
    const one = this.forwardLayer.computeMask(inputs, mask);
    return this.mergeMode === null ? [one, one] : one;
  }

  // The weights are those of the two layers, the forward one's first.
  override get trainableWeights(): tfl.LayerVariable[] {
    return [...this.forwardLayer.trainableWeights, ...this.backwardLayer.trainableWeights];
  }

  override get nonTrainableWeights(): tfl.LayerVariable[] {
    return [...this.forwardLayer.nonTrainableWeights, ...this.backwardLayer.nonTrainableWeights];
  }

  override get trainable(): boolean {
    return this.forwardLayer?.trainable ?? true;
  }

  override set trainable(value: boolean) {
    if (this.forwardLayer === undefined) return; // tfjs's constructor sets it before the layers are there
    this.forwardLayer.trainable = value;
    this.backwardLayer.trainable = value;
  }

  override setFastWeightInitDuringBuild(value: boolean): void {
    super.setFastWeightInitDuringBuild(value);
    this.forwardLayer.setFastWeightInitDuringBuild(value);
    this.backwardLayer.setFastWeightInitDuringBuild(value);
  }

  override getConfig(): tf.serialization.ConfigDict {
    const layer = { className: this.layer.getClassName(), config: this.layer.getConfig() };
    return { ...super.getConfig(), mergeMode: this.mergeMode, layer };
  }

  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const { className, config: inner } = config.layer as unknown as { className: string; config: LstmConfig };
    const Kind = classes.find((one) => one.className === className) as RecurrentConstructor | undefined;
    return new cls({ ...config, layer: Kind === undefined ? className : new Kind(inner) } as never);
  }
}

type LstmConfig = ConstructorParameters<typeof Lstm>[0];

/**
 * A recurrent layer that reads the frames in both directions. With the default `mergeMode` [batch, frames, dims] ->
 * [batch, 2 units], or [batch, frames, 2 units] where the layer returns sequences: at each frame, the state forwards and
 * the state backwards. Weights: those of the layer twice, named and ordered as in tfjs's `layers.bidirectional`.
 *
 * On tfjs's wasm backend it is fast where `ser-kit/wasm` is imported, too; without that it is about as slow as tfjs's own.
 *
 * @throws SerKitError 'bad-option', when it is built 'no-backend'
 * @example
 * const layer = bidirectional({ layer: gru({ units: 32, seed: 1, returnSequences: true }) });
 */
export function bidirectional(args: BidirectionalArgs): Bidirectional {
  registerLayer(Bidirectional, Lstm, Gru, SimpleRnn);
  return new Bidirectional(args);
}
