import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { SerKitError } from '../core/errors.ts';
import { plural } from '../datasets/corpus.ts';
import { writeAtomically } from '../node/atomic-file.ts';
import { augmentCorpus } from '../node/augment-corpus.ts';
import { extractCorpus } from '../node/extract-corpus.ts';
import { reasonOf, writeReasonOf } from '../node/paths.ts';
import type { TrainXvectorOptions } from '../xvector/train-xvector-options.ts';
import type { Act } from './act.ts';
import { startBackend } from './backend.ts';
import { chosenFrontEnd } from './chosen-front-end.ts';
import { EXIT, WrongUse } from './failure.ts';
import { onInterrupt } from './interrupt.ts';
import { chosenAugmentation } from './kept-augmentation.ts';
import { openCheckedCorpus } from './open-corpus.ts';
import { speakersPicked } from './pick-speakers.ts';
import { duration } from './progress.ts';
import { refuseInside } from './refuse-inside.ts';
import type { Terminal } from './terminal.ts';
import { TrainingWatch } from './training-watch.ts';
import { addXvectorTrainOptions, type XvectorTrainCommandOptions } from './xvector-train-options.ts';

export function addXvectorTrain(parent: Command, terminal: Terminal, act: Act): void {
  const command = parent
    .command('train')
    .description('train an x-vector network to tell the speakers of a folder of recordings apart')
    .argument(
      '<dir>',
      'CREMA-D, or a folder of LABEL/[SPEAKER/]x.wav, or one with a labels.csv of path,label,speaker; labels are not looked at',
    );
  addXvectorTrainOptions(command).action(
    act((dir: string, options: XvectorTrainCommandOptions) => train(dir, options, terminal)),
  );
}

async function train(dir: string, options: XvectorTrainCommandOptions, terminal: Terminal): Promise<number> {
  const began = Date.now();
  const { out } = options;
  const kept = `${out}.checkpoint`;
  if (options.onlySpeakers !== undefined && options.withoutSpeakers !== undefined) {
    throw new WrongUse('--only-speakers and --without-speakers: give one of them');
  }
  if (options.resume && options.force) {
    throw new WrongUse('--resume goes on with a training and --force begins again; give one of them');
  }
  if (!out.endsWith('.xvector')) throw new WrongUse(`--out expected a name that ends in .xvector, got ${out}`);
  await refuseInside(out, dir);
  refuseToOverwrite(out, kept, options);
  const augment = await chosenAugmentation(options.augment);
  const frontEnd = await chosenFrontEnd(options.frontEnd, undefined);
  const resumeFrom = options.resume ? await checkpointAt(kept) : undefined;
  if (options.resume && resumeFrom === undefined) {
    terminal.err(`${kept}: not there yet: beginning with the first epoch\n`);
  }
  let saved = resumeFrom !== undefined;
  const interrupt = onInterrupt(
    () => terminal.err(`\ninterrupted: ${saved ? 'keeping the best network so far' : 'ending; no epoch is done'}\n`),
    () => terminal.err('\ninterrupted again: ending at once\n'),
  );
  const { signal } = interrupt;
  try {
    await startBackend(options.backend);
    const pick = await speakersPicked(options);
    const corpus = await openCheckedCorpus(dir, options, terminal, signal, pick);
    for (const note of augment?.leftOut ?? []) terminal.err(`${note}\n`);
    const speakers = new Set(corpus.clips.map((clip) => clip.speakerId)).size;
    terminal.err(`${plural(speakers, 'speaker')}, ${plural(corpus.clips.length, 'clip')} to learn from\n`);
    const { trainXvector } = await import('../xvector/train-xvector.ts');
    const { encodeXvector } = await import('../xvector/own-format.ts');
    const watch = new TrainingWatch(terminal, 2 * options.validation * corpus.clips.length);
    const { weights, history } = await trainXvector(corpus.clips, {
      ...libraryOptions(options),
      frontEnd,
      featuresOf: (clips, decided) =>
        extractCorpus(clips, decided, { workers: options.workers, cache: options.cache, dir, signal }),
      augment: augment?.augmentation,
      augmentedFeaturesOf: (work) =>
        augmentCorpus(work, { workers: options.workers, dir, recordings: augment?.recordings }),
      about: { corpus: corpus.name, attribution: corpus.attribution },
      signal,
      onEvent: (event) => {
        if (event.type === 'few-speakers') {
          const text = `${event.speakers} speakers are few: the network will know those, and little that tells others apart`;
          terminal.err(`note: ${text}\n`);
        } else if (event.type === 'whitening') {
          terminal.err(`learning the spread within speakers on ${plural(event.clips, 'clip')}\n`);
        } else watch.on(event);
      },
      onCheckpoint: ({ bytes }) => {
        write(kept, bytes);
        saved = true;
      },
      resumeFrom,
    }).finally(() => watch.close());
    const bytes = encodeXvector(weights, { values: options.values });
    write(out, bytes);
    const isDone = history.stopped !== 'aborted';
    if (isDone) rmSync(kept, { force: true });
    const { accuracy } = history.epochs[history.bestEpoch - 1]!.validation;
    if (options.json) {
      const { epochs, bestEpoch } = history;
      const result = { out, bytes: bytes.length, speakers, epochs: epochs.length, bestEpoch, accuracy };
      terminal.out(`${JSON.stringify(result)}\n`);
    } else {
      terminal.out(
        `names ${(100 * accuracy).toFixed(1)} % of the clips held out (of the speakers trained on)\n` +
          `saved in ${out} (${Math.round(bytes.length / 1000)} kB) after ${duration(Date.now() - began)}\n`,
      );
    }
    if (watch.skipped.length > 0) terminal.err(`${watch.skipped.length} clips could not be read and were skipped\n`);
    if (isDone) return EXIT.good;
    terminal.err(`ser-kit: interrupted; the best network so far is in ${out}; ${goOn}\n`);
    return EXIT.interrupted;
  } catch (error) {
    if (saved && !options.resume) terminal.err(`${goOn}\n`);
    throw error;
  } finally {
    interrupt.done();
  }
}

