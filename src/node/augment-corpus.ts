import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import { parseTransform } from '../augment/parse-transform.ts';
import {
  type AugmentationWork,
  type AugmentedFeaturesOfClip,
  augmentInThisThread,
  type ClipAugmenter,
  loadAgain,
  lostClip,
} from '../clips/augmented-epochs.ts';
import { isSerKitError, SerKitError } from '../core/errors.ts';
import type { TrainingClip } from '../core/labelled-clip.ts';
import { parseOptions } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import type { AugmentJob, AugmentOutcome, AugmentSetup } from './augment-work.ts';
import { endPool } from './end-pool.ts';
import { keepSamples, SampleStore } from './kept-samples.ts';
import { workerFile } from './worker-file.ts';

/** How training clips are changed on other threads. */
export interface AugmentCorpusOptions {
  /**
   * How many worker threads compute. 0: none, this thread does it all between the steps of training.
   *
   * @default one less than os.availableParallelism(), at least 1; 0 for fewer than 64 clips, and where a function of one's own
   *   is among the transforms
   */
  readonly workers?: number | undefined;
  /**
   * The folder in which the `path` of clips lies that have one: the workers then read those files themselves, as
   * openDirectory(dir) would. Without it this thread loads the clips, which training waits for. @default none
   */
  readonly dir?: string | undefined;
  /**
   * How many bytes of clips' samples stay in memory, shared by all workers, so that files are read and decoded in the first epoch
   * alone: 2 bytes a sample of 16-bit recordings, 4 of others. What does not fit is read in every epoch; 0: nothing is kept. The
   * 7,442 clips of CREMA-D at 16 kHz are 580 MiB, four fifths of them to train on 460 MiB. It counts for workers; this thread
   * loads each clip in every epoch. @default 512 MiB
   */
  readonly keepBytes?: number | undefined;
  /** The recordings that the transforms name, such as backgrounds, by those names. Each worker gets a copy. @default none */
  readonly recordings?: Readonly<Record<string, Waveform>> | undefined;
}

const schema = z.strictObject({
  workers: z.optional(z.int().check(z.nonnegative(), z.maximum(1024))),
  dir: z.optional(z.string().check(z.minLength(1))),
  keepBytes: z.optional(z.number().check(z.nonnegative())),
  recordings: z.optional(z.record(z.string(), z.unknown())),
});

/** From so many clips on threads are started where nobody said how many. */
const WORTH_THREADS = 64;

/** Clips that are handed to a worker at once: enough that messages cost nothing, few enough that the first batch comes soon. */
const CLIPS_OF_JOB = 16;

/**
 * Jobs that are with each worker at once. While a network trains this thread takes no messages, for as long as a step takes: a
 * worker has to have work for that time.
 */
const JOBS_AHEAD = 6;

/** Work goes ahead of training until so many bytes of features wait to be used: an epoch's measuring is time to fill. */
const BYTES_AHEAD = 128 * 2 ** 20;

/** Of samples that are kept. */
const KEEP_BYTES = 512 * 2 ** 20;

/**
 * Changes training clips on other threads, ahead of training: for trainRecognizer()'s `augmentedFeaturesOf`. The outcome is, byte for
 * byte, what training computes in its own thread, whatever the number of workers.
 *
 * The transforms go to the workers as JSON, and the recordings that they name beside it. A function of one's own cannot be sent: it is
 * refused where workers were asked for, and else all is done in this thread.
 *
 * @throws SerKitError 'bad-option'
 * @example
 * const recognizer = await trainRecognizer(split, {
 *   seed: 1,
 *   augment: [maybe(0.5, timeStretch({ rate: [0.9, 1.1] })), maybe(0.5, addNoise({ snrDb: [10, 30] }))],
 *   augmentedFeaturesOf: (work) => augmentCorpus(work, { workers: 1, dir: 'CREMA-D' }),
 * });
 */
export function augmentCorpus(work: AugmentationWork, options: AugmentCorpusOptions = {}): ClipAugmenter {
  const who = 'augmentCorpus';
  const {
    workers,
    dir,
    keepBytes = KEEP_BYTES,
    recordings = {},
  } = parseOptions(who, schema, options) as AugmentCorpusOptions;
  const { clips, plan } = work;
  const transform = work.transform.toJSON();
  const own = ownFunctionIn(transform);
  if (own !== undefined && workers !== undefined && workers > 0) {
    throw new SerKitError(
      'bad-option',
      `${who}: workers expected 0 with a function of one's own (${own}), which other threads do not have, got ${workers}`,
    );
  }
  const decided = workers ?? (own !== undefined || clips.length < WORTH_THREADS ? 0 : fewerThanCores());
  if (decided === 0) return augmentInThisThread(work);
  try {
    parseTransform(transform, { recordings });
  } catch (error) {
    if (!isSerKitError(error)) throw error;
    throw new SerKitError(error.code, error.message.replace(/^parseTransform/, who), { cause: error });
  }
  const crew = startCrew({ plan, transform, recordings }, decided);
  const store = new SampleStore<TrainingClip>(keepBytes);
  return {
    epoch: (epoch, order, signal) =>
      inOrder(
        {
          who: plan.who,
          epoch,
          clips: order.map((index) => clips[index]!),
          dir,
          run: crew.run,
          store,
          most: JOBS_AHEAD * decided,
        },
        signal,
      ),
    close: async () => {
      store.clear();
      await crew.end();
    },
  };
}

