import { quote, SerKitError } from '../core/errors.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import { bySpeaker } from '../features/by-speaker.ts';
import { fitPca, type Pca, type PcaOptions } from '../features/pca.ts';
import {
  fitStandardizer,
  parseStandardizer,
  type Standardizer,
  type StandardizerScope,
} from '../features/standardize.ts';

/** What is learnt between the front end and the network, on training clips alone. */
export interface Reduction {
  readonly standardizer: Standardizer;
  /** Absent where every dimension goes to the network. */
  readonly pca?: Pca | undefined;
}

/**
 * Learns the reduction from the training clips' matrices and puts in their place what the network sees, so that a large
 * corpus does not lie in memory twice.
 *
 * @param speakers  who speaks in each matrix
 */
export function fitReduction(
  matrices: FeatureMatrix[],
  speakers: readonly string[],
  scope: StandardizerScope,
  pcaOptions: PcaOptions | undefined,
): Reduction {
  const standardizer = scope === 'speaker' ? forNewSpeakers(matrices) : fitStandardizer(matrices, { scope });
  reduceInPlace(matrices, speakers, { standardizer });
  if (pcaOptions === undefined) return { standardizer };
  const pca = fitPca(matrices, pcaOptions);
  reduceEach(matrices, (matrix) => pca.transform(matrix));
  return { standardizer, pca };
}

/**
 * Replaces the front end's matrices by what the network sees. With scope 'speaker' all matrices of one speaker in the list
 * are what is known of that speaker; no label is looked at.
 */
export function reduceInPlace(
  matrices: FeatureMatrix[],
  speakers: readonly string[],
  { standardizer, pca }: Reduction,
): void {
  const known = standardizer.scope === 'speaker' ? standardizersOf(matrices, speakers) : undefined;
  reduceEach(matrices, (matrix, i) => {
    const scaled = standardizer.transform(matrix, { speaker: known?.get(speakers[i]!) });
    return pca === undefined ? scaled : pca.transform(scaled);
  });
}

/**
 * The standardizer for other recordings of the training clips' speakers, such as the same ones with noise: with scope 'speaker' it
 * knows them. To be made before fitReduction() puts other numbers in the matrices' place.
 */
export function standardizerOfVoices(matrices: readonly FeatureMatrix[], speakers: readonly string[]): Standardizer {
  return fitStandardizer(matrices, { scope: 'speaker', speakers });
}

/** How many dimensions the network sees. */
export function reducedWidth({ standardizer, pca }: Reduction): number {
  return pca?.components ?? standardizer.dims;
}

function reduceEach(matrices: FeatureMatrix[], reduce: (matrix: FeatureMatrix, i: number) => FeatureMatrix): void {
  matrices.forEach((matrix, i) => {
    matrices[i] = reduce(matrix, i);
  });
}

/** Training speakers do not come again, or come with recordings of their own: their statistics are not kept. */
function forNewSpeakers(matrices: readonly FeatureMatrix[]): Standardizer {
  const dims = matrices[0]?.dims;
  if (dims === undefined) throw new SerKitError('empty', 'trainRecognizer: expected at least one matrix, got none');
  return parseStandardizer({ kind: 'standardizer', version: 2, scope: 'speaker', dims, speakers: [] });
}

/** @throws SerKitError 'too-short' for a speaker with a single frame: standardized by itself it would say nothing */
function standardizersOf(
  matrices: readonly FeatureMatrix[],
  speakers: readonly string[],
): ReadonlyMap<string, Standardizer> {
  return new Map(
    Array.from(bySpeaker(matrices, speakers), ([speaker, theirs]) => {
      if (theirs.length === 1 && theirs[0]!.frames === 1) {
        throw new SerKitError(
          'too-short',
          `standardizing by speaker: expected more than one frame of each speaker, got one of ${quote(speaker)}`,
        );
      }
      return [speaker, fitStandardizer(theirs)];
    }),
  );
}
