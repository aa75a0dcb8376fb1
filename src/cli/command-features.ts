import { stat, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Command } from 'commander';
import { createFrontEnd } from '../clips/front-end.ts';
import { SerKitError } from '../core/errors.ts';
import type { Extractor, FeatureMatrix } from '../core/feature-matrix.ts';
import type { Waveform } from '../core/waveform.ts';
import { createFeatureSet, describeFeatureSet, featureSets } from '../features/feature-sets.ts';
import { FEATURE_NAMES, type FeatureName, NAMED_FEATURES } from '../features/named-features.ts';
import { planOf } from '../node/cache-key.ts';
import { mergeCaches } from '../node/merge-caches.ts';
import type { Shard } from '../node/shard-of.ts';
import type { Act } from './act.ts';
import { csvLine } from './csv.ts';
import { EXIT, WrongUse } from './failure.ts';
import { featuresOfCorpus } from './features-of-corpus.ts';
import { choiceOption, shardOption, wholeNumber } from './options.ts';
import { readFrontEnd } from './read-front-end.ts';
import { readRecording } from './read-recording.ts';
import type { Terminal } from './terminal.ts';
import { shellWord } from './text.ts';

interface Options {
  readonly feature?: string;
  readonly option?: string[];
  readonly set?: string;
  readonly frontEnd?: string;
  readonly out?: string;
  readonly csv?: string;
  readonly workers?: number;
  readonly shard?: Shard;
  readonly merge?: string[];
  readonly list?: true;
  readonly picture?: string;
  readonly json?: true;
}

/** 'logMel' -> 'log-mel'. */
const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Features by their names in the library and by the same names with dashes. */
const NAMES = new Map<string, FeatureName>(
  FEATURE_NAMES.flatMap((name) => [
    [dashed(name), name],
    [name, name],
  ]),
);

export function addFeaturesCommand(program: Command, terminal: Terminal, act: Act): void {
  program
    .command('features')
    .description('features of one recording as CSV, one frame a line; or of all WAV files of a folder, into a cache')
    .argument('[input]', 'a WAV file, or a folder')
    .addOption(
      choiceOption('--feature <name>', "one feature, at the file's own rate (default: mfcc)", [...NAMES.keys()]),
    )
    .option(
      '--option <option=value...>',
      "the feature's options by their names in the library, after the file: --option nMfcc=13 hopLength=160",
    )
    .option('--set <name>', 'a feature set; --list shows them')
    .option('--front-end <file>', 'JSON with sampleRate, normalizeLevel and features (see docs/front-end.md)')
    .option('--out <cache>', "the folder that keeps a folder's features; a run that was ended goes on where it was")
    .option('--csv <file>', "a table of a folder's recordings: path, then the functionals of the frames, a line each")
    .option('--workers <n>', 'threads that compute; 0 is none beside the first (default: one a core)', wholeNumber(0))
    .option('--shard <i/n>', 'only the i-th of n parts of the folder, for array jobs: --shard 1/8', shardOption)
    .option('--merge <caches...>', 'bring caches together in --out')
    .option('--picture <svg>', 'draw a recording: waveform, spectrogram, MFCC, pitch and energy on one axis of time')
    .option('--list', 'show the feature sets')
    .option('--json', 'one JSON value on stdout; of a recording: names, frames, dims and data, row-major')
    .allowExcessArguments() // features() says more about them than commander does
    .action(
      act((input: string | undefined, options: Options, { args }: Command) => {
        if (args.length > 1) throw new WrongUse(tooMany(args));
        return features(input, options, terminal);
      }),
    );
}

/** A shell writes `folder/*.wav` out. */
function tooMany(inputs: readonly string[]): string {
  const folder = dirname(inputs[0]!);
  const remedy =
    inputs.every((input) => dirname(input) === folder) && inputs.some((input) => /\.wav$/i.test(input))
      ? `name the folder that they lie in: ser-kit features ${shellWord(folder)}`
      : 'for several recordings name a folder that holds them';
  return `features expected one WAV file or one folder, got ${inputs.length}; ${remedy}`;
}

async function features(input: string | undefined, options: Options, terminal: Terminal): Promise<number> {
  if (options.list) {
    refuseOthers('--list', input, options, ['list', 'json']);
    return list(options, terminal);
  }
  if (options.merge !== undefined) {
    refuseOthers('--merge', input, options, ['merge', 'out', 'json']);
    return await merge(options.merge, options, terminal);
  }
  if (input === undefined) throw new WrongUse('features expected a WAV file or a folder, or --list, or --merge');
  const given = (['feature', 'set', 'frontEnd'] as const).filter((name) => options[name] !== undefined);
  if (given.length > 1) throw new WrongUse(`expected one of ${given.map((name) => `--${dashed(name)}`).join(' and ')}`);
  if (options.set?.includes('=')) {
    throw new WrongUse(`--set expected the name of a feature set, got ${options.set}; options are given by --option`);
  }
  const { picture } = options;
  if (await isFolder(input)) {
    if (picture !== undefined) throw new WrongUse(`--picture expected a WAV file, got the folder ${input}`);
    return await ofFolder(input, options, terminal);
  }
  for (const name of ['out', 'csv', 'workers', 'shard'] as const) {
    if (options[name] !== undefined) throw new WrongUse(`--${name} expected a folder of recordings, got ${input}`);
  }
  if (picture !== undefined && !/\.svg$/i.test(picture)) {
    throw new WrongUse(`--picture expected a file whose name ends in .svg, as SVG is what is drawn, got ${picture}`);
  }
  const waveform = await readRecording(input);
  if (picture !== undefined) {
    // Loaded here, so that commands that draw nothing do not load it.
    const { recordingPicture } = await import('./recording-picture.ts');
    await writePicture(picture, recordingPicture(waveform, basename(input)));
    terminal.err(`${shellWord(picture)}: ${basename(input)} drawn\n`);
    if (given.length === 0 && options.option === undefined && !options.json) return EXIT.good; // only the picture was asked for
  }
  return print(await ofFile(waveform, options), options.json === true, terminal);
}

