import type { Command } from 'commander';
import type { TrainRecognizerOptions } from '../recognizer/train-recognizer.ts';
import { BACKENDS } from './backend.ts';
import { WrongUse } from './failure.ts';
import { type CorpusChoice, FORMATS } from './open-corpus.ts';
import {
  choiceOption,
  fraction,
  nonNegativeNumber,
  positiveNumber,
  type Stretches,
  share,
  shareOrCount,
  stretches,
  wholeNumber,
  wholeNumbers,
} from './options.ts';

/** What `ser-kit train` is told; with `--resume`, what the training was begun with. */
export interface TrainCommandOptions {
  readonly out?: string;
  readonly resume?: true | string;
  readonly model: 'simple-rnn' | 'lstm' | 'gru' | 'cnn' | 'cnn-lstm';
  readonly split: 'speakers' | 'clips';
  readonly seed: number;
  readonly validation: number;
  readonly test: number;
  readonly epochs: number;
  readonly patience: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly schedule: 'constant' | 'one-cycle' | 'cosine' | 'plateau';
  readonly plateauPatience?: number;
  readonly optimizer: 'adam' | 'adamw';
  readonly weightDecay: number;
  readonly clipNorm: number;
  readonly accumulate: number;
  readonly labelSmoothing: number;
  readonly mixup?: number;
  readonly maskFrames?: Stretches;
  readonly maskDims?: Stretches;
  readonly augment?: string;
  readonly weightAverage?: number;
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
  readonly xvector?: string;
  readonly xvectorJoin?: 'frames' | 'utterance';
  readonly xvectorComponents?: ReturnType<typeof shareOrCount>;
  readonly allowSeenSpeakers?: true;
  readonly cache?: string;
  readonly workers?: number;
  readonly shuffleLabels?: true;
  readonly format: CorpusChoice['format'];
  readonly csv?: string;
  readonly backend: string;
  readonly force?: true;
  readonly json?: true;
}

/** The options of `ser-kit train`, in the order in which --help lists them. */
export function addTrainOptions(command: Command): Command {
  return command
    .option('--out <run>', 'the folder to save the recognizer in')
    .option(
      '--resume [run]',
      'go on where a training was interrupted or killed; alone, with its folder, it takes everything else from there',
    )
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
    .option('--batch-size <n>', 'clips in a batch', wholeNumber(1), 64)
    .option('--accumulate <n>', 'batches for each step', wholeNumber(1), 1)
    .option('--learning-rate <x>', 'the largest step size', positiveNumber, 0.003)
    .addOption(
      choiceOption(
        '--schedule <name>',
        'how the step size goes: one-cycle rises to the largest and falls again, plateau falls when nothing gets better',
        ['constant', 'one-cycle', 'cosine', 'plateau'],
        'one-cycle',
      ),
    )
    .option(
      '--plateau-patience <n>',
      'epochs without a lower validation loss that plateau lets pass; the next one lowers it (default: 3)',
      wholeNumber(0),
    )
    .addOption(choiceOption('--optimizer <name>', 'what steps', ['adam', 'adamw'], 'adamw'))
    .option('--weight-decay <x>', 'pulls matrices and filters towards 0', nonNegativeNumber, 0.05)
    .option('--clip-norm <x>', 'gradients that are longer are shortened to it', positiveNumber, 5)
    .option('--label-smoothing <share>', 'share of each label that is spread over all of them', share, 0)
    .option(
      '--mixup <alpha>',
      'train on mixtures of two clips, their weights drawn from Beta(alpha, alpha)',
      positiveNumber,
    )
    .option(
      '--mask-frames <n>',
      'hide a stretch of up to n frames of each training clip; 2x20: two of up to 20',
      stretches,
    )
    .option('--mask-dims <n>', 'hide a band of up to n feature dimensions of each; 2x5: two of up to 5', stretches)
    .option(
      '--augment <file>',
      'change training clips anew in each epoch, by a JSON of transforms (see docs/augmentation.md)',
    )
    .option('--weight-average <decay>', 'keep a moving average of the weights, such as 0.99', fraction)
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
    .option(
      '--xvector <file>',
      'join each clip with its x-vector by the network in a file, of any format that xvector convert reads, or compact',
    )
    .addOption(
      choiceOption(
        '--xvector-join <where>',
        'beside the features of each frame, or beside what is kept of them (default: utterance)',
        ['frames', 'utterance'],
      ),
    )
    .option(
      '--xvector-components <x>',
      'principal components of the x-vectors: so many, or as many as hold a share (default: 32 at most)',
      shareOrCount,
    )
    .option('--allow-seen-speakers', 'take an x-vector that was trained on speakers kept for validation or test')
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
    .option('--json', 'one JSON value on stdout');
}

/** @throws WrongUse for options that contradict one another */
export function checkTrainOptions(options: TrainCommandOptions): void {
  const { validation, test, filters, model, bidirectional, summary, schedule, plateauPatience } = options;
  if (validation === 0) {
    throw new WrongUse('--validation expected a share > 0, got 0: the best epoch is chosen on those clips');
  }
  if (validation + test >= 1) {
    throw new WrongUse(`--validation and --test expected to leave clips to train on, got ${validation} and ${test}`);
  }
  if (filters !== undefined && !model.startsWith('cnn')) {
    throw new WrongUse(`--filters expected --model cnn or cnn-lstm, got --model ${model}`);
  }
  if (bidirectional && model === 'cnn') {
    throw new WrongUse('--bidirectional expected a --model with recurrent layers, got --model cnn');
  }
  if (summary === 'last' && model === 'cnn') {
    throw new WrongUse('--summary last expected a --model with recurrent layers, got --model cnn');
  }
  if (plateauPatience !== undefined && schedule !== 'plateau') {
    throw new WrongUse(`--plateau-patience expected --schedule plateau, got --schedule ${schedule}`);
  }
}

const PLATEAU_PATIENCE = 3;

/** What of the options the library takes under names of its own. */
export function libraryOptions(options: TrainCommandOptions): TrainRecognizerOptions {
  const { units, layers, dropout, dense, filters, summary, bidirectional } = options;
  const { mixup, maskFrames, maskDims, weightAverage } = options;
  return {
    seed: options.seed,
    model: options.model,
    modelOptions: { units, layers, dropout, denseUnits: dense, filters, summary, bidirectional },
    epochs: options.epochs,
    patience: options.patience,
    batchSize: options.batchSize,
    learningRate: options.learningRate,
    classWeights: options.balanced ? 'balanced' : undefined,
    schedule: options.schedule,
    plateau: options.schedule === 'plateau' ? { patience: options.plateauPatience ?? PLATEAU_PATIENCE } : undefined,
    optimizer: options.optimizer,
    weightDecay: options.weightDecay,
    clipNorm: options.clipNorm,
    accumulate: options.accumulate,
    labelSmoothing: options.labelSmoothing,
    mixup: mixup === undefined ? undefined : { alpha: mixup },
    featureMasks:
      maskFrames === undefined && maskDims === undefined
        ? undefined
        : {
            time: maskFrames && { count: maskFrames.count, maxFrames: maskFrames.most },
            dims: maskDims && { count: maskDims.count, maxDims: maskDims.most },
          },
    weightAverage: weightAverage === undefined ? undefined : { decay: weightAverage },
    standardize: options.standardize,
    pca: options.pca,
  };
}
