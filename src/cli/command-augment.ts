import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Command } from 'commander';
import { isSerKitError, SerKitError } from '../core/errors.ts';
import type { Waveform } from '../core/waveform.ts';
import { plural } from '../datasets/corpus.ts';
import { writeDirectory } from '../node/write-directory.ts';
import type { Act } from './act.ts';
import {
  type AugmentedRecording,
  type AugmentJob,
  augmentRecording,
  besideRecord,
  fileNames,
} from './augment-recording.ts';
import {
  type AugmentationRecord,
  ENCODINGS,
  type Encoding,
  readRecord,
  waveformDigest,
} from './augmentation-record.ts';
import { EXIT, WrongUse, withoutFunction } from './failure.ts';
import { onInterrupt } from './interrupt.ts';
import { choiceOption, wholeNumber } from './options.ts';
import { Progress } from './progress.ts';
import { loadAugmentation, type ReadAugmentation, readAugmentation } from './read-augmentation.ts';
import { readRecording } from './read-recording.ts';
import type { Terminal } from './terminal.ts';
import { shellWord } from './text.ts';

interface Options {
  readonly out: string;
  readonly config?: string;
  readonly count?: number;
  readonly seed?: number;
  readonly encoding?: Encoding;
  readonly replay?: string;
  readonly picture: boolean;
  readonly force?: true;
  readonly json?: true;
}

type Answer = { readonly file: string } & (
  | { readonly picture: string | null; readonly draws: string; readonly versions: readonly object[] }
  | { readonly error: { readonly code: string; readonly message: string } }
);

const COUNT = 5;

export function addAugmentCommand(program: Command, terminal: Terminal, act: Act): void {
  program
    .command('augment')
    .description(
      'versions of recordings to listen to, with a picture of before and after and a record of what was drawn',
    )
    .argument('[file...]', 'WAV files of any sample rate')
    .option('--config <file>', 'JSON with the transforms (see docs/augmentation.md)')
    .option('--count <n>', `versions of each recording (default: ${COUNT})`, wholeNumber(1))
    .requiredOption('--out <dir>', 'the folder to write x-1.wav, x-2.wav, ..., x.svg and x.draws.json in')
    .option('--seed <n>', 'fixes what is drawn, for each file name and version (default: 1)', wholeNumber(0))
    .addOption(
      choiceOption(
        '--encoding <name>',
        'of the WAV files; float32 keeps what is beyond full scale, the others clip it (default: float32)',
        ENCODINGS,
      ),
    )
    .option('--replay <draws>', 'do again what an x.draws.json says: the same files, to the byte')
    .option('--no-picture', 'write no x.svg')
    .option('--force', 'overwrite files that exist')
    .option('--json', 'one JSON value on stdout')
    .action(act((files: string[], options: Options) => augment(files, options, terminal)));
}

/** A recording to work on, and what of it is to be made again. */
interface Piece {
  readonly file: string;
  /** Its files' names begin with it. */
  readonly name: string;
  readonly record?: AugmentationRecord;
}

async function augment(files: readonly string[], options: Options, terminal: Terminal): Promise<number> {
  const { out, force, json } = options;
  if (out === '') throw new WrongUse('--out expected the name of a folder, got none');
  const { pieces, job } =
    options.replay === undefined ? await drawing(files, options) : await replaying(files, options);
  const count = (piece: Piece): number => piece.record?.versions.length ?? options.count ?? COUNT;
  await refuseOverwriting(pieces, job, options.count ?? COUNT, force === true);
  for (const note of [...notesOn(job.augmentation), ...job.augmentation.leftOut]) terminal.err(`${note}\n`);
  const progress = new Progress(terminal, 'augmenting');
  const total = pieces.reduce((sum, piece) => sum + count(piece), 0);
  let done = 0;
  const interrupt = onInterrupt(() => terminal.err('\ninterrupted: ending after this version\n'));
  const pause = async (): Promise<void> => {
    await setImmediate(); // in which Ctrl-C is heard
    if (interrupt.signal.aborted) {
      throw new SerKitError('aborted', 'interrupted; recordings that were done have their files, others none');
    }
    progress.update(done++, total);
  };
  const answers: Answer[] = [];
  let told = isRandom(job.augmentation.augmentation.toJSON());
  try {
    for (const piece of pieces) {
      try {
        const original = await readRecording(piece.file);
        if (piece.record !== undefined) checkSame(piece.file, original, piece.record.sha256);
        const made = await augmentRecording(
          piece.file,
          piece.name,
          original,
          job,
          piece.record?.versions ?? count(piece),
          pause,
        );
        await writeDirectory(out, made.files);
        progress.close();
        answers.push(answerOf(piece, made, out));
        if (!json) show(piece, made, out, terminal);
        warn(made, piece, job.encoding, terminal);
        if (told || !allAlike(made)) continue;
        told = true;
        terminal.err('note: nothing is random here: all versions are alike\n');
      } catch (error) {
        if (!isSerKitError(error) || error.code === 'aborted' || error.code === 'not-writable') throw error;
        if (pieces.length === 1) throw error;
        progress.close();
        const said = withoutFunction(error.message);
        const message = said.startsWith(piece.file) ? said : `${piece.file}: ${said}`;
        answers.push({ file: piece.file, error: { code: error.code, message } });
        if (!json) terminal.err(`ser-kit: ${message}\n`);
      }
    }
  } finally {
    interrupt.done();
    progress.close();
  }
  if (json) terminal.out(`${JSON.stringify(answers)}\n`);
  return answers.some((answer) => 'error' in answer) ? EXIT.failed : EXIT.good;
}