/** @throws WrongUse where more is asked for than what `flag` goes with: it would be left undone without a word */
function refuseOthers(
  flag: string,
  input: string | undefined,
  options: Options,
  takes: readonly (keyof Options)[],
): void {
  const others = (Object.keys(options) as (keyof Options)[]).filter((name) => !takes.includes(name));
  const got = [...(input === undefined ? [] : [input]), ...others.map((name) => `--${dashed(name)}`)];
  if (got.length === 0) return;
  const known = takes.filter((name) => `--${dashed(name)}` !== flag).map((name) => `--${dashed(name)}`);
  throw new WrongUse(`${flag} expected nothing beside it but ${known.join(' and ')}, got ${got.join(' ')}`);
}

/** @throws SerKitError 'not-writable' */
async function writePicture(path: string, svg: string): Promise<void> {
  try {
    await writeFile(path, svg);
  } catch (error) {
    throw new SerKitError('not-writable', `${path}: cannot be written (${(error as Error).message})`, { cause: error });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

async function ofFolder(dir: string, options: Options, terminal: Terminal): Promise<number> {
  const { feature, set, frontEnd, out, csv, workers, shard, json } = options;
  if (feature !== undefined) throw new WrongUse(`--feature expected a WAV file, got the folder ${dir}`);
  if (set === undefined && frontEnd === undefined) {
    throw new WrongUse(`${dir} is a folder: expected --set NAME or --front-end FILE; --list shows the sets`);
  }
  if (out === '' || csv === '' || (out === undefined && csv === undefined)) {
    throw new WrongUse(
      `${dir} is a folder: expected --out CACHE to keep its features in, or --csv FILE for a line a recording`,
    );
  }
  if (options.option !== undefined) throw new WrongUse('--option expected --feature, which a folder does not take');
  const features = set ?? (await readFrontEnd(frontEnd!));
  return await featuresOfCorpus({ dir, features, out, csv, workers, shard, json: json === true }, terminal);
}

async function ofFile(waveform: Waveform, { feature, option, set, frontEnd }: Options): Promise<FeatureMatrix> {
  if (set === undefined && frontEnd === undefined) {
    const settings = Object.fromEntries((option ?? []).map(parseSetting));
    const create = NAMED_FEATURES[NAMES.get(feature ?? 'mfcc')!] as (options: unknown) => Extractor<unknown>;
    return create({ ...settings, sampleRate: waveform.sampleRate }).extract(waveform);
  }
  if (option !== undefined) throw new WrongUse('--option expected --feature, got --set or --front-end');
  const plan = planOf(set ?? (await readFrontEnd(frontEnd!)));
  return { ...createFrontEnd(plan.frontEnd).extract(waveform), names: plan.names };
}

function print(matrix: FeatureMatrix, json: boolean, terminal: Terminal): number {
  const { frames, dims, data } = matrix;
  const names = matrix.names ?? Array.from({ length: dims }, (_, i) => String(i));
  if (json) {
    terminal.out(`${JSON.stringify({ names, frames, dims, data: Array.from(data) })}\n`);
    return EXIT.good;
  }
  const rows = Array.from({ length: frames }, (_, t) => csvLine([...data.subarray(t * dims, (t + 1) * dims)]));
  terminal.out(`${[csvLine(names), ...rows].join('\n')}\n`);
  return EXIT.good;
}

function list({ json }: Options, terminal: Terminal): number {
  const sets = featureSets().map((name) => {
    const { description, sampleRate, features } = describeFeatureSet(name);
    return { name, description, sampleRate, names: createFeatureSet(name).names, features };
  });
  if (json) {
    terminal.out(`${JSON.stringify(sets)}\n`);
    return EXIT.good;
  }
  const width = Math.max(...sets.map(({ name }) => name.length));
  for (const { name, names, sampleRate, description } of sets) {
    terminal.out(`${name.padEnd(width)}  ${String(names.length).padStart(4)} at ${sampleRate} Hz  ${description}\n`);
  }
  return EXIT.good;
}

async function merge(caches: readonly string[], { out, json }: Options, terminal: Terminal): Promise<number> {
  if (out === undefined || out === '') throw new WrongUse('--merge expected --out CACHE to bring them together in');
  const { copied, already, damaged } = await mergeCaches(caches, out);
  if (json) terminal.out(`${JSON.stringify({ out, copied, already, damaged })}\n`);
  else terminal.out(`${shellWord(out)}: ${copied} entries copied, ${already} there before\n`);
  if (damaged > 0)
    terminal.err(`${damaged} entries were damaged and left out; run \`ser-kit features\` again for them\n`);
  return damaged > 0 ? EXIT.failed : EXIT.good;
}

/** 'nMfcc=13' -> ['nMfcc', 13]; values are JSON where they can be, text otherwise. */
function parseSetting(text: string): [string, unknown] {
  const cut = text.indexOf('=');
  if (cut < 1) throw new WrongUse(`--option expected option=value, got ${text}`);
  const value = text.slice(cut + 1);
  try {
    return [text.slice(0, cut), JSON.parse(value)];
  } catch {
    return [text.slice(0, cut), value];
  }
}
