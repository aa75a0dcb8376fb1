import type { Command } from 'commander';
import { SerKitError } from '../core/errors.ts';
import type { LabelledClip } from '../core/labelled-clip.ts';
import { formatConfusionMatrix } from '../metrics/format-confusion-matrix.ts';
import { formatReport } from '../metrics/format-report.ts';
import type { Recognizer } from '../recognizer/recognizer.ts';
import { BACKENDS } from './backend.ts';
import { onInterrupt } from './interrupt.ts';
import { type CorpusChoice, FORMATS, openCheckedCorpus } from './open-corpus.ts';
import { openRun } from './open-run.ts';
import { choiceOption } from './options.ts';
import { Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { resultLine } from './text.ts';

interface Options {
  readonly all?: true;
  readonly format: CorpusChoice['format'];
  readonly csv?: string;
  readonly backend: string;
  readonly json?: true;
}

export function addEvaluateCommand(program: Command, terminal: Terminal): void {
  program
    .command('evaluate')
    .description('measure a saved recognizer on the recordings that its training kept for testing')
    .argument('<run>', 'the folder that `ser-kit train` saved')
    .argument('<dir>', 'the recordings')
    .option('--all', 'all recordings, those of the training among them')
    .addOption(choiceOption('--format <format>', 'how the folder is laid out', FORMATS, 'auto'))
    .option('--csv <file>', 'the CSV, within the folder, that names path, label and speaker')
    .addOption(choiceOption('--backend <name>', 'what TensorFlow.js computes with', BACKENDS, 'wasm'))
    .option('--json', 'one JSON value on stdout')
    .action(async (run: string, dir: string, options: Options) => {
      const recognizer = await openRun(run, options.backend);
      const { evaluateRecognizer } = await import('../recognizer/evaluate-recognizer.ts');
      const progress = new Progress(terminal, 'recognizing clips');
      const interrupt = onInterrupt(() => progress.close());
      const pick = (clips: readonly LabelledClip[]): readonly LabelledClip[] =>
        options.all ? clips : heldOut(recognizer, clips, dir);
      const { clips } = await openCheckedCorpus(dir, options, terminal, interrupt.signal, pick);
      const speakers = new Set(clips.map((clip) => clip.speakerId)).size;
      if (!options.all) terminal.err(`${speakers} speakers that the run kept for testing\n`);
      const { report, confusionMatrix, predictions, skipped } = await evaluateRecognizer(recognizer, clips, {
        onProgress: (done, total) => progress.update(done, total),
        signal: interrupt.signal,
      }).finally(() => {
        progress.close();
        interrupt.done();
      });
      for (const { id, message } of skipped.slice(0, 10)) terminal.err(`skipped ${id}: ${message}\n`);
      if (skipped.length > 0) terminal.err(`${skipped.length} clips could not be read and were skipped\n`);
      if (options.json) {
        terminal.out(
          `${JSON.stringify({ ...report, labels: recognizer.labels, confusionMatrix: confusionMatrix.counts, clips: predictions.length })}\n`,
        );
        return;
      }
      terminal.out(
        [
          resultLine(`${predictions.length} clips`, report),
          '',
          formatReport(report),
          '',
          'confusion matrix, rows the truth and columns what was predicted',
          formatConfusionMatrix(confusionMatrix),
          '',
        ].join('\n'),
      );
    });
}

/** The clips that the training kept for testing: of the test's speakers, or where speakers overlap, the very clips. */
function heldOut(recognizer: Recognizer, clips: readonly LabelledClip[], dir: string): readonly LabelledClip[] {
  const { clips: ids, speakers, overlappingSpeakers } = recognizer.provenance;
  const wantedIds = new Set(ids.test);
  const wantedSpeakers = new Set(speakers.test);
  const kept =
    overlappingSpeakers.length > 0
      ? clips.filter((clip) => wantedIds.has(clip.id))
      : clips.filter((clip) => wantedSpeakers.has(clip.speakerId));
  if (kept.length === 0) {
    throw new SerKitError(
      'empty',
      `${dir}: expected recordings of the ${wantedSpeakers.size} speakers that the run kept for testing, got none; --all evaluates whatever is there`,
    );
  }
  return kept;
}
