/** What a training has to do, in the parts that it tells of. */
export interface TrainingWork {
  readonly epochs: number;
  /** Batches of the first epoch; of others it may be a few more or less. */
  readonly batches: number;
  /** Epochs that an earlier process did. */
  readonly doneBefore: number;
  /** How long the measuring at an epoch's end takes, in epochs of training: a guess for as long as none is done. */
  readonly measuringGuess: number;
}

/**
 * How long a training will go on, in milliseconds: from the mean time of this process's batches, and of its measurings
 * at the end of epochs. It is a most: training may end early.
 */
export class TimeLeft {
  private readonly work: TrainingWork;
  private readonly now: () => number;
  private last: number;
  private batchesDone = 0;
  private batchesLeft = 0;
  private isInEpoch = false;
  private batches: number;
  private batchMs = 0;
  private measuringsDone = 0;
  private measuringMs = 0;

  constructor(work: TrainingWork, now: () => number = Date.now) {
    this.work = work;
    this.now = now;
    this.batches = work.batches;
    this.last = now();
  }

  /** After a batch of the epoch in hand, from 1. */
  afterBatch(batch: number, batches: number): number {
    this.batchesLeft = batches - batch;
    this.batches = batches;
    this.isInEpoch = true;
    this.batchMs += this.sinceLast();
    this.batchesDone++;
    return this.left();
  }

  afterEpoch(): number {
    this.isInEpoch = false;
    this.measuringMs += this.sinceLast();
    this.measuringsDone++;
    return this.left();
  }

  private sinceLast(): number {
    const before = this.last;
    this.last = this.now();
    return this.last - before;
  }

  private left(): number {
    const { batches } = this;
    const { epochs, doneBefore, measuringGuess } = this.work;
    const batchMs = this.batchMs / Math.max(1, this.batchesDone);
    const measuringMs =
      this.measuringsDone > 0 ? this.measuringMs / this.measuringsDone : measuringGuess * batches * batchMs;
    const toMeasure = Math.max(0, epochs - doneBefore - this.measuringsDone);
    // While an epoch is in hand it is the first of those that are to be measured.
    const whole = Math.max(0, this.isInEpoch ? toMeasure - 1 : toMeasure);
    return (this.batchesLeft + whole * batches) * batchMs + toMeasure * measuringMs;
  }
}
