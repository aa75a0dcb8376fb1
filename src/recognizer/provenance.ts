import type { ClassificationReport } from '../metrics/classification-report.ts';
import type { ConfusionMatrix } from '../metrics/confusion-matrix.ts';
import type { TrainingHistory } from '../models/training-events.ts';

/** What a recognizer was made from, kept with it: enough to judge it again, honestly, and to credit the corpus. */
export interface Provenance {
  /** The corpus's name, with the copy's: 'CREMA-D, 11.025 kHz copy'. */
  readonly corpus?: string;
  /** Whom its licence asks to name. */
  readonly attribution?: string;
  /** How the clips were split: 'speakers' (no voice in two parts), 'clips', or the caller's word. */
  readonly split?: string;
  readonly seed: number;
  /** The network's name and options as they were asked for. */
  readonly model: string;
  readonly modelOptions?: Readonly<Record<string, unknown>>;
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
