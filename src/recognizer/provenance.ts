import type { TransformJson } from '../augment/transform.ts';
import type { PcaOptions } from '../features/pca.ts';
import type { StandardizerScope } from '../features/standardize.ts';
import type { ClassificationReport } from '../metrics/classification-report.ts';
import type { ConfusionMatrix } from '../metrics/confusion-matrix.ts';
import type { LearningRateSchedule } from '../models/learning-rate.ts';
import type { TrainOptions } from '../models/train-options.ts';
import type { TrainingHistory } from '../models/training-events.ts';
import type { SeenSpeakers } from './seen-speakers.ts';
import type { XvectorJoin } from './xvector-options.ts';

/** What reads a corpus: openCremad(); or openFolder(), with the CSV that it went by where there was one. */
export interface CorpusLayout {
  readonly format: 'cremad' | 'folder';
  readonly csv?: string;
}

/** The options of training that a recognizer takes as trainModel() does; absent where they were not asked for. */
export type FurtherTraining = Pick<
  TrainOptions,
  | 'optimizer'
  | 'betas'
  | 'epsilon'
  | 'clipNorm'
  | 'plateau'
  | 'accumulate'
  | 'labelSmoothing'
  | 'mixup'
  | 'featureMasks'
  | 'weightAverage'
>;

/** What a recognizer was made from, kept with it: enough to judge it again, honestly, and to credit the corpus. */
export interface Provenance {
  /** The corpus's name, with the copy's: 'CREMA-D, 11.025 kHz copy'. */
  readonly corpus?: string;
  /** Whom its licence asks to name. */
  readonly attribution?: string;
  /** How the corpus's folder was read, by the words of the command line. Absent where the caller did not tell. */
  readonly layout?: CorpusLayout;
  /** How the clips were split: 'speakers' (no voice in two parts), 'clips', or the caller's word. */
  readonly split?: string;
  /** The shares of the clips that were asked for, where the caller told them. */
  readonly shares?: { readonly validation: number; readonly test: number };
  readonly seed: number;
  /** The network's name and options as they were asked for. */
  readonly model: string;
  readonly modelOptions?: Readonly<Record<string, unknown>>;
  /** How the network was trained. Absent where it was saved before this was kept. */
  readonly training?: FurtherTraining & {
    /** At most so many; `history` holds those that were run. */
    readonly epochs: number;
    readonly batchSize: number;
    readonly learningRate: number;
    readonly schedule: LearningRateSchedule;
    readonly weightDecay: number;
    readonly patience: number;
    /** As they were asked for; null: each label counts alike. */
    readonly classWeights: readonly number[] | 'balanced' | null;
    /** As it was asked for. Absent, as `pca`, where it was saved before there was a choice. */
    readonly standardize?: StandardizerScope;
    /** As it was asked for; null: every dimension goes to the network. */
    readonly pca?: PcaOptions | null;
    /** What was done to the training clips, anew in each epoch: what parseAugmentation() takes. Absent where nothing was. */
    readonly augment?: readonly TransformJson[];
  };
  /** The x-vector that clips' features are joined with. Absent where there is none. */
  readonly xvector?: {
    /** SHA-256 of it in ser-kit's own format: of the recognizer's xvector.bin. */
    readonly sha256: string;
    /** Of its embedding. */
    readonly dims: number;
    readonly join: XvectorJoin;
    /** As it was asked for; null: none. Absent for the default. */
    readonly pca?: PcaOptions | null;
    /** How many dimensions the network sees of it. */
    readonly components: number;
    /** Whom of the parts that judge it was trained on, as far as its card says: none unless that was allowed. */
    readonly seenSpeakers: SeenSpeakers;
    /** What is known of it. */
    readonly card?: Readonly<Record<string, unknown>>;
  };
  /** What it was trained with: versions, and tfjs's name of the backend. Absent where saved before this was kept. */
  readonly madeWith?: { readonly serKit: string; readonly tfjs: string; readonly backend: string };
  /** Ids of the clips in each part. `test` was seen neither in training nor in choosing. */
  readonly clips: { readonly train: number; readonly validation: readonly string[]; readonly test: readonly string[] };
  /** Speakers of the clips in each part. */
  readonly speakers: {
    readonly train: readonly string[];
    readonly validation: readonly string[];
    readonly test: readonly string[];
  };
  /** Speakers that are in more than one part. */
  readonly overlappingSpeakers: readonly string[];
  /**
   * How many clips nobody knows the speaker of; each is listed as a speaker of its own. Above 0, the test voices may have
   * been heard in training whatever `overlappingSpeakers` says. Absent where it was saved before this was kept.
   */
  readonly unknownSpeakers?: number;
  readonly history: TrainingHistory;
  /** classificationReport of each part; `test` is absent where the split kept no clips for testing. */
  readonly metrics: {
    readonly train: ClassificationReport<string>;
    readonly validation: ClassificationReport<string>;
    readonly test?: ClassificationReport<string>;
  };
  /** Of the test clips, or of the validation clips where none were kept for testing. */
  readonly confusionMatrix: ConfusionMatrix<string>;
}
