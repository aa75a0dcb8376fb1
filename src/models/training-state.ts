import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { SerKitError } from '../core/errors.ts';
import { drawingLayers } from '../layers/drawing.ts';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
import { flatten, unflatten } from './flat.ts';
import { afterPlateauEpoch, type PlateauState } from './learning-rate.ts';
import { isBetter } from './measure.ts';
import { Adam } from './optimizer.ts';
import { checkIdentity, type RunIdentity } from './run-identity.ts';
import type { Settings } from './train-options.ts';
import type { EpochRecord } from './training-events.ts';
import { WeightAverage } from './weight-average.ts';

/** Everything that a training changes as it goes on, the network's weights among it, to and from a checkpoint's bytes. */
export class TrainingState {
  readonly records: EpochRecord[] = [];
  /** The best epoch so far; undefined before the first. */
  best: EpochRecord | undefined;
  plateau: PlateauState;
  readonly optimizer: Adam;
  private readonly average: WeightAverage | undefined;
  /** Those of the best epoch; before the first one, those that the network came with. */
  private bestWeights: tf.Tensor[];

  constructor(
    private readonly model: tfl.LayersModel,
    variables: readonly tf.Variable[],
    private readonly settings: Settings,
  ) {
    const { betas, epsilon, weightDecay, optimizer, weightAverage, learningRate } = settings;
    this.optimizer = new Adam(variables, { betas, epsilon, weightDecay, decoupled: optimizer === 'adamw' });
    this.average = weightAverage === null ? undefined : new WeightAverage(model, weightAverage.decay);
    this.plateau = { rate: learningRate, badEpochs: 0 };
    this.bestWeights = this.copyWeights();
  }

  /** One step of the optimizer, against a gradient times `scale`. */
  step(gradient: tf.Tensor1D, rate: number, scale: number): void {
    this.optimizer.step(gradient, rate, scale);
    this.average?.update();
  }

  /** Runs something with the weights that are measured and kept: the averaged ones, where there are such. */
  async withMeasuredWeights<T>(run: () => Promise<T>): Promise<T> {
    if (this.average === undefined) return run();
    const own = this.copyWeights();
    const averaged = this.average.weights();
    try {
      this.model.setWeights(averaged);
      const result = await run();
      this.model.setWeights(own);
      return result;
    } finally {
      tf.dispose([own, averaged]);
    }
  }

  /** Takes in an epoch's record, and its weights where it is the best so far; true if it is. */
  add(record: EpochRecord): boolean {
    this.records.push(record);
    if (this.settings.schedule === 'plateau') {
      this.plateau = afterPlateauEpoch(this.plateau, record.validation, this.settings.plateau ?? {});
    }
    if (this.best !== undefined && !isBetter(record.validation, this.best.validation)) return false;
    this.best = record;
    tf.dispose(this.bestWeights);
    this.bestWeights = this.average?.weights() ?? this.copyWeights();
    return true;
  }

  async encode(identity: RunIdentity): Promise<Uint8Array<ArrayBuffer>> {
    const { mean, meanSquare } = await this.optimizer.state();
    const average = await this.average?.state();
    return encodeCheckpoint(
      {
        epoch: this.records.length,
        bestEpoch: this.best!.epoch,
        records: this.records,
        ...identity,
        backend: tf.getBackend(),
        steps: this.optimizer.steps,
        drawn: drawingLayers(this.model).map(({ drawn }) => drawn),
        plateau: this.plateau,
      },
      [
        { name: 'weights', values: await valuesOf(this.model.getWeights()) },
        { name: 'best', values: await valuesOf(this.bestWeights) },
        { name: 'mean', values: mean },
        { name: 'meanSquare', values: meanSquare },
        ...(average === undefined ? [] : [{ name: 'average', values: average }]),
      ],
    );
  }

  /**
   * Goes back to where a checkpoint was made.
   *
   * @throws SerKitError 'mismatch' for one of another run, before anything is changed; those of decodeCheckpoint()
   */
  restore(bytes: Uint8Array, identity: RunIdentity): void {
    const { state, tensors } = decodeCheckpoint('trainModel: resumeFrom', bytes);
    checkIdentity(identity, state);
    const layers = drawingLayers(this.model);
    const values = (name: string): Float32Array => {
      const found = tensors.get(name);
      if (found === undefined) throw new SerKitError('altered', `trainModel: resumeFrom expected ${name}, found none`);
      return found;
    };
    const shapes = this.model.getWeights().map(({ shape }) => shape);
    const [weights, best] = tf.tidy(() =>
      ['weights', 'best'].map((name) => unflatten(tf.tensor1d(values(name)), shapes)),
    ) as [tf.Tensor[], tf.Tensor[]];
    this.model.setWeights(weights);
    tf.dispose([weights, this.bestWeights]);
    this.bestWeights = best;
    this.optimizer.restore(state.steps, values('mean'), values('meanSquare'));
    this.average?.restore(state.steps, values('average'));
    layers.forEach((layer, i) => {
      layer.drawn = state.drawn[i] ?? 0;
    });
    this.plateau = state.plateau;
    this.records.push(...state.records);
    this.best = state.records[state.bestEpoch - 1];
  }

  /** Gives the network its best weights, and everything else back. */
  finish(): void {
    try {
      this.model.setWeights(this.bestWeights);
    } finally {
      tf.dispose(this.bestWeights);
      this.optimizer.dispose();
      this.average?.dispose();
    }
  }

  private copyWeights(): tf.Tensor[] {
    return this.model.getWeights().map((weight) => weight.clone());
  }
}

async function valuesOf(tensors: readonly tf.Tensor[]): Promise<Float32Array> {
  const all = flatten(tensors);
  try {
    return (await all.data()) as Float32Array;
  } finally {
    all.dispose();
  }
}
