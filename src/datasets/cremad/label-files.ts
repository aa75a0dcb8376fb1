import { SerKitError } from '../../core/errors.ts';
import { columnIndices, parseCsv } from '../csv.ts';
import { CREMAD_EMOTIONS, type CremadEmotion } from './names.ts';

/** Who speaks, as the corpus's VideoDemographics.csv says. */
export interface CremadActor {
  /** In years. */
  readonly age: number;
  readonly sex: 'female' | 'male';
  readonly race: string;
  readonly ethnicity: string;
}

/** What the crowd heard or saw in a clip. */
export interface CremadVotes {
  /** How many raters chose each emotion. */
  readonly counts: Readonly<Record<CremadEmotion, number>>;
  /** The counts over their sum: 1 in sum. */
  readonly distribution: Readonly<Record<CremadEmotion, number>>;
}

/** What the raters were shown. */
export type CremadModality = 'voice' | 'face' | 'both';

/** A clip's votes by what the raters were shown; without what nobody rated. */
export type CremadVotesByModality = Partial<Record<CremadModality, CremadVotes>>;

/**
 * The actors by id, from VideoDemographics.csv (ActorID, Age, Sex, Race, Ethnicity).
 *
 * @throws SerKitError 'bad-format' naming the line
 */
export function parseDemographics(path: string, text: string): Map<string, CremadActor> {
  const table = parseCsv(path, text);
  const at = columnIndices(path, table, ['ActorID', 'Age', 'Sex', 'Race', 'Ethnicity']);
  const actors = new Map<string, CremadActor>();
  for (const { line, cells } of table.rows) {
    const id = cells[at.ActorID]?.trim() ?? '';
    const age = wholeNumber(cells[at.Age]);
    const sex = cells[at.Sex]?.trim().toLowerCase();
    if (id === '' || age === undefined || (sex !== 'female' && sex !== 'male')) {
      throw new SerKitError(
        'bad-format',
        `${path}, line ${line}: expected an actor's id, age and sex, got ${cells.join(',')}`,
      );
    }
    actors.set(id, { age, sex, race: cells[at.Race]?.trim() ?? '', ethnicity: cells[at.Ethnicity]?.trim() ?? '' });
  }
  return actors;
}

/** Column of tabulatedVotes.csv for each emotion. */
const VOTE_COLUMNS = { A: 'angry', D: 'disgust', F: 'fear', H: 'happy', N: 'neutral', S: 'sad' } as const;

/** What the first digit of a row's number in tabulatedVotes.csv says that raters were shown. */
const MODALITY_OF_DIGIT: Readonly<Record<string, CremadModality>> = { '1': 'voice', '2': 'face', '3': 'both' };

/**
 * Every clip's votes by its id, from processedResults/tabulatedVotes.csv: the first column is the row's number (its
 * first digit says what raters were shown: 1 the voice, 2 the face, 3 both), A D F H N S are the counts, fileName the
 * clip.
 *
 * @throws SerKitError 'bad-format' naming the line
 */
export function parseVotes(path: string, text: string): Map<string, CremadVotesByModality> {
  const table = parseCsv(path, text);
  const letters = Object.keys(VOTE_COLUMNS) as (keyof typeof VOTE_COLUMNS)[];
  const at = columnIndices(path, table, [...letters, 'fileName']);
  const votes = new Map<string, CremadVotesByModality>();
  for (const { line, cells } of table.rows) {
    const modality = MODALITY_OF_DIGIT[cells[0]?.trim().charAt(0) ?? ''];
    const id = cells[at.fileName]?.trim().toUpperCase() ?? '';
    const numbers = letters.map((letter) => wholeNumber(cells[at[letter]]));
    if (modality === undefined || id === '' || numbers.includes(undefined)) {
      const start = cells.slice(0, 8).join(',');
      throw new SerKitError(
        'bad-format',
        `${path}, line ${line}: expected a row number that begins with 1, 2 or 3, six counts and a clip, got ${start}`,
      );
    }
    const counts = zeroCounts();
    letters.forEach((letter, i) => {
      counts[VOTE_COLUMNS[letter]] = numbers[i]!;
    });
    const sum = CREMAD_EMOTIONS.reduce((total, emotion) => total + counts[emotion], 0);
    if (sum === 0) continue;
    const distribution = zeroCounts();
    for (const emotion of CREMAD_EMOTIONS) distribution[emotion] = counts[emotion] / sum;
    const own: CremadVotesByModality = votes.get(id) ?? {};
    own[modality] = { counts, distribution };
    votes.set(id, own);
  }
  return votes;
}

/** The ids that SentenceFilenames.csv names. @throws SerKitError 'bad-format' */
export function parseSentenceFilenames(path: string, text: string): string[] {
  const table = parseCsv(path, text);
  const at = columnIndices(path, table, ['Filename']);
  return table.rows.map(({ cells }) => cells[at.Filename]?.trim().toUpperCase() ?? '').filter((id) => id !== '');
}

function zeroCounts(): Record<CremadEmotion, number> {
  return { neutral: 0, happy: 0, sad: 0, angry: 0, fear: 0, disgust: 0 };
}

/** A whole number >= 0 written in digits, or undefined. */
function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d+\s*$/.test(text) ? Number(text) : undefined;
}
