import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Command } from 'commander';
import { SerKitError } from '../core/errors.ts';
import { describeSplit } from '../datasets/split.ts';
import { augmentCorpus } from '../node/augment-corpus.ts';
import { embedCorpus } from '../node/embed-corpus.ts';
import { extractCorpus } from '../node/extract-corpus.ts';
import { readManifest, XVECTOR_FILE } from '../recognizer/manifest.ts';
import { VERSION } from '../recognizer/version.ts';
import type { Act } from './act.ts';
import { startBackend } from './backend.ts';
import { corpusDifference, fingerprintOf } from './corpus-fingerprint.ts';
import { EXIT, ToldFailure } from './failure.ts';
import { onInterrupt } from './interrupt.ts';
import { openCheckedCorpus } from './open-corpus.ts';
import { duration } from './progress.ts';
import { elsewhere, goOn, isOfItsOptions, withMovedRecordings, withResume } from './resume-hint.ts';
import { optionsToKeep } from './resume-options.ts';
import { type Checkpoint, checkpointOf } from './run-checkpoint.ts';
import { DRAWS_FILE, RunFolder } from './run-folder.ts';
import type { Terminal } from './terminal.ts';
import { seenSpeakersNotes, shellWord } from './text.ts';
import { type Job, jobOf } from './train-job.ts';
import { addTrainOptions, libraryOptions, type TrainCommandOptions } from './train-options.ts';
import { trainReport, trainResult } from './train-report.ts';
import { checkLabels, doubtsAbout, splitCorpus } from './train-split.ts';
import { readTraining, TRAINING_FILE, type Training, trainingBytes } from './training-file.ts';
import { TrainingRecord } from './training-record.ts';
import { TrainingWatch } from './training-watch.ts';

export function addTrainCommand(program: Command, terminal: Terminal, act: Act): void {
  const command = program
    .command('train')
    .description('train a recognizer on a folder of recordings and measure it on speakers it never heard')
    .argument(
      '[dir]',
      'CREMA-D, or a folder of LABEL/[SPEAKER/]x.wav, or one with a labels.csv of path,label,speaker; needed unless --resume names a run',
    );
  addTrainOptions(command).action(
    act(async (dir: string | undefined, options: TrainCommandOptions) =>
      train(await jobOf(dir, options, command), terminal),
    ),
  );
}

type Stage = 'before' | 'first epoch' | 'has a model';

const AT_INTERRUPT: Readonly<Record<Stage, string>> = {
  before: 'ending',
  'first epoch': 'ending; the first epoch is not done, so there is no model to keep',
  'has a model': 'keeping the best model so far (Ctrl-C again drops it; --resume goes on either way)',
};

/** A training under way: what its parts share. */
interface UnderWay extends Job {
  readonly folder: RunFolder;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
  onStage(stage: Stage): void;
}

/** Trains with Ctrl-C in hand; whatever would end in an error at the end is looked at before the recordings are read. */
async function train(job: Job, terminal: Terminal): Promise<number> {
  const { out, options } = job;
  const folder = await RunFolder.open(out, options.force ? 'any' : job.begun === undefined ? 'new' : 'begun');
  let stage: Stage = 'before';
  const interrupt = onInterrupt(
    () => {
      const again = stage === 'first epoch' && folder.isKept ? ' (--resume begins it again)' : '';
      terminal.err(`\ninterrupted: ${AT_INTERRUPT[stage]}${again}\n`);
    },
    () => {
      folder.close();
      terminal.err('\ninterrupted again: ending at once\n');
      if (folder.isKept) terminal.err(`${goOn(folder)}\n`);
    },
  );
  try {
    const begun = job.begun && unchanged(job.begun, folder);
    if (folder.leftovers > 0 && begun !== undefined) {
      terminal.err(`${out}: removed what was left of a file that was being written (${folder.leftovers})\n`);
    }
    if (begun !== undefined && folder.isComplete(begun)) return await alreadyDone(folder, begun, options, terminal);
    if (begun !== undefined && begun.serKit !== VERSION) {
      terminal.err(
        `note: ser-kit ${begun.serKit} began this training and this is ${VERSION}: the result may differ from that of either\n`,
      );
    }
    const checkpoint = begun === undefined ? undefined : checkpointOf(folder);
    await startBackend(options.backend);
    const signal = interrupt.signal;
    const onStage = (reached: Stage): void => {
      stage = reached;
    };
    return await trainInto({ ...job, begun, folder, signal, terminal, onStage }, checkpoint);
  } catch (error) {
    if (isOfItsOptions(error)) folder.drop();
    throw withResume(error, folder);
  } finally {
    interrupt.done();
    folder.close();
  }
}

