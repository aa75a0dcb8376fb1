import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { VERSION } from '../core/version.ts';
import { plural } from '../datasets/corpus.ts';
import { augmentCorpus } from '../node/augment-corpus.ts';
import { extractCorpus } from '../node/extract-corpus.ts';
import type { TrainXvectorOptions } from '../xvector/train-xvector-options.ts';
import type { Act } from './act.ts';
import { startBackend } from './backend.ts';
import { corpusDifference, fingerprintOf } from './corpus-fingerprint.ts';
import { EXIT, ToldFailure, WrongUse } from './failure.ts';
import { onInterrupt } from './interrupt.ts';
import { openCheckedCorpus } from './open-corpus.ts';
import { speakersPicked } from './pick-speakers.ts';
import { duration } from './progress.ts';
import { refuseInside } from './refuse-inside.ts';
import { goOn, withResume } from './resume-hint.ts';
import { optionsToKeep } from './resume-options.ts';
import type { Terminal } from './terminal.ts';
import { readTraining, type Training } from './training-file.ts';
import { TrainingWatch } from './training-watch.ts';
import { addXvectorTrainOptions, type XvectorTrainCommandOptions } from './xvector-train-options.ts';
import { writeFile, XvectorTraining } from './xvector-training.ts';

export function addXvectorTrain(parent: Command, terminal: Terminal, act: Act): void {
  const command = parent
    .command('train')
    .description('train an x-vector network to tell the speakers of a folder of recordings apart')
    .argument(
      '<dir>',
      'CREMA-D, or a folder of LABEL/[SPEAKER/]x.wav, or one with a labels.csv of path,label,speaker; labels are not looked at',
    );
  addXvectorTrainOptions(command).action(
    act((dir: string, options: XvectorTrainCommandOptions) => train(dir, options, command, terminal)),
  );
}

async function train(
  dir: string,
  given: XvectorTrainCommandOptions,
  command: Command,
  terminal: Terminal,
): Promise<number> {
  const began = Date.now();
  const { out } = given;
  if (given.onlySpeakers !== undefined && given.withoutSpeakers !== undefined) {
    throw new WrongUse('--only-speakers and --without-speakers: give one of them');
  }
  if (given.resume && given.force) {
    throw new WrongUse('--resume goes on with a training and --force begins again; give one of them');
  }
  if (!out.endsWith('.xvector')) throw new WrongUse(`--out expected a name that ends in .xvector, got ${out}`);
  await refuseInside(out, dir);
  const training = new XvectorTraining(out, dir);
  if (given.resume && training.isComplete) return alreadyDone(out, given, terminal);
  if (!given.force && !given.resume) training.refuseToOverwrite();
  const checkpoint = given.resume ? training.read() : undefined;
  const { options, frontEnd, augment } = await training.jobOf(given, command, checkpoint !== undefined);
  if (checkpoint !== undefined) terminal.err(`going on after epoch ${checkpoint.epoch} of ${options.epochs}\n`);
  else if (given.resume) terminal.err(`${out}: no checkpoint there yet: beginning with the first epoch\n`);
  const interrupt = onInterrupt(
    () => {
      const what = training.isKept
        ? 'keeping the best network so far'
        : 'ending; the first epoch is not done, so there is no network to keep';
      terminal.err(`\ninterrupted: ${what}\n`);
    },
    () => {
      terminal.err('\ninterrupted again: ending at once\n');
      if (training.isKept) terminal.err(`${goOn(training)}\n`);
    },
  );
  const { signal } = interrupt;
  try {
    await startBackend(options.backend);
    const pick = await speakersPicked(options);
    const corpus = await openCheckedCorpus(dir, options, terminal, signal, pick);
    const begun: Training = {
      dir: resolve(dir),
      options: optionsToKeep(options),
      frontEnd: frontEnd ?? null,
      ...(augment && { augment: augment.kept }),
      corpus: await fingerprintOf(dir, corpus.clips, signal),
      serKit: VERSION,
      complete: false,
    };
    const before = checkpoint && readTraining(training.file);
    const difference = before && corpusDifference(before.corpus, begun.corpus);
    if (difference !== undefined) {
      const text = `${dir}: expected the recordings that the training of ${out} was begun with, got ${difference}; bring them back, or begin again with --force in place of --resume`;
      throw new ToldFailure(text, EXIT.failed);
    }
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
      onCheckpoint: ({ epoch, bytes }) => training.save(epoch, bytes, begun),
      resumeFrom: checkpoint?.bytes,
    }).finally(() => watch.close());
    const bytes = encodeXvector(weights, { values: options.values });
    writeFile(out, bytes);
    const isDone = history.stopped !== 'aborted';
    if (isDone) training.complete();
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
    const epochs = plural(history.epochs.length, 'epoch');
    terminal.err(`ser-kit: interrupted after ${epochs}; the best network so far is in ${out}; ${goOn(training)}\n`);
    return EXIT.interrupted;
  } catch (error) {
    throw withResume(error, training);
  } finally {
    interrupt.done();
  }
}

/** The same words as of `train`, and where they are asked for the numbers that the training told. */
async function alreadyDone(out: string, { json }: XvectorTrainCommandOptions, terminal: Terminal): Promise<number> {
  const bytes = new Uint8Array(await readFile(out));
  const { parseOwnFormat } = await import('../xvector/own-format.ts');
  const card = (parseOwnFormat(out, bytes).card ?? {}) as {
    readonly speakers?: { readonly train?: readonly string[] };
    readonly history?: { readonly epochs?: number; readonly bestEpoch?: number };
    readonly validation?: { readonly accuracy?: number };
  };
  if (json) {
    const { epochs = null, bestEpoch = null } = card.history ?? {};
    const { accuracy = null } = card.validation ?? {};
    const speakers = card.speakers?.train?.length ?? null;
    terminal.out(`${JSON.stringify({ out, bytes: bytes.length, speakers, epochs, bestEpoch, accuracy })}\n`);
  } else terminal.out(`${out} is complete: nothing to go on with (--force in place of --resume trains again)\n`);
  return EXIT.good;
}

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
