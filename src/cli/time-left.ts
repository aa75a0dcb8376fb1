/** What a training has to do, in the parts that it tells of. */
export interface TrainingWork {
  readonly epochs: number;
  /** Batches of an epoch. */
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
  private batchMs = 0;
  private measuringsDone = 0;
  private measuringMs = 0;

  constructor(work: TrainingWork, now: () => number = Date.now) {
    this.work = work;
    this.now = now;
    this.last = now();
  }

  afterBatch(): number {
    this.batchMs += this.sinceLast();
    this.batchesDone++;
    return this.left();
  }

  afterEpoch(): number {
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
    const { epochs, batches, doneBefore, measuringGuess } = this.work;
    const batchMs = this.batchMs / Math.max(1, this.batchesDone);
    const measuringMs =
      this.measuringsDone > 0 ? this.measuringMs / this.measuringsDone : measuringGuess * batches * batchMs;
    const epochsToDo = epochs - doneBefore;
    return (
      Math.max(0, epochsToDo * batches - this.batchesDone) * batchMs +
      Math.max(0, epochsToDo - this.measuringsDone) * measuringMs
    );
  }
}