const goOn = 'go on by giving the same command with --resume';

function libraryOptions(options: XvectorTrainCommandOptions): TrainXvectorOptions {
  const { maskDims, maskFrames, cropFrames, frameLayers } = options;
  const masks = {
    ...(maskDims && { dims: { count: maskDims.count, maxDims: maskDims.most } }),
    ...(maskFrames && { time: { count: maskFrames.count, maxFrames: maskFrames.most } }),
  };
  return {
    seed: options.seed,
    epochs: options.epochs,
    batchSize: options.batchSize,
    patience: options.patience,
    learningRate: options.learningRate,
    weightDecay: options.weightDecay,
    labelSmoothing: options.labelSmoothing,
    dropout: options.dropout,
    validation: options.validation,
    speeds: options.speeds,
    cropFrames: cropFrames === 'all' ? null : cropFrames,
    standardize: options.standardize,
    whiten: options.whiten,
    embeddingDims: options.embeddingDims,
    frameLayers,
    featureMasks: Object.keys(masks).length > 0 ? masks : undefined,
  };
}

function refuseToOverwrite(out: string, kept: string, { force, resume }: XvectorTrainCommandOptions): void {
  if (force) return;
  if (existsSync(kept) && !resume) {
    const text = `${kept}: expected no training that was begun, got one; --resume goes on with it, --force begins again`;
    throw new SerKitError('exists', text);
  }
  // Beside a checkpoint it is what an interrupted training came to.
  if (existsSync(out) && !existsSync(kept)) {
    throw new SerKitError('exists', `${out}: expected no file of that name, got one; --force overwrites it`);
  }
}

async function checkpointAt(path: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SerKitError('not-found', `${path}: ${reasonOf(cause)}`, { cause });
  }
}

function write(path: string, bytes: Uint8Array): void {
  const folder = dirname(resolve(path));
  try {
    mkdirSync(folder, { recursive: true });
    writeAtomically(path, bytes, folder);
  } catch (cause) {
    throw new SerKitError('not-writable', `${path}: ${writeReasonOf(cause)}`, { cause });
  }
}
