import type { Command } from 'commander';
import { isSerKitError, SerKitError } from '../core/errors.ts';
import type { Corpus } from '../datasets/corpus.ts';
import { shuffleLabels } from '../datasets/shuffle-labels.ts';
import { describeSplit, type Split } from '../datasets/split.ts';
import { splitByClip } from '../datasets/split-by-clip.ts';
import { splitBySpeaker } from '../datasets/split-by-speaker.ts';
import { formatConfusionMatrix } from '../metrics/format-confusion-matrix.ts';
import { formatReport } from '../metrics/format-report.ts';
import { extractCorpus } from '../node/extract-corpus.ts';
import { writeDirectory } from '../node/write-directory.ts';
import type { FrontEndOptions } from '../recognizer/front-end.ts';
import { confusionMatrixSvg } from '../report/confusion-matrix.ts';
import { learningCurveSvg } from '../report/learning-curve.ts';
import type { Act } from './act.ts';
import { BACKENDS, startBackend } from './backend.ts';
import { chosenFrontEnd } from './chosen-front-end.ts';
import { EXIT, WrongUse, withoutFunction } from './failure.ts';
import { onInterrupt } from './interrupt.ts';
import { type CorpusChoice, FORMATS, openCheckedCorpus } from './open-corpus.ts';
import { openOut } from './open-out.ts';
import { choiceOption, positiveNumber, share, shareOrCount, wholeNumber, wholeNumbers } from './options.ts';
import { duration } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { clipsOf, curveLines, resultLine, shellWord, smallTestNotes, unknownSpeakersNote } from './text.ts';
import { TrainingWatch } from './training-watch.ts';

interface Options {
  readonly out: string;
  readonly model: 'simple-rnn' | 'lstm' | 'gru' | 'cnn' | 'cnn-lstm';
  readonly split: 'speakers' | 'clips';
  readonly seed: number;
  readonly validation: number;
  readonly test: number;
  readonly epochs: number;
  readonly patience: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly balanced?: true;
  readonly units?: number;
  readonly layers?: number;
  readonly dropout?: number;
  readonly dense?: number[];
  readonly filters?: number[];
  readonly summary?: 'average' | 'statistics' | 'attention' | 'last';
  readonly bidirectional?: true;
  readonly frontEnd?: string;
  readonly features?: string;
  readonly standardize: 'corpus' | 'speaker' | 'clip';
  readonly pca?: ReturnType<typeof shareOrCount>;
  readonly cache?: string;
  readonly workers?: number;
  readonly shuffleLabels?: true;
  readonly format: CorpusChoice['format'];
  readonly csv?: string;
  readonly backend: string;
  readonly force?: true;
  readonly json?: true;
}

export function addTrainCommand(program: Command, terminal: Terminal, act: Act): void {
  program
    .command('train')
    .description('train a recognizer on a folder of recordings and measure it on speakers it never heard')
    .argument('<dir>', 'CREMA-D, or a folder of LABEL/[SPEAKER/]x.wav, or one with a labels.csv of path,label,speaker')
    .requiredOption('--out <run>', 'the folder to save the recognizer in')
    .addOption(
      choiceOption('--model <name>', 'the network', ['simple-rnn', 'lstm', 'gru', 'cnn', 'cnn-lstm'], 'cnn-lstm'),
    )
    .addOption(
      choiceOption(
        '--split <by>',
        'by speakers, or at random by clips (the test then knows the voices)',
        ['speakers', 'clips'],
        'speakers',
      ),
    )
    .option('--seed <n>', 'fixes the split, the initial weights, the order of clips and the dropout', wholeNumber(0), 1)
    .option('--validation <share>', 'share of the speakers (or clips) to choose the best epoch by', share, 0.15)
    .option('--test <share>', 'share of the speakers (or clips) kept for the test', share, 0.15)
    .option('--epochs <n>', 'passes over the training clips, at most', wholeNumber(1), 20)
    .option('--patience <n>', 'end after so many epochs without a better validation UAR', wholeNumber(1), 8)
    .option('--batch-size <n>', 'clips in a step', wholeNumber(1), 64)
    .option(
      '--learning-rate <x>',
      "Adam's largest step size; it rises to it and falls again over the epochs",
      positiveNumber,
      0.003,
    )
    .option('--balanced', 'weigh labels inversely to how often they occur')
    .option('--units <n>', 'width of the recurrent layers (of the convolutions in cnn)', wholeNumber(1))
    .option('--layers <n>', 'how many of them', wholeNumber(1))
    .option('--filters <list>', 'filters of each convolution, such as 64,128 (cnn, cnn-lstm)', wholeNumbers)
    .addOption(
      choiceOption(
        '--summary <kind>',
        'what is kept of the frames (default: the average; simple-rnn: the last state)',
        ['average', 'statistics', 'attention', 'last'],
      ),
    )
    .option('--bidirectional', 'recurrent layers read each clip from both ends')
    .option('--dense <list>', 'widths of the dense layers, such as 128,64', wholeNumbers)
    .option('--dropout <share>', 'share of values dropped in training', share)
    .option('--front-end <file>', 'JSON with sampleRate, normalizeLevel and features (see docs/front-end.md)')
    .option('--features <set>', 'a feature set by its name (see ser-kit features --list)')
    .addOption(
      choiceOption(
        '--standardize <scope>',
        'by the mean and deviation of the training clips, of each speaker, or of each clip',
        ['corpus', 'speaker', 'clip'],
        'corpus',
      ),
    )
    .option('--pca <x>', 'principal components: so many, or as many as hold a share such as 0.95', shareOrCount)
    .option('--cache <dir>', 'keep features there, and take from there what an earlier run computed')
    .option(
      '--workers <n>',
      'threads that compute features; 0 is none beside the first (default: one a core, for few clips none)',
      wholeNumber(0),
    )
    .option('--shuffle-labels', 'a control: train on labels dealt out at random; the test should then show chance')
    .addOption(choiceOption('--format <format>', 'how the folder is laid out', FORMATS, 'auto'))
    .option('--csv <file>', 'the CSV, within the folder, that names path, label and speaker')
    .addOption(choiceOption('--backend <name>', 'what TensorFlow.js computes with', BACKENDS, 'wasm'))
    .option('--force', 'overwrite a run folder that exists')
    .option('--json', 'one JSON value on stdout')
    .action(act((dir: string, options: Options) => train(dir, options, terminal)));
}

