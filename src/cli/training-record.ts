import type { CheckpointSummary, TrainingCheckpoint } from '../models/checkpoint.ts';
import type { EpochRecord } from '../models/training-events.ts';
import type { RecognizerEvent } from '../recognizer/train-recognizer.ts';
import type { DrawsLine } from './draws-log.ts';
import { CURVE_FILE, type RunFolder } from './run-folder.ts';
import { learningCurve } from './train-report.ts';
import type { Training } from './training-file.ts';
import type { EpochLine } from './training-log.ts';

/** What is known of a training before it starts. */
export interface Recorded {
  readonly title: string;
  /** What the log's first line says beside the type. */
  readonly about: Readonly<Record<string, unknown>>;
  readonly labels: number;
  readonly training: Training;
  /** Whether nothing of this training lies in the folder yet. */
  readonly isFresh: boolean;
  /** What the training needs in its folder beside training.json. */
  readonly files?: ReadonlyMap<string, Uint8Array> | undefined;
  /** The checkpoint that the training goes on from. */
  readonly before: Pick<CheckpointSummary, 'records' | 'bestEpoch'> | undefined;
}

/**
 * Keeps a training in its folder while it goes: after each epoch the log, what was drawn and the learning curve, and last the checkpoint,
 * so that what a kill leaves of an epoch between them is taken back when the training goes on.
 */
export class TrainingRecord {
  private readonly records: EpochRecord[];
  private bestEpoch: number;
  private line: EpochLine | undefined;
  private draws: DrawsLine[] = [];
  private epochs = 0;
  private epochBegan = 0;
  private learningRate = 0;

  constructor(
    private readonly folder: RunFolder,
    private readonly recorded: Recorded,
  ) {
    this.records = [...(recorded.before?.records ?? [])];
    this.bestEpoch = recorded.before?.bestEpoch ?? 0;
  }

  on(event: RecognizerEvent): void {
    const { folder, recorded } = this;
    if (event.type === 'start') {
      const { epochs, batches, examples, resumedFrom } = event;
      this.epochs = epochs;
      this.epochBegan = performance.now();
      const time = new Date().toISOString();
      const about = { ...recorded.about, epochs, batches, examples };
      if (resumedFrom === 0) {
        folder.begin(recorded.training, recorded.isFresh, { type: 'start', time, ...about }, recorded.files);
      } else {
        // Where the log was lost, so was the time at which the training began.
        folder.logBackTo(
          { type: 'start', ...about },
          this.records.map((record) => ({ type: 'epoch', epochs, ...record })),
        );
        folder.drawsBackTo(resumedFrom);
        folder.append({ type: 'resume', time, epoch: resumedFrom });
      }
    }
    if (event.type === 'augmented') {
      const { type, ...line } = event;
      this.draws.push(line);
    }
    if (event.type === 'batch') this.learningRate = event.learningRate;
    if (event.type === 'epoch') {
      const seconds = Math.round(performance.now() - this.epochBegan) / 1000;
      const { type, best, ...record } = event;
      this.records.push(record);
      if (best) this.bestEpoch = record.epoch;
      const { epochs, learningRate } = this;
      this.line = { type, epochs, ...record, learningRate, best, seconds };
      this.epochBegan = performance.now();
    }
    if (event.type === 'end') {
      const { type, bestEpoch, stopped } = event;
      folder.append({ type, time: new Date().toISOString(), bestEpoch, stopped });
    }
  }

  save({ epoch, bytes }: TrainingCheckpoint): void {
    const { folder, recorded, records, line } = this;
    folder.beforeEpoch();
    if (line !== undefined) folder.append(line);
    if (this.draws.length > 0) folder.appendDraws(this.draws);
    this.draws = [];
    const title = `${recorded.title}: epoch ${epoch} of ${this.epochs}`;
    folder.write(CURVE_FILE, learningCurve(title, records, this.bestEpoch, recorded.labels));
    folder.saveCheckpoint(epoch, bytes);
  }
}