/** New versions, drawn by the seed. */
async function drawing(
  files: readonly string[],
  { config, out, seed = 1, encoding = 'float32', picture }: Options,
): Promise<{ pieces: Piece[]; job: AugmentJob }> {
  if (files.length === 0) throw new WrongUse('augment expected at least one WAV file');
  if (config === undefined) throw new WrongUse('augment expected --config FILE: JSON with the transforms, or --replay');
  const pieces = files.map((file) => ({ file, name: basename(file).replace(/\.wav$/i, '') }));
  for (const [i, { file, name }] of pieces.entries()) {
    const other = pieces.slice(0, i).find((piece) => piece.name === name);
    if (other === undefined) continue;
    if (resolve(other.file) === resolve(file))
      throw new WrongUse(`${file} is given twice; --count makes more versions`);
    throw new WrongUse(`${other.file} and ${file} would have files of the same names; give each an --out of its own`);
  }
  return { pieces, job: { config, augmentation: await readAugmentation(config), out, seed, encoding, picture } };
}

/** The versions of a record. */
async function replaying(
  files: readonly string[],
  { replay, out, picture, ...others }: Options,
): Promise<{ pieces: Piece[]; job: AugmentJob }> {
  const path = replay!;
  for (const name of ['config', 'count', 'seed', 'encoding'] as const) {
    if (others[name] !== undefined) throw new WrongUse(`--replay takes --${name} from ${path}; leave it out`);
  }
  if (files.length > 1) throw new WrongUse(`--replay expected the one recording of ${path}, got ${files.length}`);
  const record = await readRecord(path);
  const config = besideRecord(path, record.config);
  const augmentation = await loadAugmentation(record.augmentation, dirname(config), path);
  for (const [name, waveform] of Object.entries(augmentation.recordings)) {
    checkSame(resolve(dirname(config), name), waveform, record.recordings[name]);
  }
  const file = files[0] ?? besideRecord(path, record.file);
  const name = basename(path).replace(/\.draws\.json$/i, '');
  const { seed, encoding } = record;
  return { pieces: [{ file, name, record }], job: { config, augmentation, out, seed, encoding, picture } };
}

/** @throws SerKitError 'altered' */
function checkSame(file: string, waveform: Waveform, sha256: string | undefined): void {
  if (waveformDigest(waveform) === sha256) return;
  throw new SerKitError('altered', `${file}: expected the recording that was there for the draws, got other samples`);
}

/** Before anything is computed. @throws SerKitError 'exists'; WrongUse where a recording itself would be overwritten */
async function refuseOverwriting(
  pieces: readonly Piece[],
  { out, config, augmentation, picture }: AugmentJob,
  count: number,
  force: boolean,
): Promise<void> {
  const read = [config, ...pieces.map(({ file }) => file)];
  for (const name of Object.keys(augmentation.recordings)) read.push(resolve(dirname(config), name));
  const sources = new Set(await Promise.all(read.map(placeOf)));
  for (const piece of pieces) {
    for (const name of fileNames(piece.name, piece.record?.versions ?? count, picture)) {
      const path = join(out, name);
      if (sources.has(await placeOf(path)))
        throw new WrongUse(`${path} is read and would be overwritten; choose another --out`);
      if (force || (await stat(path).catch(() => undefined)) === undefined) continue;
      throw new SerKitError('exists', `${path}: expected no such file; --force overwrites it, or choose another --out`);
    }
  }
}

