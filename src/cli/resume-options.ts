import { resolve } from 'node:path';
import type { Command } from 'commander';
import { canonicalJson } from '../clips/canonical-front-end.ts';
import type { FrontEndOptions } from '../clips/front-end.ts';
import { WrongUse } from './failure.ts';
import { TRAINING_FILE, type Training } from './training-file.ts';

interface Given {
  readonly cache?: string | undefined;
}

/** Options that are about one process and not about what it computes: they may differ when a run is gone on with. */
const FREE = new Set(['out', 'resume', 'force', 'json', 'cache', 'workers']);
/** Options that a training keeps as what they came to. */
const RESOLVED = new Set(['frontEnd', 'features', 'augment', 'xvector']);

/** For messages. */
export const whereKept = `${TRAINING_FILE} there`;

/** The options as training.json keeps them. */
export function optionsToKeep(options: Given): Record<string, unknown> {
  const { cache } = options;
  const kept = Object.entries(options).filter(
    ([name, value]) => value !== undefined && (name === 'workers' || !(FREE.has(name) || RESOLVED.has(name))),
  );
  return { ...Object.fromEntries(kept), ...(cache === undefined ? {} : { cache: resolve(cache) }) };
}

/**
 * The options that a run was begun with, and those of this process that do not count.
 *
 * @param where  the options that it was begun with are kept
 * @param frontEnd  what --front-end and --features of this command line come to; undefined where neither was given
 * @throws WrongUse where another value was given of one that counts
 */
export function optionsOfRun<T extends Given>(
  run: string,
  training: Training,
  given: T,
  frontEnd: FrontEndOptions | undefined,
  command: Command,
  where = whereKept,
): T {
  const before = training.options;
  const options: Record<string, unknown> = { ...before };
  const differences: string[] = [];
  for (const option of command.options) {
    const name = option.attributeName();
    if (command.getOptionValueSource(name) !== 'cli' || RESOLVED.has(name)) continue;
    const value = (given as unknown as Record<string, unknown>)[name];
    if (FREE.has(name)) options[name] = value;
    else if (textOf(value) !== textOf(before[name])) {
      differences.push(`${option.long} ${inWords(before[name])}, not ${inWords(value)}`);
    }
  }
  if (frontEnd !== undefined && textOf(frontEnd) !== textOf(training.frontEnd)) {
    differences.push('another --front-end or --features');
  }
  if (differences.length > 0) {
    throw new WrongUse(
      `${run}: the training was begun with ${differences.join('; ')} (see ${where}); leave that out to go on with it, or begin again with --force in place of --resume`,
    );
  }
  return options as unknown as T;
}

function textOf(value: unknown): string {
  return canonicalJson('train', value ?? null);
}

function inWords(value: unknown): string {
  if (value === undefined || value === null) return '(left out)';
  if (value === true) return '(given)';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
