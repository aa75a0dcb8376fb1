/** How well a set of examples is recognised, with dropout off. */
export interface EpochMetrics {
  /** Mean cross-entropy, in nats, unweighted. */
  readonly loss: number;
  readonly accuracy: number;
  readonly unweightedAverageRecall: number;
}

export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Mean training loss over the epoch's batches, weighted, with dropout on. */
  readonly loss: number;
  /** Over the training examples, or over a fixed part of them (TrainOptions.trainingMetricsOn). */
  readonly train: EpochMetrics;
  readonly validation: EpochMetrics;
}

export interface TrainingHistory {
  readonly epochs: readonly EpochRecord[];
  /** The epoch whose weights the model now has; 0 when not one was finished: then it has those that it came with. */
  readonly bestEpoch: number;
  /** Why it ended: all epochs done, no better for `patience` epochs, or aborted. */
  readonly stopped: 'epochs' | 'patience' | 'aborted';
}

/** What `trainModel` tells while it works. */
export type TrainingEvent =
  | {
      readonly type: 'start';
      readonly epochs: number;
      /** Of the first epoch; where clips are long, other epochs have a few more or less: a 'batch' event tells its own. */
      readonly batches: number;
      readonly examples: number;
      /** The epoch of the checkpoint that training goes on from; 0: from the beginning. */
      readonly resumedFrom: number;
    }
  | {
      readonly type: 'batch';
      readonly epoch: number;
      /** From 1. */
      readonly batch: number;
      readonly batches: number;
      /** The batch's mean loss, weighted, before the step. */
      readonly loss: number;
      /** The step size that the schedule gave. */
      readonly learningRate: number;
    }
  | ({ readonly type: 'epoch' /** Better than every epoch before. */; readonly best: boolean } & EpochRecord)
  | { readonly type: 'end'; readonly bestEpoch: number; readonly stopped: TrainingHistory['stopped'] };