/** What was begun in the folder, read again now that nobody else works in it: another process may just have ended. */
function unchanged(begun: Training, folder: RunFolder): Training {
  const now = readTraining(folder.at(TRAINING_FILE));
  if (now !== undefined && isDeepStrictEqual({ ...now, complete: false }, { ...begun, complete: false })) return now;
  const message = `${folder.path}: expected the training that was there a moment ago, got another one; give the command again`;
  throw new SerKitError('mismatch', message);
}

async function alreadyDone(
  folder: RunFolder,
  begun: Training,
  { json }: TrainCommandOptions,
  terminal: Terminal,
): Promise<number> {
  // A kill may have come between the two.
  if (folder.checkpoint() !== undefined) folder.complete(begun);
  const manifest = folder.at('manifest.json');
  const { provenance } = await readManifest(await readFile(manifest), manifest);
  if (json) terminal.out(`${JSON.stringify(trainResult(folder.path, provenance))}\n`);
  else terminal.out(`${folder.path} is complete: nothing to go on with (--force in place of --resume trains again)\n`);
  return EXIT.good;
}

async function trainInto(job: UnderWay, checkpoint: Checkpoint | undefined): Promise<number> {
  const began = Date.now();
  const { dir, out, options, frontEnd, augment, xvector, folder, signal, terminal } = job;
  const corpus = await openCheckedCorpus(dir, options, terminal, signal).catch((error) => {
    throw job.begun === undefined ? error : withMovedRecordings(error, folder);
  });
  const split = splitCorpus(corpus, options, dir);
  for (const note of augment?.leftOut ?? []) terminal.err(`${note}\n`);
  terminal.err(`${describeSplit(split)}\n`);
  checkLabels(split, dir, corpus.labels !== undefined);
  const training = await trainingOf(job, corpus.clips, checkpoint);
  if (checkpoint !== undefined) terminal.err(`going on after epoch ${checkpoint.epoch} of ${options.epochs}\n`);
  else if (options.resume) terminal.err(`${out}: no checkpoint there yet: beginning with the first epoch\n`);

  // Both before training, so that an hour later nothing has to be found on disk any more.
  const { trainRecognizer } = await import('../recognizer/train-recognizer.ts');
  const { saveRecognizer } = await import('../recognizer/save-recognizer.ts');
  const { model, split: by, seed, validation, test } = options;
  const name = options.shuffleLabels ? `${corpus.name}, labels shuffled (a control)` : corpus.name;
  const title = `${model} on ${name}, split by ${by}, seed ${seed}`;
  const record = new TrainingRecord(folder, {
    title,
    about: { corpus: name, model, seed, serKit: VERSION, backend: options.backend },
    labels: (corpus.labels ?? [...new Set(split.train.map((clip) => clip.label))]).length,
    training,
    isFresh: job.begun === undefined,
    files: xvector && new Map([[XVECTOR_FILE, xvector.bytes]]),
    before: checkpoint,
  });
  const watch = new TrainingWatch(terminal, 2 * split.validation.length);
  const recognizer = await trainRecognizer(split, {
    ...libraryOptions(options),
    labels: corpus.labels,
    frontEnd,
    featuresOf: (clips, decided) =>
      extractCorpus(clips, decided, { workers: options.workers, cache: options.cache, dir, signal }),
    augment: augment?.augmentation,
    augmentedFeaturesOf: (work) =>
      augmentCorpus(work, { workers: options.workers, dir, recordings: augment?.recordings }),
    xvector: xvector && {
      weights: xvector.weights,
      join: options.xvectorJoin,
      pca: options.xvectorComponents,
      allowSeenSpeakers: options.allowSeenSpeakers,
      embeddingsOf: (clips, weights) => embedCorpus(clips, weights, { cache: options.cache, signal }),
    },
    about: {
      corpus: name,
      attribution: corpus.attribution,
      layout: corpus.layout,
      split: by === 'speakers' && split.unknownSpeakers > 0 ? 'speakers, not all known' : by,
      shares: { validation, test },
    },
    signal,
    onEvent: (event) => {
      if (event.type === 'start') job.onStage(event.resumedFrom > 0 ? 'has a model' : 'first epoch');
      if (event.type === 'epoch') job.onStage('has a model');
      record.on(event);
      watch.on(event);
    },
    onCheckpoint: (saved) => record.save(saved),
    resumeFrom: checkpoint?.bytes,
  }).finally(() => watch.close());

  const { history, metrics } = recognizer.provenance;
  const doubts = [...doubtsAbout(split), ...seenSpeakersNotes(recognizer.provenance)];
  const report = trainReport(title, recognizer, split.test, doubts);
  folder.writeResults(new Map([...(await saveRecognizer(recognizer)), ...report.files]));
  recognizer.dispose();
  const isDone = history.stopped !== 'aborted';
  if (isDone) folder.complete(training);

  if (options.json) terminal.out(`${JSON.stringify(trainResult(out, { history, metrics }))}\n`);
  else {
    terminal.out(`${report.text}\nsaved in ${out} after ${duration(Date.now() - began)}: `);
    const draws = job.augment === undefined ? '' : `, ${DRAWS_FILE}`;
    const voice = xvector === undefined ? '' : `${XVECTOR_FILE}, `;
    terminal.out(
      `manifest.json, weights.bin, ${voice}report.txt, learning-curve.svg, confusion-matrix.svg, log.jsonl${draws}\n`,
    );
    terminal.out(`name the emotion of a recording with: npx ser-kit predict ${shellWord(out)} FILE.wav\n`);
  }
  if (watch.unusable > 0) {
    terminal.err(
      `${watch.unusable} times a changed clip could not be used and was taken as it is (see ${DRAWS_FILE})\n`,
    );
  }
  if (watch.skipped.length > 0) terminal.err(`${watch.skipped.length} clips could not be read and were skipped\n`);
  if (isDone) return EXIT.good;
  const epochs = `${history.epochs.length} epoch${history.epochs.length === 1 ? '' : 's'}`;
  terminal.err(`ser-kit: interrupted after ${epochs}; the best model so far is in ${out}; ${goOn(folder)}\n`);
  return EXIT.interrupted;
}

