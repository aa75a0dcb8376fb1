import { SerKitError } from '../core/errors.ts';
import { speakersHeard } from '../xvector/speakers-heard.ts';
import type { XvectorWeights } from '../xvector/weights.ts';
import type { RecognizerSplit } from './recognizer-split.ts';

/** The speakers of the parts that judge whom the x-vector was trained on. */
export interface SeenSpeakers {
  readonly validation: readonly string[];
  readonly test: readonly string[];
}

/**
 * Holds whom an x-vector was trained on, as its card says, against the split. Speakers are
 * known by their ids alone: a corpus may have many names.
 *
 * @throws SerKitError 'bad-input' for speakers of validation or test among them, unless that is allowed
 */
export function seenSpeakers(weights: XvectorWeights, split: RecognizerSplit, allow: boolean): SeenSpeakers {
  const known = speakersHeard(weights.card);
  const among = (part: 'validation' | 'test'): readonly string[] =>
    [...new Set(split[part].map((clip) => clip.speakerId))].filter((id) => known.has(id)).sort();
  const seen = { validation: among('validation'), test: among('test') };
  const all = [...new Set([...seen.validation, ...seen.test])];
  if (all.length === 0 || allow) return seen;
  const name = corpusOf(weights);
  const corpus = typeof name === 'string' ? ` (${name})` : '';
  const some = all.length > 5 ? `${all.slice(0, 5).join(', ')} and ${all.length - 5} more` : all.join(', ');
  throw new SerKitError(
    'bad-input',
    `trainRecognizer: xvector expected weights that were not trained on speakers of split.validation or split.test, got ones trained on ${some}${corpus}; train an x-vector on the training speakers, or pass allowSeenSpeakers (--allow-seen-speakers) where the figures may be of voices it knows, or only the names are the same`,
  );
}

/** What the card calls the recordings that it was trained on. A card is anybody's JSON. */
function corpusOf({ card }: XvectorWeights): unknown {
  return objectOf(card?.trainedOn).corpus ?? card?.corpus;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