/** Where a file is in truth, whatever links lead there. */
async function placeOf(path: string): Promise<string> {
  const real = (each: string): Promise<string> => realpath(each).catch(() => resolve(each));
  return await realpath(path).catch(async () => join(await real(dirname(path)), basename(path)));
}

/** What of the augmentation cannot be heard. */
function notesOn({ augmentation }: ReadAugmentation): string[] {
  const notes: string[] = [];
  if (augmentation.features !== undefined) {
    notes.push('note: masks are of features: the picture shows them on log-mel features, the WAV files are without');
  }
  if (augmentation.mixup !== undefined) {
    notes.push('note: mixup mixes the clips of a batch in training; it does nothing to single recordings');
  }
  if (augmentation.waveform === undefined) notes.push('note: nothing works on samples: the WAV files sound as before');
  return notes;
}

/** Whether something is left to chance that two versions can agree on. */
function isRandom(json: unknown): boolean {
  return /"transform":"(?:maybe|oneOf|someOf)"/.test(JSON.stringify(json));
}

/** Whether all of several versions came of one draw. */
function allAlike({ versions }: AugmentedRecording): boolean {
  const drawn = versions.map(({ waveform, features }) => JSON.stringify([waveform, features]));
  return drawn.length > 1 && drawn[0] !== '[null,null]' && drawn.every((each) => each === drawn[0]);
}

function answerOf({ file, name }: Piece, { versions, files }: AugmentedRecording, out: string): Answer {
  return {
    file,
    picture: files.has(`${name}.svg`) ? join(out, `${name}.svg`) : null,
    draws: join(out, `${name}.draws.json`),
    versions: versions.map(({ file: its, durationSec, peak, beyond, waveform, features }) => ({
      file: join(out, its),
      durationSec,
      peak,
      beyond,
      waveform,
      features,
    })),
  };
}

function show({ file, name }: Piece, { versions, files }: AugmentedRecording, out: string, terminal: Terminal): void {
  const drawn = [`${name}.svg`, `${name}.draws.json`]
    .filter((each) => files.has(each))
    .map((each) => shellWord(join(out, each)))
    .join(', ');
  terminal.out(`${file}: ${plural(versions.length, 'version')} in ${shellWord(out)}; ${drawn}\n`);
  for (const { file: its, notes } of versions) terminal.out(`  ${its}  ${notes.join('; ') || 'nothing is changed'}\n`);
}

/** Says what a listener may take for a transform's work, and what came out other than it was. */
function warn(
  { versions, notDrawn }: AugmentedRecording,
  { file, record }: Piece,
  encoding: Encoding,
  terminal: Terminal,
): void {
  if (notDrawn !== undefined) terminal.err(`${file}: warning: no picture was made: ${notDrawn}\n`);
  const loud = versions.filter(({ beyond }) => beyond > 0);
  if (loud.length > 0) {
    const what =
      encoding === 'float32'
        ? 'kept in the file, and clipped by what plays it'
        : 'clipped in the file; --encoding float32 keeps them';
    const most = loud.reduce((a, b) => (b.beyond > a.beyond ? b : a)).beyond;
    const peak = Math.max(...loud.map((each) => each.peak)).toPrecision(3);
    const samples = most === 1 ? '1 sample lies' : `${loud.length > 1 ? 'up to ' : ''}${most} samples lie`;
    const names = loud.map((each) => each.file);
    const shown = names.length > 3 ? `${names.slice(0, 2).join(', ')} and ${names.length - 2} more` : names.join(', ');
    terminal.err(`${shown}: warning: ${samples} beyond full scale (up to ${peak}): ${what}\n`);
  }
  const others = versions.filter(({ sha256 }, i) => record !== undefined && sha256 !== record.versions[i]!.sha256);
  if (others.length === 0) return;
  const names = others.map(({ file }) => file).join(', ');
  terminal.err(
    `warning: ${names} came out with other bytes than before: ser-kit ${record!.serKit} wrote them, or another machine did\n`,
  );
}
