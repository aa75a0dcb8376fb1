import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { SerKitError } from '../core/errors.ts';
import { shuffleLabels } from '../datasets/shuffle-labels.ts';
import { describeSplit } from '../datasets/split.ts';
import { splitByClip } from '../datasets/split-by-clip.ts';
import { splitBySpeaker } from '../datasets/split-by-speaker.ts';
import { formatConfusionMatrix } from '../metrics/format-confusion-matrix.ts';
import { formatReport } from '../metrics/format-report.ts';
import { writeDirectory } from '../node/write-directory.ts';
import type { FrontEndOptions } from '../recognizer/front-end.ts';
import type { RecognizerEvent } from '../recognizer/train-recognizer.ts';
import { confusionMatrixSvg } from '../report/confusion-matrix.ts';
import { learningCurveSvg } from '../report/learning-curve.ts';
import { BACKENDS, startBackend } from './backend.ts';
import { Interrupted } from './failure.ts';
import { onInterrupt } from './interrupt.ts';
import { type CorpusChoice, FORMATS, openCheckedCorpus } from './open-corpus.ts';
import { choiceOption, positiveNumber, share, wholeNumber, wholeNumbers } from './options.ts';
import { duration, Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { curveLines, resultLine } from './text.ts';

interface Options {
  readonly out: string;
  readonly model: 'simple-rnn' | 'lstm' | 'cnn' | 'cnn-lstm';
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
  readonly frontEnd?: string;
  readonly shuffleLabels?: true;
  readonly format: CorpusChoice['format'];
  readonly csv?: string;
  readonly backend: string;
  readonly force?: true;
  readonly json?: true;
}

export function addTrainCommand(program: Command, terminal: Terminal): void {
  program
    .command('train')
    .description('train a recognizer on a folder of recordings and measure it on speakers it never heard')
    .argument('<dir>', 'CREMA-D, or a folder of LABEL/[SPEAKER/]x.wav, or one with a labels.csv of path,label,speaker')
    .requiredOption('--out <run>', 'the folder to save the recognizer in')
    .addOption(choiceOption('--model <name>', 'the network', ['simple-rnn', 'lstm', 'cnn', 'cnn-lstm'], 'cnn-lstm'))
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
    .option('--epochs <n>', 'passes over the training clips, at most', wholeNumber(1), 40)
    .option('--patience <n>', 'end after so many epochs without a better validation UAR', wholeNumber(1), 8)
    .option('--batch-size <n>', 'clips in a step', wholeNumber(1), 32)
    .option('--learning-rate <x>', "Adam's step size", positiveNumber, 0.001)
    .option('--balanced', 'weigh labels inversely to how often they occur')
    .option('--units <n>', 'width of the recurrent layers (of the convolutions in cnn)', wholeNumber(1))
    .option('--layers <n>', 'how many of them', wholeNumber(1))
    .option('--filters <list>', 'filters of each convolution, such as 64,128 (cnn, cnn-lstm)', wholeNumbers)
    .option('--dense <list>', 'widths of the dense layers, such as 128,64', wholeNumbers)
    .option('--dropout <share>', 'share of values dropped in training', share)
    .option('--front-end <file>', 'JSON with sampleRate, normalizeLevel and features (see docs/front-end.md)')
    .option('--shuffle-labels', 'a control: train on labels dealt out at random; the test should then show chance')
    .addOption(choiceOption('--format <format>', 'how the folder is laid out', FORMATS, 'auto'))
    .option('--csv <file>', 'the CSV, within the folder, that names path, label and speaker')
    .addOption(choiceOption('--backend <name>', 'what TensorFlow.js computes with', BACKENDS, 'wasm'))
    .option('--force', 'overwrite a run folder that exists')
    .option('--json', 'one JSON value on stdout')
    .action((dir: string, options: Options) => train(dir, options, terminal));
}

async function train(dir: string, options: Options, terminal: Terminal): Promise<void> {
  const began = Date.now();
  const { out, force, json } = options;
  if (!force && existsSync(out) && !isEmptyFolder(out)) {
    throw new SerKitError(
      'exists',
      `${out}: expected a new folder for the run, got one that exists; --force overwrites it`,
    );
  }
  const frontEnd = options.frontEnd === undefined ? undefined : await readFrontEnd(options.frontEnd);
  const interrupt = onInterrupt(() =>
    terminal.err('\ninterrupted: keeping the best model so far (Ctrl-C again to drop it)\n'),
  );
  const corpus = await openCheckedCorpus(dir, options, terminal, interrupt.signal);
  const { seed, validation, test } = options;
  const splitOptions = { seed, validation, test };
  const honest =
    options.split === 'speakers' ? splitBySpeaker(corpus.clips, splitOptions) : splitByClip(corpus.clips, splitOptions);
  const split = options.shuffleLabels ? shuffleLabels(honest, seed) : honest;
  terminal.err(`${describeSplit(split)}\n`);

  await startBackend(options.backend);
  const { trainRecognizer } = await import('../recognizer/train-recognizer.ts');
  const { saveRecognizer } = await import('../recognizer/save-recognizer.ts');
  const watch = new TrainingWatch(terminal);
  const { units, layers, dropout, dense, filters } = options;
  const modelOptions = definedOnly({ units, layers, dropout, denseUnits: dense, filters });
  const recognizer = await trainRecognizer(split, {
    seed,
    model: options.model,
    modelOptions,
    epochs: options.epochs,
    patience: options.patience,
    batchSize: options.batchSize,
    learningRate: options.learningRate,
    ...(options.balanced ? { classWeights: 'balanced' as const } : {}),
    ...(corpus.labels === undefined ? {} : { labels: corpus.labels }),
    ...(frontEnd === undefined ? {} : { frontEnd }),
    about: {
      corpus: options.shuffleLabels ? `${corpus.name}, labels shuffled (a control)` : corpus.name,
      ...(corpus.attribution === undefined ? {} : { attribution: corpus.attribution }),
      split: options.split,
    },
    signal: interrupt.signal,
    onEvent: (event) => watch.on(event),
  }).finally(() => watch.close());

  const { provenance, labels } = recognizer;
  const { history, metrics } = provenance;
  const title = `${provenance.model} on ${corpus.name}, split by ${options.split}, seed ${seed}`;
  const files = new Map(await saveRecognizer(recognizer));
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const judged = metrics.test ?? metrics.validation;
  files.set(
    'learning-curve.svg',
    encode(learningCurveSvg(history.epochs, { title, bestEpoch: history.bestEpoch, baseline: 1 / labels.length })),
  );
  files.set('confusion-matrix.svg', encode(confusionMatrixSvg(provenance.confusionMatrix, { title })));
  const lines = [
    title,
    '',
    ...curveLines(history),
    '',
    resultLine(`train (${provenance.clips.train} clips)`, metrics.train),
    resultLine(`validation (${provenance.clips.validation.length} clips)`, metrics.validation),
    ...(metrics.test === undefined
      ? []
      : [
          resultLine(
            `test (${provenance.clips.test.length} clips of ${provenance.speakers.test.length} speakers)`,
            metrics.test,
          ),
        ]),
    '',
    formatReport(judged),
    '',
    'confusion matrix, rows the truth and columns what was predicted',
    formatConfusionMatrix(provenance.confusionMatrix),
    '',
  ];
  if (provenance.overlappingSpeakers.length > 0) {
    lines.push(
      `note: ${provenance.overlappingSpeakers.length} speakers are in more than one part; on new voices it will do worse`,
      '',
    );
  }
  files.set('report.txt', encode(lines.join('\n')));
  await writeDirectory(out, files);
  recognizer.dispose();
  interrupt.done();

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
    terminal.out(`name the emotion of a recording with: ser-kit predict ${out} FILE.wav\n`);
  }
  if (watch.skipped.length > 0) terminal.err(`${watch.skipped.length} clips could not be read and were skipped\n`);
  if (history.stopped === 'aborted')
    throw new Interrupted(`interrupted after ${history.epochs.length} epochs; the best model so far is in ${out}`);
}

