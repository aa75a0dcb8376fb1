import type { Command } from 'commander';
import { isSerKitError, SerKitError } from '../core/errors.ts';
import type { LabelledClip } from '../core/labelled-clip.ts';
import { plural } from '../datasets/corpus.ts';
import { formatConfusionMatrix } from '../metrics/format-confusion-matrix.ts';
import { formatReport } from '../metrics/format-report.ts';
import type { Recognizer } from '../recognizer/recognizer.ts';
import type { Act } from './act.ts';
import { BACKENDS } from './backend.ts';
import { EXIT } from './failure.ts';
import { onInterrupt } from './interrupt.ts';
import { type CorpusChoice, FORMATS, openCheckedCorpus, openCorpus } from './open-corpus.ts';
import { openRun } from './open-run.ts';
import { choiceOption } from './options.ts';
import { Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { clipsOf, resultLine, seenSpeakersNotes, skippedLine, unknownSpeakersNote } from './text.ts';

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
      options.all ? clips : heldOut(recognizer, clips, dir, terminal);
    const choice = options.all ? options : await choiceOf(recognizer, dir, options, terminal);
    const { clips } = await openCheckedCorpus(dir, choice, terminal, interrupt.signal, pick);
    const strange = [...new Set(clips.map((clip) => clip.label))].filter((l) => !recognizer.labels.includes(l));
    if (strange.length > 0) {
      throw new SerKitError(
        'bad-input',
        `${dir}: labels expected among ${recognizer.labels.join(', ')}, got ${strange.join(', ')}; the run knows no others: rename them to its own, or leave them out`,
      );
    }
    const what = `${clipsOf(clips)}${options.all ? '' : ' that the run kept for testing'}`;
    const doubts = notes(recognizer, clips, options.all === true);
    // Beside the figures where those are text; JSON has no place for them.
    terminal.err(`${[what, ...(options.json ? doubts : [])].join('\n')}\n`);
    const { report, confusionMatrix, predictions, skipped } = await evaluateRecognizer(recognizer, clips, {
      onProgress: (done, total) => progress.update(done, total),
      signal: interrupt.signal,
    }).finally(() => progress.close());
    for (const each of skipped.slice(0, 10)) terminal.err(`${skippedLine(each)}\n`);
    if (skipped.length > 0) {
      const were = skipped.length === 1 ? 'was' : 'were';
      terminal.err(`${plural(skipped.length, 'clip')} could not be used and ${were} skipped\n`);
    }
    if (options.json) {
      const { labels } = recognizer;
      const result = { ...report, labels, confusionMatrix: confusionMatrix.counts, clips: predictions.length };
      terminal.out(`${JSON.stringify(result)}\n`);
      return EXIT.good;
    }
    terminal.out(
      [
        resultLine(clipsOf(predictions.map(({ clip }) => clip)), report),
        ...doubts,
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
 * Where nobody says how the folder is laid out, it is read as it was for the training; guessed anew, files with names as
 * CREMA-D gives them would be other clips. A folder in which nothing is found that way is another corpus.
 */
async function choiceOf(
  { provenance }: Recognizer,
  dir: string,
  given: CorpusChoice,
  terminal: Terminal,
): Promise<CorpusChoice> {
  const { layout } = provenance;
  if (layout === undefined || given.format !== 'auto' || given.csv !== undefined) return given;
  const choice = { format: layout.format, ...(layout.csv === undefined ? {} : { csv: layout.csv }) };
  const kept = new Set(provenance.clips.test);
  const { clips } = await openCorpus(dir, choice, terminal).catch((error: unknown) => {
    if (!isSerKitError(error) || !['empty', 'not-found', 'bad-format'].includes(error.code)) throw error;
    return { clips: [] };
  });
  if (!clips.some((clip) => kept.has(clip.id))) return given;
  const other = layout.format === 'cremad' ? 'folder' : 'cremad';
  const what = layout.format === 'cremad' ? 'CREMA-D' : (layout.csv ?? 'a folder of recordings');
  terminal.err(`taken for ${what}, as for the training (--format ${other} takes it otherwise)\n`);
  return choice;
}

/** So many of the clips that were kept have to be there for the folder to be taken for the corpus of the training. */
const ENOUGH = 0.9;

/**
 * The clips that the training kept for testing, by their ids. In another corpus a few ids may be the same by chance (or
 * many: a/1.wav), and what they name is not what was kept.
 */
function heldOut(
  recognizer: Recognizer,
  clips: readonly LabelledClip[],
  dir: string,
  terminal: Terminal,
): readonly LabelledClip[] {
  const kept = new Set(recognizer.provenance.clips.test);
  if (kept.size === 0) {
    throw new SerKitError(
      'empty',
      'the run was trained with --test 0 and kept no clips; --all evaluates whatever is there',
    );
  }
  const found = clips.filter((clip) => kept.has(clip.id));
  const share = `${found.length} of the ${plural(kept.size, 'clip')} that the run kept for testing`;
  if (found.length < ENOUGH * kept.size) {
    const { corpus } = recognizer.provenance;
    throw new SerKitError(
      'bad-input',
      `${dir}: expected the recordings that the run was trained on${corpus === undefined ? '' : ` (${corpus})`}, got ${share}; --format or --csv where the folder is laid out otherwise; --all evaluates whatever is there`,
    );
  }
  terminal.err(`found ${share}\n`);
  return found;
}

/** What speaks against the figures. */
function notes(recognizer: Recognizer, clips: readonly LabelledClip[], all: boolean): string[] {
  const { overlappingSpeakers, speakers, unknownSpeakers = 0 } = recognizer.provenance;
  const known = clips.filter((clip) => clip.speakerKnown !== false);
  const voices = new Set(known.map((clip) => clip.speakerId));
  const heard = [...new Set([...speakers.train, ...speakers.validation])].filter((id) => voices.has(id)).length;
  return [
    ...((all || overlappingSpeakers.length > 0) && heard > 0
      ? [`note: ${heard} of the speakers were heard in training; on new voices it will do worse`]
      : []),
    ...(unknownSpeakers > 0 ? [unknownSpeakersNote(unknownSpeakers)] : []),
    ...seenSpeakersNotes(recognizer.provenance),
  ];
}
