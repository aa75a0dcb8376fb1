import { InvalidArgumentError, Option } from 'commander';

/** An option that takes one of a few words. */
export function choiceOption(
  flags: string,
  description: string,
  choices: readonly string[],
  fallback?: string,
): Option {
  const option = new Option(flags, description).choices([...choices]);
  return fallback === undefined ? option : option.default(fallback);
}

/** Parses a whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`expected a whole number >= ${least}.`);
    }
    return value;
  };
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number > 0.');
  return value;
}

export function nonNegativeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0) || !Number.isFinite(value)) {
    throw new InvalidArgumentError('expected a number >= 0.');
  }
  return value;
}

/** A number between 0 and 1, neither of them. */
export function fraction(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('expected a number between 0 and 1.');
  return value;
}

export function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value < 1)) throw new InvalidArgumentError('expected a number in [0, 1).');
  return value;
}

/** '2/8' -> { index: 2, of: 8 }. */
export function shardOption(text: string): { readonly index: number; readonly of: number } {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (!(shard.index >= 1 && shard.index <= shard.of)) {
    throw new InvalidArgumentError('expected i/n with i from 1 to n, such as 1/8.');
  }
  return shard;
}

/** '0.95' -> a share of the variance; '40' -> so many components. */
export function shareOrCount(text: string): { readonly share: number } | { readonly components: number } {
  const value = Number(text);
  // 1.0 looks like a share and 1 like a count: neither is guessed.
  const isShare = text.includes('.') || /e-/i.test(text);
  if (value > 0 && value < 1) return { share: value };
  if (Number.isSafeInteger(value) && value >= 1 && !isShare) return { components: value };
  throw new InvalidArgumentError('expected a share between 0 and 1, or a whole number >= 1 without a point.');
}

/** '64,128' -> [64, 128]. */
export function wholeNumbers(text: string): number[] {
  return text.split(',').map((part) => wholeNumber(1)(part));
}

/** So many stretches, none of them longer than `most`. */
export interface Stretches {
  readonly count: number;
  readonly most: number;
}

/** '20' -> one stretch of up to 20; '2x20' -> two. */
export function stretches(text: string): Stretches {
  const [, count = '1', most] = /^(?:(\d+)x)?(\d+)$/.exec(text) ?? [];
  const found = { count: Number(count), most: Number(most) };
  if (!(found.count >= 1 && found.most >= 1) || !Number.isSafeInteger(found.count * found.most)) {
    throw new InvalidArgumentError('expected a whole number >= 1, or two such as 2x20.');
  }
  return found;
}
