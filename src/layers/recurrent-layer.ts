import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { SerKitError } from '../core/errors.ts';
import { createRandom, deriveSeed } from '../core/random.ts';
import type { Drawing } from './drawing.ts';
import { createGlorotUniform, createOrthogonal, type Initializer } from './initializers.ts';
import type { LayerArgs } from './layer-args.ts';
import { emptyStates, type Recurrence, type RecurrenceAttributes, swapTime } from './recurrence.ts';
import type { LstmArgs } from './recurrent-args.ts';
import { first, timeMask } from './time-mask.ts';
import { withBackend } from './with-backend.ts';

type Settled = Omit<LstmArgs, keyof LayerArgs>;

/** A layer's own options, defaults filled in; what tfjs's base class keeps is left out. */
function settle(args: LstmArgs): Settled {
  const { units, seed, returnSequences = false, goBackwards = false, useBias = true } = args;
  const { dropout = 0, recurrentDropout = 0, recurrentActivation, unitForgetBias } = args;
  return {
    ...{ units, seed, returnSequences, goBackwards, useBias, dropout, recurrentDropout },
    ...(recurrentActivation === undefined ? {} : { recurrentActivation }),
    ...(unitForgetBias === undefined ? {} : { unitForgetBias }),
  };
}

/**
 * What the recurrent layers share: weights named, shaped and ordered as in tfjs's own layers, masks, seeded dropout, and
 * the choice between a backend's kernel for the whole recurrence and tfjs's ops. A masked frame leaves the state as it
 * was, as in Keras.
 */
export abstract class RecurrentLayer extends tfl.layers.Layer implements Drawing {
  readonly returnSequences: boolean;
  readonly goBackwards: boolean;
  drawn = 0;
  /** Goes before the weights' names; Bidirectional tells its two layers apart by it. */
  weightPrefix = '';
  protected readonly config: Settled;
  protected abstract readonly gates: number;
  private drawSeed: number;
  private kernel: tfl.LayerVariable | undefined;
  private recurrent: tfl.LayerVariable | undefined;
  private bias: tfl.LayerVariable | undefined;

  constructor(args: LstmArgs) {
    super(args as ConstructorParameters<typeof tfl.layers.Layer>[0]);
    this.config = settle(args);
    this.returnSequences = this.config.returnSequences!;
    this.goBackwards = this.config.goBackwards!;
    this.drawSeed = this.config.seed;
    this.supportsMasking = true;
    this.inputSpec = [new tfl.InputSpec({ ndim: 3 })];
  }

  /** The bias at the start, `gates * units` numbers. */
  protected initialBias(): Float32Array {
    return new Float32Array(this.gates * this.config.units);
  }

  /** The recurrence in tfjs's ops, for backends without a kernel for it. */
  protected abstract compose(recurrence: Recurrence, attributes: RecurrenceAttributes): tf.Tensor;

  get draws(): boolean {
    return this.config.dropout! > 0 || this.config.recurrentDropout! > 0;
  }