type Stage = 'before' | 'first epoch' | 'has a model';

const AT_INTERRUPT: Readonly<Record<Stage, string>> = {
  before: 'ending',
  'first epoch': 'ending; the first epoch is not done, so there is no model to keep',
  'has a model': 'keeping the best model so far (Ctrl-C again drops it)',
};

/** Trains with Ctrl-C in hand; whatever would end in an error at the end is looked at before the recordings are read. */
async function train(dir: string, options: Options, terminal: Terminal): Promise<number> {
  checkOptions(options);
  const frontEnd = await chosenFrontEnd(options.frontEnd, options.features);
  const discardOut = await openOut(options.out, options.force === true);
  let stage: Stage = 'before';
  const interrupt = onInterrupt(
    () => terminal.err(`\ninterrupted: ${AT_INTERRUPT[stage]}\n`),
    () => {
      discardOut();
      terminal.err('\ninterrupted again: ending at once\n');
    },
  );
  try {
    await startBackend(options.backend);
    return await trainInto(dir, options, frontEnd, terminal, interrupt.signal, (reached) => {
      stage = reached;
    });
  } catch (error) {
    discardOut();
    throw error;
  } finally {
    interrupt.done();
  }
}

async function trainInto(
  dir: string,
  options: Options,
  frontEnd: FrontEndOptions | undefined,
  terminal: Terminal,
  signal: AbortSignal,
  onStage: (stage: Stage) => void,
): Promise<number> {
  const began = Date.now();
  const { out, json, seed } = options;
  const corpus = await openCheckedCorpus(dir, options, terminal, signal);
  const honest = splitOf(corpus.clips, options, dir);
  const split = options.shuffleLabels ? shuffleLabels(honest, seed) : honest;
  terminal.err(`${describeSplit(split)}\n`);
  const { unknownSpeakers } = split;
  // describeSplit has told them already; these stand beside the figures.
  const doubts = [
    ...(unknownSpeakers > 0 ? [unknownSpeakersNote(unknownSpeakers)] : []),
    ...(split.overlappingSpeakers.length > 0
      ? [`note: ${split.overlappingSpeakers.length} speakers are in more than one part; on new voices it will do worse`]
      : []),
  ];

  checkLabels(split, dir, corpus.labels !== undefined);

  // Both before training, so that an hour later nothing has to be found on disk any more.
  const { trainRecognizer } = await import('../recognizer/train-recognizer.ts');
  const { saveRecognizer } = await import('../recognizer/save-recognizer.ts');
  const watch = new TrainingWatch(terminal);
  const { units, layers, dropout, dense, filters, summary, bidirectional } = options;
  const { validation, test } = options;
  const recognizer = await trainRecognizer(split, {
    seed,
    model: options.model,
    modelOptions: { units, layers, dropout, denseUnits: dense, filters, summary, bidirectional },
    epochs: options.epochs,
    patience: options.patience,
    batchSize: options.batchSize,
    learningRate: options.learningRate,
    classWeights: options.balanced ? 'balanced' : undefined,
    labels: corpus.labels,
    frontEnd,
    standardize: options.standardize,
    pca: options.pca,
    featuresOf: (clips, decided) =>
      extractCorpus(clips, decided, { workers: options.workers, cache: options.cache, dir, signal }),
    about: {
      corpus: options.shuffleLabels ? `${corpus.name}, labels shuffled (a control)` : corpus.name,
      attribution: corpus.attribution,
      layout: corpus.layout,
      split: options.split === 'speakers' && unknownSpeakers > 0 ? 'speakers, not all known' : options.split,
      shares: { validation, test },
    },
    signal,
    onEvent: (event) => {
      if (event.type === 'start') onStage('first epoch');
      if (event.type === 'epoch') onStage('has a model');
      watch.on(event);
    },
  }).finally(() => watch.close());

  const { provenance, labels } = recognizer;
  const { history, metrics } = provenance;
  const title = `${provenance.model} on ${provenance.corpus}, split by ${options.split}, seed ${seed}`;
  const files = new Map(await saveRecognizer(recognizer));
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const judged = metrics.test ?? metrics.validation;
  const tested = new Set(provenance.clips.test);
  const testClips = split.test.filter((clip) => tested.has(clip.id));
  const judgedClips = metrics.test === undefined ? 'validation' : `test, ${clipsOf(testClips)}`;
  doubts.push(...smallTestNotes(testClips, judged));
  files.set(
    'learning-curve.svg',
    encode(learningCurveSvg(history.epochs, { title, bestEpoch: history.bestEpoch, baseline: 1 / labels.length })),
  );
  files.set(
    'confusion-matrix.svg',
    encode(confusionMatrixSvg(provenance.confusionMatrix, { title: `${title}: ${judgedClips}` })),
  );
  const lines = [
    title,
    '',
    ...curveLines(history),
    '',
    resultLine(`train (${provenance.clips.train} clips)`, metrics.train),
    resultLine(`validation (${provenance.clips.validation.length} clips)`, metrics.validation),
    ...(metrics.test === undefined ? [] : [resultLine(judgedClips, metrics.test)]),
    ...doubts,
    '',
    formatReport(judged),
    '',
    'confusion matrix, rows the truth and columns what was predicted',
    formatConfusionMatrix(provenance.confusionMatrix),
    '',
  ];
  files.set('report.txt', encode(lines.join('\n')));
  await writeDirectory(out, files);
  recognizer.dispose();

  const result = {
    out,
    epochs: history.epochs.length,
    bestEpoch: history.bestEpoch,
    train: metrics.train,
    validation: metrics.validation,
    test: metrics.test ?? null,
  };
  if (json) terminal.out(`${JSON.stringify(result)}\n`);
  else {
    terminal.out(`${lines.join('\n')}\nsaved in ${out} after ${duration(Date.now() - began)}: `);
    terminal.out(`manifest.json, weights.bin, report.txt, learning-curve.svg, confusion-matrix.svg\n`);
    terminal.out(`name the emotion of a recording with: npx ser-kit predict ${shellWord(out)} FILE.wav\n`);
  }
  if (watch.skipped.length > 0) terminal.err(`${watch.skipped.length} clips could not be read and were skipped\n`);
  if (history.stopped !== 'aborted') return EXIT.good;
  const epochs = `${history.epochs.length} epoch${history.epochs.length === 1 ? '' : 's'}`;
  terminal.err(`ser-kit: interrupted after ${epochs}; the best model so far is in ${out}\n`);
  return EXIT.interrupted;
}

