import type { XvectorWeights } from './weights.ts';

/**
 * The speakers that a network learnt from, as far as its card names them: those of `speakers` and of `trainedOn.speakers`, each a
 * list or `{ train, validation }`, together ({@link trainXvector} writes `speakers.train`). Empty where the card names none, which says nothing
 * of whom the network heard. A card is anybody's JSON: what is of another form is passed over.
 *
 * @example
 * speakersHeard({ speakers: { train: ['1001', '1002'] }, trainedOn: { speakers: ['1003'] } }); // Set { '1001', '1002', '1003' }
 */
export function speakersHeard(card: XvectorWeights['card']): Set<string> {
  return new Set([card?.speakers, objectOf(card?.trainedOn).speakers, card?.trainedOn].flatMap(idsOf));
}

/** Of a list, or of the lists of an object's `train` and `validation`. */
function idsOf(value: unknown): string[] {
  const { train, validation } = objectOf(value);
  return [value, train, validation]
    .flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []))
    .filter((id) => typeof id === 'string' || typeof id === 'number')
    .map(String);
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