  reseed(seed: number): void {
    this.drawSeed = seed;
    this.drawn = 0;
  }

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const dims = (inputShape as number[])[2]!;
    const { units, seed, useBias } = this.config;
    const width = this.gates * units;
    const add = (name: string, shape: number[], initializer: Initializer): tfl.LayerVariable =>
      withBackend(this.name, () => this.addWeight(this.weightPrefix + name, shape, 'float32', initializer));
    this.kernel = add('kernel', [dims, width], createGlorotUniform(seed));
    this.recurrent = add('recurrent_kernel', [units, width], createOrthogonal(seed + 1));
    if (useBias) {
      const bias = this.initialBias();
      const constant = { apply: (shape: number[]) => tf.tensor(bias, shape), getConfig: () => ({}) };
      this.bias = add('bias', [width], constant as unknown as Initializer);
    }
    this.built = true;
  }

  // Checked here, too, as tfjs does not hand these arguments on to call() where the input is symbolic.
  override apply(...[inputs, kwargs]: Parameters<tfl.layers.Layer['apply']>): ReturnType<tfl.layers.Layer['apply']> {
    refuseInitialState(this.name, kwargs);
    return super.apply(inputs, kwargs);
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const [batch, frames] = inputShape as number[];
    const { units } = this.config;
    return this.returnSequences ? [batch!, frames!, units] : [batch!, units];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      const states = this.statesOf(inputs, kwargs);
      return this.returnSequences && this.goBackwards ? tf.reverse(states, 1) : states;
    });
  }

  /** As `call`, but sequences are in the frames' order also where they are read backwards. */
  statesOf(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    refuseInitialState(this.name, kwargs);
    return tf.tidy(() => {
      const { units, dropout, recurrentDropout, recurrentActivation } = this.config;
      let x = first(inputs) as tf.Tensor3D;
      const [batch, frames, dims] = x.shape;
      let stateScale: tf.Tensor2D | undefined;
      if (kwargs.training === true && this.draws) {
        const step = this.drawn++;
        const draw = (rate: number, width: number, what: string): tf.Tensor2D =>
          dropoutScale(rate, [batch, width], deriveSeed(this.drawSeed, what, step));
        if (dropout! > 0) x = tf.mul(x, tf.expandDims(draw(dropout!, dims, 'input'), 1));
        if (recurrentDropout! > 0) stateScale = draw(recurrentDropout!, units, 'state');
      }
      const kernel = this.kernel!.read() as tf.Tensor2D;
      const recurrent = this.recurrent!.read() as tf.Tensor2D;
      const bias = this.bias?.read() as tf.Tensor1D | undefined;
      const mask = timeMask(kwargs);
      const attributes = {
        returnSequences: this.returnSequences,
        reverse: this.goBackwards,
        hardSigmoid: recurrentActivation === 'hardSigmoid',
      };
      const kernelName = this.getClassName();
      if (tf.getKernel(kernelName, tf.getBackend()) !== undefined) {
        const given = {
          x,
          kernel,
          recurrent,
          bias: bias ?? tf.zeros([this.gates * units]),
          ...(mask === undefined ? {} : { mask: tf.squeeze(mask, [2]) }),
          ...(stateScale === undefined ? {} : { stateScale }),
        };
        const output = tf.engine().runKernel(kernelName, given, attributes) as tf.Tensor | tf.Tensor[];
        return Array.isArray(output) ? output[0]! : output;
      }
      if (batch === 0 || frames === 0) {
        const shape = this.returnSequences ? [batch, frames, units] : [batch, units];
        return emptyStates(shape, [x, kernel, recurrent, ...(bias === undefined ? [] : [bias])]);
      }
      const rows = tf.reshape(swapTime(x), [frames * batch, dims]);
      const product: tf.Tensor = tf.matMul(rows, kernel);
      const projected = tf.reshape(bias === undefined ? product : tf.add(product, bias), [frames, batch, -1]);
      const recurrence = { projected: projected as tf.Tensor3D, recurrent, mask: mask && swapTime(mask), stateScale };
      return this.compose(recurrence, attributes);
    });
  }

  override computeMask(_inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor {
    if (!this.returnSequences) return null as unknown as tf.Tensor;
    return (Array.isArray(mask) ? mask[0] : mask) as tf.Tensor;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.config } as tf.serialization.ConfigDict;
  }
}

/** The state before the first frame is zeros: a layer that is given another one would silently go on without it. */
export function refuseInitialState(name: string, kwargs: Record<string, unknown> | undefined): void {
  if (kwargs?.initialState === undefined || kwargs.initialState === null) return;
  throw new SerKitError('unsupported', `layer ${JSON.stringify(name)} expected no initialState, got one`);
}

/** 0 for a share of `rate`, 1 / (1 - rate) for the others. */
function dropoutScale(rate: number, shape: [number, number], seed: number): tf.Tensor2D {
  const random = createRandom(seed);
  const kept = 1 / (1 - rate);
  const values = Float32Array.from({ length: shape[0] * shape[1] }, () => (random() < rate ? 0 : kept));
  return tf.tensor2d(values, shape);
}