function fewerThanCores(): number {
  return Math.max(1, availableParallelism() - 1);
}

/** The name of a function of one's own somewhere in a transform. */
function ownFunctionIn(json: unknown): string | undefined {
  if (json === null || typeof json !== 'object') return undefined;
  if ('transform' in json && json.transform === 'ownFunction') return String((json as { name?: unknown }).name);
  for (const part of Object.values(json)) {
    const found = ownFunctionIn(part);
    if (found !== undefined) return found;
  }
  return undefined;
}

type Run = (job: AugmentJob, samples: ArrayBuffer[]) => Promise<AugmentOutcome[]>;

function startCrew(setup: AugmentSetup, workers: number): { readonly run: Run; end(): Promise<void> } {
  // Loaded here, so that those who want a folder alone do not load it.
  const started = import('piscina').then(
    ({ Piscina }) =>
      new Piscina({
        filename: fileURLToPath(workerFile.url),
        minThreads: workers,
        maxThreads: workers,
        concurrentTasksPerWorker: JOBS_AHEAD,
        workerData: setup,
      }),
  );
  started.catch(() => {}); // met by the first job
  return {
    run: async (job, transferList) => (await started).run(job, { transferList }),
    end: async () => {
      const pool = await started.catch(() => undefined);
      if (pool !== undefined) await endPool(pool);
    },
  };
}

interface EpochWork {
  readonly who: string;
  readonly epoch: number;
  /** In the order in which they are wanted. */
  readonly clips: readonly TrainingClip[];
  readonly dir: string | undefined;
  readonly run: Run;
  /** Samples of earlier epochs. */
  readonly store: SampleStore<TrainingClip>;
  /** How many jobs to have under way at once. */
  readonly most: number;
}

/** Begins at once; gives what came of each clip, in their order. */
function inOrder(
  { who, epoch, clips, dir, run, store, most }: EpochWork,
  signal: AbortSignal,
): AsyncIterable<AugmentedFeaturesOfClip> {
  const jobs: (readonly TrainingClip[])[] = [];
  for (let at = 0; at < clips.length; at += CLIPS_OF_JOB) jobs.push(clips.slice(at, at + CLIPS_OF_JOB));
  const begun: Promise<AugmentOutcome[]>[] = [];
  let [running, bytesWaiting] = [0, 0];
  const begin = (): void => {
    while (!signal.aborted && begun.length < jobs.length && running < most && bytesWaiting < BYTES_AHEAD) {
      running++;
      const done = outcomesOf(jobs[begun.length]!, { who, epoch, dir, run, store });
      begun.push(done);
      done.then(
        (outcomes) => {
          running--;
          bytesWaiting += bytesOf(outcomes);
          begin();
        },
        () => {}, // it is met below, or, when training ended before, by nobody
      );
    }
  };
  begin();
  return (async function* () {
    for (const [k, job] of jobs.entries()) {
      // All before this one have been taken, so it is under way, unless nothing is begun any more.
      if (k >= begun.length) return;
      const outcomes = await begun[k]!;
      begun[k] = Promise.resolve([]); // what is taken is let go
      bytesWaiting -= bytesOf(outcomes);
      begin();
      for (const [i, outcome] of outcomes.entries()) {
        const clip = job[i]!;
        if (outcome.lost !== undefined) {
          throw lostClip(who, clip, new SerKitError(outcome.lost.code, outcome.lost.message));
        }
        yield { clip, ...outcome };
      }
    }
  })();
}

/** Gives clips to a worker: their samples where those are here, and else their files' places. */
async function outcomesOf(
  clips: readonly TrainingClip[],
  { who, epoch, dir, run, store }: Pick<EpochWork, 'who' | 'epoch' | 'dir' | 'run' | 'store'>,
): Promise<AugmentOutcome[]> {
  const copies: ArrayBuffer[] = [];
  const sourceOf = async (clip: TrainingClip): Promise<AugmentJob['clips'][number]['source']> => {
    const kept = store.get(clip);
    if (kept !== undefined) return kept;
    if (dir !== undefined && clip.augmentedFrom === undefined && 'path' in clip && typeof clip.path === 'string') {
      return { dir, path: clip.path };
    }
    const waveform = await loadAgain(who, clip);
    if (store.hasRoom) {
      const shared = keepSamples(waveform);
      store.offer(clip, shared);
      return shared;
    }
    // A copy, since a thread that is handed memory takes it away from the clip's owner.
    const samples = waveform.samples.slice();
    copies.push(samples.buffer);
    return { samples, sampleRate: waveform.sampleRate };
  };
  const sent: AugmentJob['clips'][number][] = [];
  for (const clip of clips) {
    sent.push({ id: clip.id, speakerId: clip.speakerId, source: await sourceOf(clip) });
  }
  const outcomes = await run({ epoch, keep: store.hasRoom, clips: sent }, copies);
  return outcomes.map((outcome, i) => {
    if (outcome.lost !== undefined || outcome.kept === undefined) return outcome;
    const { kept, ...features } = outcome;
    store.offer(clips[i]!, kept);
    return features;
  });
}

function bytesOf(outcomes: readonly AugmentOutcome[]): number {
  return outcomes.reduce((sum, each) => sum + (('matrix' in each && each.matrix?.data.byteLength) || 0), 0);
}