/** Shows a training as it goes. */
class TrainingWatch {
  readonly skipped: { id: string; code: string; message: string }[] = [];
  private progress: Progress;
  private batches = 0;
  private epochs = 0;
  private readonly terminal: Terminal;

  constructor(terminal: Terminal) {
    this.terminal = terminal;
    this.progress = new Progress(terminal, 'features of clips');
  }

  on(event: RecognizerEvent): void {
    switch (event.type) {
      case 'features':
        this.progress.update(event.done, event.total);
        break;
      case 'skipped':
        this.skipped.push(event.clip);
        if (this.skipped.length <= 10) this.progress.say(`skipped ${event.clip.id}: ${event.clip.message}`);
        break;
      case 'start':
        this.progress.close();
        this.batches = event.batches;
        this.epochs = event.epochs;
        this.progress = new Progress(this.terminal, 'training, batch');
        break;
      case 'batch':
        this.progress.update(
          (event.epoch - 1) * this.batches + event.batch,
          this.epochs * this.batches,
          `epoch ${event.epoch}/${this.epochs}, loss ${event.loss.toFixed(3)}`,
        );
        break;
      case 'epoch': {
        const { train, validation } = event;
        this.progress.say(
          `epoch ${String(event.epoch).padStart(3)}  loss ${event.loss.toFixed(3)}  train UAR ${train.unweightedAverageRecall.toFixed(3)}` +
            `  validation UAR ${validation.unweightedAverageRecall.toFixed(3)} accuracy ${validation.accuracy.toFixed(3)}${event.best ? '  best so far' : ''}`,
        );
        break;
      }
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

function isEmptyFolder(path: string): boolean {
  try {
    return readdirSync(path).length === 0;
  } catch {
    return false;
  }
}

async function readFrontEnd(path: string): Promise<FrontEndOptions> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new SerKitError('not-found', `${path}: expected a JSON file for --front-end, got none that can be read`, {
      cause,
    });
  }
  try {
    return JSON.parse(text) as FrontEndOptions;
  } catch (cause) {
    throw new SerKitError('bad-format', `${path}: expected JSON for --front-end: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function definedOnly(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
