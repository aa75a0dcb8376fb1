import { quote, SerKitError } from '../core/errors.ts';

/** What a class is called: a name or a number; not both in one call. */
export type Label = string | number;

/** Names by UTF-16 code units, numbers by value. */
function sorted<L extends Label>(labels: Iterable<L>): L[] {
  const list = [...labels];
  return typeof list[0] === 'number' ? list.sort((a, b) => (a as number) - (b as number)) : list.sort();
}

function checkLabelArray(who: string, name: string, labels: readonly Label[], type: string): void {
  const at = labels.findIndex((label) => typeof label !== type || Number.isNaN(label));
  if (at === -1) return;
  const expected = type === 'string' ? 'strings, as truth begins with one' : 'numbers, as truth begins with one';
  throw new SerKitError('bad-input', `${who}: ${name} expected ${expected}, got ${quote(labels[at])} at index ${at}`);
}

/**
 * Checks what every metric takes: two arrays of labels, as long as each other, not empty, of one type.
 *
 * @throws SerKitError 'bad-input' or 'empty'
 */
export function checkTruthAndPredicted(who: string, truth: readonly Label[], predicted: readonly Label[]): void {
  for (const [name, labels] of [
    ['truth', truth],
    ['predicted', predicted],
  ] as const) {
    if (Array.isArray(labels)) continue;
    throw new SerKitError('bad-input', `${who}: ${name} expected an array of labels, got ${quote(labels)}`);
  }
  if (truth.length !== predicted.length) {
    throw new SerKitError(
      'bad-input',
      `${who}: predicted expected as many labels as truth (${truth.length}), got ${predicted.length}`,
    );
  }
  if (truth.length === 0) throw new SerKitError('empty', `${who}: truth expected at least one label, got none`);
  const type = typeof truth[0] === 'number' ? 'number' : 'string';
  checkLabelArray(who, 'truth', truth, type);
  checkLabelArray(who, 'predicted', predicted, type);
}

/**
 * The classes to count, in their order: those asked for, or those that occur in truth or predicted, sorted.
 *
 * @throws SerKitError 'bad-option' where none are asked for, one is asked for twice or one is of another type
 */
export function classesOf<L extends Label>(
  who: string,
  truth: readonly L[],
  predicted: readonly L[],
  asked: readonly L[] | undefined,
): readonly L[] {
  if (asked === undefined) return sorted(new Set([...truth, ...predicted]));
  if (asked.length === 0) throw new SerKitError('bad-option', `${who}: labels expected at least one label, got none`);
  const twice = asked.find((label, i) => asked.indexOf(label) !== i);
  if (twice !== undefined) {
    throw new SerKitError('bad-option', `${who}: labels expected each label once, got ${quote(twice)} twice`);
  }
  const type = typeof truth[0];
  const other = asked.find((label) => typeof label !== type || Number.isNaN(label));
  if (other !== undefined) {
    throw new SerKitError('bad-option', `${who}: labels expected ${type}s, as truth holds, got ${quote(other)}`);
  }
  return [...asked];
}
