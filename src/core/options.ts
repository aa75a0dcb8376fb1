import * as z from 'zod/mini';
import { quote, SerKitError, type SerKitErrorCode } from './errors.ts';

// Checking what comes from outside: options objects of factories, and JSON read from files.
// zod/mini carries no English messages (they would double its size), so the sentences are made here.

/** The part of a zod issue that the sentences are made from. */
interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly expected?: unknown;
  readonly origin?: string;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly inclusive?: boolean;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
  readonly errors?: readonly (readonly Issue[])[];
}

/** The value that lies at an issue's path. */
function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

function pathText(path: readonly PropertyKey[]): string {
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`)).join('');
}

/** What an issue says was expected, without the name and without what came. */
function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : `${issue.expected}`;
    case 'too_small':
      return limit(issue, issue.minimum, '>', 'at least');
    case 'too_big':
      return limit(issue, issue.maximum, '<', 'at most');
    case 'invalid_value':
      return (issue.values ?? []).map(quote).join(' | ');
    case 'invalid_union': {
      if (issue.message !== 'Invalid input') return issue.message;
      const parts = new Set((issue.errors ?? []).flatMap((branch) => branch.slice(0, 1).map(expectation)));
      return parts.size > 0 ? [...parts].join(' or ') : 'another type';
    }
    default:
      return issue.message === 'Invalid input' ? 'another value' : issue.message;
  }
}

/** A bound in words; of a text or a list it is the length that is bound. */
function limit({ origin, inclusive }: Issue, bound: unknown, sign: string, words: string): string {
  const unit = { string: 'character', array: 'item' }[origin as string];
  return unit === undefined
    ? `${sign}${inclusive ? '=' : ''} ${bound}`
    : `${words} ${bound} ${unit}${bound === 1 ? '' : 's'}`;
}

/** One issue as `name expected X, got Y`. */
function sentence(issue: Issue, root: unknown, known: readonly string[]): string {
  if (issue.code === 'unrecognized_keys') {
    const where = pathText(issue.path);
    const keys = (issue.keys ?? []).map((key) => quote(key)).join(', ');
    const those = issue.path.length === 0 && known.length > 0 ? ` (known: ${known.join(', ')})` : '';
    return `unknown option ${keys}${where === '' ? '' : ` in ${where}`}${those}`;
  }
  const name = pathText(issue.path) || 'options';
  const got = valueAt(root, issue.path);
  const isMissing = got === undefined && issue.path.length > 0;
  return `${name} expected ${expectation(issue)}${isMissing ? ' (required), got nothing' : `, got ${quote(got)}`}`;
}

/**
 * Holds an untrusted value against a schema and returns it typed.
 *
 * @param who  the function's public name, with which the message begins
 * @param code  the error's code; 'bad-option' unless told
 * @throws SerKitError naming every option that is wrong, what it expects and what it got
 */
export function parseOptions<T>(
  who: string,
  schema: z.core.$ZodType<T>,
  value: unknown,
  code: SerKitErrorCode = 'bad-option',
): T {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const shape = (schema as { _zod?: { def?: { shape?: Record<string, unknown> } } })._zod?.def?.shape;
  const known = shape === undefined ? [] : Object.keys(shape);
  const issues = result.error.issues as unknown as readonly Issue[];
  const text = issues.slice(0, 5).map((issue) => sentence(issue, value, known));
  throw new SerKitError(code, `${who}: ${text.join('; ')}`, { cause: result.error });
}

/**
 * Refuses an option that the schema leaves open, in the words that parseOptions uses.
 *
 * @throws SerKitError 'bad-option'
 */
export function checkOption(who: string, name: string, good: boolean, expected: string, got: unknown): void {
  if (!good) throw new SerKitError('bad-option', `${who}: ${name} expected ${expected}, got ${quote(got)}`);
}

// The schemas that several rooms need. Marked pure, so that a bundler drops those that nobody uses.
export const positive = /* @__PURE__ */ z.number().check(/* @__PURE__ */ z.positive());
export const nonNegative = /* @__PURE__ */ z.number().check(/* @__PURE__ */ z.nonnegative());
export const count = /* @__PURE__ */ z.int().check(/* @__PURE__ */ z.positive());
/** A count of samples that tables are made for: more than 16 million (6 minutes at 44,100 Hz) is a mistake. */
export const size = /* @__PURE__ */ z.int().check(/* @__PURE__ */ z.positive(), /* @__PURE__ */ z.maximum(2 ** 24));
export const seedNumber = /* @__PURE__ */ z.int().check(/* @__PURE__ */ z.nonnegative());

/** Options with every one of them decided. */
export type Resolved<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> };
