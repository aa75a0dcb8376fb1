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
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
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
    case 'too_small': {
      const sized = issue.origin === 'array' || issue.origin === 'string' || issue.origin === 'set';
      if (sized) return `at least ${issue.minimum} ${issue.origin === 'string' ? 'characters' : 'items'}`;
      return `${issue.inclusive ? '>=' : '>'} ${issue.minimum}`;
    }
    case 'too_big': {
      const sized = issue.origin === 'array' || issue.origin === 'string' || issue.origin === 'set';
      if (sized) return `at most ${issue.maximum} ${issue.origin === 'string' ? 'characters' : 'items'}`;
      return `${issue.inclusive ? '<=' : '<'} ${issue.maximum}`;
    }
    case 'invalid_value':
      return (issue.values ?? []).map((value) => quote(value)).join(' | ');
    case 'invalid_union': {
      const parts = new Set((issue.errors ?? []).flatMap((branch) => branch.slice(0, 1).map(expectation)));
      return parts.size > 0 ? [...parts].join(' or ') : 'another type';
    }
    default:
      return issue.message === 'Invalid input' ? 'another value' : issue.message;
  }
}

/** One issue as `name expected X, got Y`. */
function sentence(issue: Issue, root: unknown, known: readonly string[]): string {
  if (issue.code === 'unrecognized_keys') {
    const where = pathText(issue.path);
    const keys = (issue.keys ?? []).map((key) => quote(key)).join(', ');
    const those = issue.path.length === 0 && known.length > 0 ? ` (known: ${known.join(', ')})` : '';
    return `unknown option ${keys}${where === '' ? '' : ` in ${where}`}${those}`;
  }
  const name = pathText(issue.path);
  return `${name === '' ? 'options' : name} expected ${expectation(issue)}, got ${quote(valueAt(root, issue.path))}`;
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

/** Schemas that several rooms need. */
export const positive = z.number().check(z.positive());
export const nonNegative = z.number().check(z.nonnegative());
export const count = z.int().check(z.positive());
export const seedNumber = z.int().check(z.nonnegative());
export const fraction = z.number().check(z.minimum(0), z.maximum(1));