/** @throws WrongUse for options that contradict one another */
function checkOptions({ validation, test, filters, model }: Options): void {
  if (validation === 0) {
    throw new WrongUse('--validation expected a share > 0, got 0: the best epoch is chosen on those clips');
  }
  if (validation + test >= 1) {
    throw new WrongUse(`--validation and --test expected to leave clips to train on, got ${validation} and ${test}`);
  }
  if (filters !== undefined && !model.startsWith('cnn')) {
    throw new WrongUse(`--filters expected --model cnn or cnn-lstm, got --model ${model}`);
  }
}

function splitOf(clips: Corpus['clips'], { split, seed, validation, test }: Options, dir: string): Split {
  try {
    return (split === 'speakers' ? splitBySpeaker : splitByClip)(clips, { seed, validation, test });
  } catch (error) {
    if (!isSerKitError(error)) throw error;
    // The library speaks of its function where the command line has an option.
    const message = withoutFunction(error.message).replace('splitByClip', '--split clips');
    throw new SerKitError(error.code, `${dir}: ${message}`, { cause: error });
  }
}

/** @throws SerKitError where a label is in no training clip: it could be tested and not learnt */
function checkLabels(split: Split, dir: string, fixed: boolean): void {
  const all = new Set([...split.train, ...split.validation, ...split.test].map((clip) => clip.label));
  if (all.size < 2) {
    throw new SerKitError('bad-input', `${dir}: expected recordings of at least 2 labels, got only ${[...all].join()}`);
  }
  if (fixed) return;
  const learnt = new Set(split.train.map((clip) => clip.label));
  const lost = new Set([...split.validation, ...split.test].map((clip) => clip.label).filter((l) => !learnt.has(l)));
  if (lost.size === 0) return;
  throw new SerKitError(
    'bad-input',
    `${dir}: expected clips of each label to train on, got none of ${[...lost].join(', ')}; leave ${lost.size === 1 ? 'that label' : 'those labels'} out, give more speakers, or try another --seed or --split clips`,
  );
}
