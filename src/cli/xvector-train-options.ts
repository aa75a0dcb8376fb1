import { type Command, InvalidArgumentError, Option } from 'commander';
import type { FrameLayerShape } from '../xvector/build-xvector.ts';
import type { XvectorValues } from '../xvector/own-format.ts';
import { BACKENDS } from './backend.ts';
import { type CorpusChoice, FORMATS } from './open-corpus.ts';
import {
  choiceOption,
  fraction,
  nonNegativeNumber,
  positiveNumber,
  type Stretches,
  share,
  stretches,
  wholeNumber,
} from './options.ts';

/** What `ser-kit xvector train` is told. */
export interface XvectorTrainCommandOptions {
  readonly out: string;
  readonly resume?: true;
  readonly onlySpeakers?: string;
  readonly withoutSpeakers?: string;
  readonly seed: number;
  readonly validation: number;
  readonly epochs: number;
  readonly patience?: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly labelSmoothing: number;
  readonly speeds: number[];
  readonly cropFrames: number | 'all';
  readonly maskFrames?: Stretches;
  readonly maskDims?: Stretches;
  readonly augment?: string;
  readonly frameLayers?: FrameLayerShape[];
  readonly embeddingDims: number;
  readonly dropout: number;
  readonly frontEnd?: string;
  readonly standardize: 'corpus' | 'clip';
  readonly whiten: boolean;
  readonly values: XvectorValues;
  readonly cache?: string;
  readonly workers?: number;
  readonly format: CorpusChoice['format'];
  readonly csv?: string;
  readonly backend: string;
  readonly force?: true;
  readonly json?: true;
}

/** The options of `ser-kit xvector train`, in the order in which --help lists them. */
export function addXvectorTrainOptions(command: Command): Command {
  return command
    .requiredOption('--out <file>', 'the file to save the network in, such as voices.xvector')
    .option('--resume', 'go on where the same command was interrupted or killed (from FILE.checkpoint)')
    .option('--only-speakers <file>', 'learn from these speakers alone, named in a text file, one a line')
    .option('--without-speakers <file>', 'learn from all but these, which are kept for measuring')
    .option(
      '--seed <n>',
      'fixes the clips held out, the initial weights, the order of clips and all draws',
      wholeNumber(0),
      1,
    )
    .option('--validation <share>', "share of each speaker's clips to choose the best epoch by", fraction, 0.1)
    .option('--epochs <n>', 'passes over the training clips, at most', wholeNumber(1), 8)
    .option('--patience <n>', 'end after so many epochs without a better validation UAR', wholeNumber(1))
    .option('--batch-size <n>', 'clips in a batch', wholeNumber(1), 64)
    .option('--learning-rate <x>', 'the largest step size', positiveNumber, 0.002)
    .option('--weight-decay <x>', 'pulls matrices and filters towards 0', nonNegativeNumber, 0.05)
    .option('--label-smoothing <share>', 'share of each target that is spread over all speakers', share, 0.1)
    .addOption(
      new Option('--speeds <list>', 'each clip at these speeds too, as other speakers; or none')
        .argParser(speeds)
        .default([0.9, 1.1], '0.9,1.1'),
    )
    .option('--crop-frames <n>', 'frames of each clip that an epoch trains on; or all', framesOrAll, 80)
    .option(
      '--mask-frames <n>',
      'hide a stretch of up to n frames of each training clip; 2x20: two of up to 20',
      stretches,
    )
    .option('--mask-dims <n>', 'hide a band of up to n dimensions of each; 2x5: two of up to 5', stretches)
    .option(
      '--augment <file>',
      'change training clips anew in each epoch, by a JSON of transforms (see docs/augmentation.md)',
    )
    .option(
      '--frame-layers <list>',
      'the layers over frames: width, or widthxframes, or widthxframes/dilation (default: 128x5,128x3,128x3,256)',
      frameLayers,
    )
    .option('--embedding-dims <n>', 'numbers of the embedding', wholeNumber(1), 128)
    .option('--dropout <share>', 'share of the pooled statistics dropped in training', share, 0)
    .option('--front-end <file>', 'JSON with sampleRate, normalizeLevel and features (see docs/front-end.md)')
    .addOption(
      choiceOption(
        '--standardize <scope>',
        'by the mean and deviation of the training clips, or of each clip',
        ['corpus', 'clip'],
        'corpus',
      ),
    )
    .option('--no-whiten', 'leave the embedding as the network gives it')
    .addOption(choiceOption('--values <kind>', 'how weights are kept', ['float32', 'float16', 'int8'], 'float32'))
    .option('--cache <dir>', 'keep features there, and take from there what an earlier run computed')
    .option(
      '--workers <n>',
      'threads that compute features; 0 is none beside the first (default: one a core, for few clips none)',
      wholeNumber(0),
    )
    .addOption(choiceOption('--format <format>', 'how the folder is laid out', FORMATS, 'auto'))
    .option('--csv <file>', 'the CSV, within the folder, that names path, label and speaker')
    .addOption(choiceOption('--backend <name>', 'what TensorFlow.js computes with', BACKENDS, 'wasm'))
    .option('--force', 'overwrite a file that exists, and begin again where a training was begun')
    .option('--json', 'one JSON value on stdout');
}

/** '0.9,1.1' -> [0.9, 1.1]; 'none' -> []. */
function speeds(text: string): number[] {
  return text === 'none' ? [] : text.split(',').map(positiveNumber);
}

function framesOrAll(text: string): number | 'all' {
  return text === 'all' ? 'all' : wholeNumber(1)(text);
}

/** '512x3/2' -> { units: 512, kernelSize: 3, dilation: 2 }. */
function frameLayers(text: string): FrameLayerShape[] {
  return text.split(',').map((part) => {
    const [, units, kernelSize = '1', dilation = '1'] = /^(\d+)(?:x(\d+)(?:\/(\d+))?)?$/.exec(part) ?? [];
    if (units === undefined) throw new InvalidArgumentError('expected layers such as 128x5,128x3/2,256.');
    return { units: Number(units), kernelSize: Number(kernelSize), dilation: Number(dilation) };
  });
}
