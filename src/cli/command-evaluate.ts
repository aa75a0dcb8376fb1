import type { Command } from 'commander';
import { SerKitError } from '../core/errors.ts';
import type { LabelledClip } from '../core/labelled-clip.ts';
import { plural } from '../datasets/corpus.ts';
import { formatConfusionMatrix } from '../metrics/format-confusion-matrix.ts';
import { formatReport } from '../metrics/format-report.ts';
import type { Recognizer } from '../recognizer/recognizer.ts';
import type { Act } from './act.ts';
import { BACKENDS } from './backend.ts';
import { EXIT } from './failure.ts';
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

export function addEvaluateCommand(program: Command, terminal: Terminal, act: Act): void {
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
    .action(act((run: string, dir: string, options: Options) => evaluate(run, dir, options, terminal)));
}

async function evaluate(run: string, dir: string, options: Options, terminal: Terminal): Promise<number> {
  const recognizer = await openRun(run, options.backend);
  const { evaluateRecognizer } = await import('../recognizer/evaluate-recognizer.ts');
  const progress = new Progress(terminal, 'recognizing clips');
  const interrupt = onInterrupt(() => progress.close());
  try {
    const pick = (clips: readonly LabelledClip[]): readonly LabelledClip[] =>
      options.all ? clips : heldOut(recognizer, clips, dir);
    const { clips } = await openCheckedCorpus(dir, options, terminal, interrupt.signal, pick);
    terminal.err(`${whatIsEvaluated(recognizer, clips, options.all === true)}\n`);
    const { report, confusionMatrix, predictions, skipped } = await evaluateRecognizer(recognizer, clips, {
      onProgress: (done, total) => progress.update(done, total),
      signal: interrupt.signal,
    }).finally(() => progress.close());
    for (const { id, message } of skipped.slice(0, 10)) {
      terminal.err(`skipped ${message.startsWith(id) ? message : `${id}: ${message}`}\n`);
    }
    if (skipped.length > 0) terminal.err(`${skipped.length} clips could not be used and were skipped\n`);
    if (options.json) {
      const { labels } = recognizer;
      const result = { ...report, labels, confusionMatrix: confusionMatrix.counts, clips: predictions.length };
      terminal.out(`${JSON.stringify(result)}\n`);
      return EXIT.good;
    }
    terminal.out(
      [
        resultLine(plural(predictions.length, 'clip'), report),
        '',
        formatReport(report),
        '',
        'confusion matrix, rows the truth and columns what was predicted',
        formatConfusionMatrix(confusionMatrix),
        '',
      ].join('\n'),
    );
    return EXIT.good;
  } finally {
    interrupt.done();
    recognizer.dispose();
  }
}

/**
 * The clips that the training kept for testing. In the corpus that it was trained on they are the very clips, by their
 * ids; elsewhere, the clips of the same speakers.
 */
function heldOut(recognizer: Recognizer, clips: readonly LabelledClip[], dir: string): readonly LabelledClip[] {
  const { clips: ids, speakers } = recognizer.provenance;
  const [keptIds, keptSpeakers] = [new Set(ids.test), new Set(speakers.test)];
  if (keptIds.size === 0) {
    throw new SerKitError(
      'empty',
      'the run was trained with --test 0 and kept no clips; --all evaluates whatever is there',
    );
  }
  const same = clips.filter((clip) => keptIds.has(clip.id));
  const kept = same.length > 0 ? same : clips.filter((clip) => keptSpeakers.has(clip.speakerId));
  if (kept.length === 0) {
    throw new SerKitError(
      'empty',
      `${dir}: expected recordings of the ${keptSpeakers.size} speakers that the run kept for testing, got none; --all evaluates whatever is there`,
    );
  }
  return kept;
}

/** What the figures are about, and what speaks against them. */
function whatIsEvaluated(recognizer: Recognizer, clips: readonly LabelledClip[], all: boolean): string {
  const { overlappingSpeakers, speakers } = recognizer.provenance;
  const voices = new Set(clips.map((clip) => clip.speakerId));
  const heard = [...speakers.train, ...speakers.validation].filter((speaker) => voices.has(speaker)).length;
  const what = `${plural(clips.length, 'clip')} of ${plural(voices.size, 'speaker')}`;
  if (!all && overlappingSpeakers.length === 0) return `${what} that the run kept for testing`;
  const note = `note: ${heard} of the speakers were heard in training; on new voices it will do worse`;
  return `${what}${all ? '' : ' that the run kept for testing'}${heard > 0 ? `\n${note}` : ''}`;
}
