import type { SkippedClip } from '../clips/skipped-clip.ts';
import type { RecognizerEvent } from '../recognizer/train-recognizer.ts';
import { Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { skippedLine } from './text.ts';
import { TimeLeft } from './time-left.ts';

/** A forward pass takes about a third of a training step. */
const FORWARD_SHARE = 1 / 3;

/** Shows a training as it goes. */
export class TrainingWatch {
  readonly skipped: SkippedClip[] = [];
  /** How often a clip was taken as it is because what was made of it could not be used. */
  unusable = 0;
  private progress: Progress;
  private timeLeft: TimeLeft | undefined;
  private epochs = 0;

  /** @param measured  how many clips are measured at the end of an epoch */
  constructor(
    private readonly terminal: Terminal,
    private readonly measured: number,
  ) {
    this.progress = new Progress(terminal, 'features of clips');
  }

  on(event: RecognizerEvent): void {
    switch (event.type) {
      case 'features':
        this.progress.update(event.done, event.total);
        break;
      case 'embeddings':
        if (event.done === 1) {
          this.progress.close();
          this.progress = new Progress(this.terminal, 'x-vectors of clips');
        }
        this.progress.update(event.done, event.total);
        break;
      case 'skipped':
        this.skipped.push(event.clip);
        if (this.skipped.length <= 10) this.progress.say(skippedLine(event.clip));
        break;
      case 'augmented':
        if (event.unusable !== undefined) this.unusable++;
        break;
      case 'start': {
        this.progress.close();
        const { batches, epochs, examples, resumedFrom } = event;
        this.epochs = epochs;
        this.timeLeft = new TimeLeft({
          epochs,
          batches,
          doneBefore: resumedFrom,
          measuringGuess: (FORWARD_SHARE * this.measured) / examples,
        });
        this.progress = new Progress(this.terminal, 'training, batch');
        break;
      }
      case 'batch':
        this.progress.update(
          (event.epoch - 1) * event.batches + event.batch,
          this.epochs * event.batches,
          `epoch ${event.epoch}/${this.epochs}, loss ${event.loss.toFixed(3)}`,
          this.timeLeft?.afterBatch(event.batch, event.batches),
        );
        break;
      case 'epoch': {
        this.timeLeft?.afterEpoch();
        const { train, validation } = event;
        this.progress.say(
          `epoch ${String(event.epoch).padStart(3)}  loss ${event.loss.toFixed(3)}  train UAR ${train.unweightedAverageRecall.toFixed(3)}` +
            `  validation UAR ${validation.unweightedAverageRecall.toFixed(3)} accuracy ${validation.accuracy.toFixed(3)}${event.best ? '  best so far' : ''}`,
        );
        break;
      }
      case 'measuring':
        this.terminal.err(`measuring the best epoch on ${event.clips} clips\n`);
        break;
      case 'end':
        this.progress.close();
        if (event.stopped === 'patience') this.terminal.err('no better for a while: ending here\n');
        break;
    }
  }

  close(): void {
    this.progress.close();
  }
}
