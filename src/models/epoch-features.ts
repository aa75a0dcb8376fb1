import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { checkFeatureMatrix, type FeatureMatrix } from '../core/feature-matrix.ts';

/** Features of the training examples that are made anew for each epoch: augmented ones. */
export interface EpochFeatures {
  /**
   * What is done to the examples, as plain JSON: a checkpoint that was made with something else is refused.
   */
  readonly about: unknown;
  /**
   * An epoch's features: for each batch, in the order given, a matrix for each of its examples, of as many dimensions as
   * theirs and of any number of frames > 0. (Batches were cut by the examples as they are, 32,768 frames each at most with padding: a
   * batch whose matrices are longer is trained on whole, and takes that much more memory.) They may depend on the epoch and the example and on nothing else, or a run that
   * goes on from a checkpoint ends elsewhere.
   *
   * Called ahead, once the epoch before has been trained on and before it is measured, so that work on other threads can
   * begin at once; one batch is asked for at a time.
   *
   * @param epoch  from 1
   * @param batches  indices into the training examples, each once
   * @param signal  fires when the epoch's features are no longer wanted: all were taken, or training ends before
   */
  of(
    epoch: number,
    batches: readonly (readonly number[])[],
    signal: AbortSignal,
  ): AsyncIterable<readonly FeatureMatrix[]>;
}

export const epochFeaturesField = z.custom<EpochFeatures>(
  (value) => typeof (value as Partial<EpochFeatures> | null)?.of === 'function' && 'about' in (value as EpochFeatures),
  '{ about, of(epoch, batches, signal) }',
);

/** An epoch's features that are under way. */
interface UnderWay {
  readonly epoch: number;
  readonly iterator: AsyncIterator<readonly FeatureMatrix[]>;
  readonly closing: AbortController;
}

/** Takes features from their source, batch by batch, and holds them against what was asked for. */
export class EpochFeed {
  private underWay: UnderWay | undefined;
  private readonly thrown: unknown[] = [];

  constructor(
    private readonly source: EpochFeatures,
    private readonly dims: number,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Lets an epoch's work begin, where it has not. */
  begin(epoch: number, batches: readonly (readonly number[])[]): void {
    if (this.underWay?.epoch === epoch) return;
    this.close();
    const closing = new AbortController();
    try {
      const iterable = this.source.of(epoch, batches, closing.signal);
      this.underWay = { epoch, iterator: iterable[Symbol.asyncIterator](), closing };
    } catch (error) {
      closing.abort();
      this.thrown.push(error);
      throw error;
    }
  }

  /**
   * The next batch's matrices; undefined when training is aborted while they are waited for.
   *
   * @param place  of the batch, for messages
   * @throws SerKitError 'bad-input', 'empty', 'not-finite' for what the source gives; and what it throws
   */
  async next(clips: number, place: string): Promise<readonly FeatureMatrix[] | undefined> {
    const { iterator } = this.underWay!;
    const asked = iterator.next().catch((error: unknown) => {
      this.thrown.push(error);
      throw error;
    });
    let got: IteratorResult<readonly FeatureMatrix[]> | undefined;
    try {
      got = await unlessAborted(asked, this.signal);
    } catch (error) {
      if (this.signal?.aborted === true) return undefined; // it may well have thrown because of that
      throw error;
    }
    if (got === undefined) return undefined;
    const who = `trainModel: epochFeatures of ${place}`;
    const matrices: unknown = got.done === true ? undefined : got.value;
    if (!Array.isArray(matrices) || matrices.length !== clips) {
      const count = Array.isArray(matrices) ? matrices.length : quote(matrices);
      throw new SerKitError('bad-input', `${who} expected ${clips} matrices, got ${count}`);
    }
    matrices.forEach((matrix: FeatureMatrix, i) => {
      const name = `${who}, clip ${i + 1}`;
      checkFeatureMatrix(name, matrix);
      if (matrix.dims !== this.dims) {
        throw new SerKitError('bad-input', `${name} expected ${this.dims} dims, got ${matrix.dims}`);
      }
      if (matrix.frames === 0) throw new SerKitError('empty', `${name} expected frames, got none`);
    });
    return matrices;
  }

  /** Whether it was the source that threw this error. */
  threw(error: unknown): boolean {
    return this.thrown.includes(error);
  }

  /** Lets go of what is under way. */
  close(): void {
    const { underWay } = this;
    this.underWay = undefined;
    underWay?.closing.abort();
    // Not waited for: a source that hangs must not hold the end of training.
    underWay?.iterator.return?.()?.then(undefined, () => {});
  }
}

/** The promise, or undefined when the signal fires first. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const fire = (): void => resolve(undefined);
    if (signal.aborted) fire();
    signal.addEventListener('abort', fire, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', fire));
  });
}