/** What the training begins with; held against what it was begun with. */
async function trainingOf(
  { dir, options, frontEnd, augment, xvector, folder, begun, signal }: UnderWay,
  clips: Parameters<typeof fingerprintOf>[1],
  checkpoint: Checkpoint | undefined,
): Promise<Training> {
  const corpus = await fingerprintOf(dir, clips, signal);
  const difference = begun === undefined ? undefined : corpusDifference(begun.corpus, corpus);
  if (difference !== undefined) {
    throw new ToldFailure(
      `${dir}: expected the recordings that the training in ${folder.path} was begun with, got ${difference}; bring them back, or begin again with --force in place of --resume; ${elsewhere(folder)}`,
      EXIT.failed,
    );
  }
  if (begun !== undefined && checkpoint !== undefined) {
    if (augment === undefined || augment.kept.folder === begun.augment?.folder) return begun;
    // The recordings have moved: whoever goes on from here without --augment has to find them.
    const moved = { ...begun, augment: augment.kept };
    folder.write(TRAINING_FILE, trainingBytes(moved));
    return moved;
  }
  return {
    dir: resolve(dir),
    options: optionsToKeep(options),
    frontEnd: frontEnd ?? null,
    ...(augment && { augment: augment.kept }),
    ...(xvector && { xvector: xvector.kept }),
    corpus,
    serKit: VERSION,
    complete: false,
  };
}
