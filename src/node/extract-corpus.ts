import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import type { FrontEndConfig, FrontEndOptions } from '../clips/front-end.ts';
import { type SkippedClip, skippedClip } from '../clips/skipped-clip.ts';
import { quote, SerKitError } from '../core/errors.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import type { TrainingClip } from '../core/labelled-clip.ts';
import { loadClip } from '../core/load-clip.ts';
import { parseOptions } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { planOf } from './cache-key.ts';
import { endPool } from './end-pool.ts';
import { type ClipJob, type ClipOutcome, createClipWork, type WorkerSetup } from './extract-clip.ts';
import { FeatureCache } from './feature-cache.ts';
import { workerFile } from './worker-file.ts';

/** How a corpus's features are computed. */
export interface ExtractCorpusOptions {
  /**
   * How many worker threads compute. 0: none, this thread does it all, clip by clip as they are asked for.
   *
   * @default os.availableParallelism(); 0 for fewer than 64 clips, which are done before threads have started
   */
  readonly workers?: number | undefined;
  /**
   * A folder that keeps every clip's features and in which they are looked for first. It is made where it is missing;
   * several processes may use it at once, and any number of sets and corpora share one. @default none
   */
  readonly cache?: string | undefined;
  /**
   * The folder in which the `path` of clips lies that have one: the workers then read those files themselves, as
   * openDirectory(dir) would. Without it this thread loads the clips, which can be what the workers wait for.
   * @default none
   */
  readonly dir?: string | undefined;
  /** Ends the work, at once, with a SerKitError 'aborted'. What the cache holds by then stays. */
  readonly signal?: AbortSignal | undefined;
  /** Told after each clip. */
  readonly onProgress?: ((progress: CorpusProgress) => void) | undefined;
}

/** How far the work is, in clips. `done` of `total` are `computed`, `resumed` (found in the cache) or `skipped`. */
export interface CorpusProgress {
  readonly done: number;
  readonly total: number;
  readonly computed: number;
  readonly resumed: number;
  readonly skipped: number;
  /** The length of the recordings done, in seconds. */
  readonly durationSec: number;
}

/** What became of one clip: its features; or why it has none. */
export type ClipFeatures<C extends TrainingClip = TrainingClip> =
  | {
      readonly clip: C;
      /** [frames, dims], row-major. */
      readonly matrix: FeatureMatrix;
      /** True where it was in the cache. */
      readonly resumed: boolean;
      /** SHA-256 of the clip's rate and samples: the name of its entry in the cache. */
      readonly hash: string;
      /** What computed it; a feature set's features are listed. trainRecognizer() holds it against its own. */
      readonly frontEnd: FrontEndConfig;
      readonly skipped?: undefined;
    }
  | { readonly clip: C; readonly skipped: SkippedClip; readonly matrix?: undefined };

const schema = z.strictObject({
  workers: z.optional(z.int().check(z.nonnegative(), z.maximum(1024))),
  cache: z.optional(z.string().check(z.minLength(1))),
  dir: z.optional(z.string().check(z.minLength(1))),
  signal: z.optional(z.custom<AbortSignal>((value) => value instanceof AbortSignal, 'an AbortSignal')),
  onProgress: z.optional(
    z.custom<(progress: CorpusProgress) => void>((value) => typeof value === 'function', 'a function'),
  ),
});

/** From so many clips on threads are started where nobody said how many. */
const WORTH_THREADS = 64;

/** Clips that are under way at once, for each worker: enough that none waits for the next. */
const AHEAD = 4;

/**
 * The features of every clip of a corpus, on all cores, one after another in the order of the clips: each [frames, dims]
 * row-major, exactly what createFrontEnd(...).extract() gives in this thread, whatever the number of workers and whether
 * from the cache or not. Memory stays flat: a few clips a worker are under way at once, and none is kept.
 *
 * Clips that cannot be used (unreadable, empty, NaN) come with the reason in place of features; none is fatal.
 *
 * With a `cache`, each clip's features are written as soon as they are there, in a file named by the SHA-256 of its
 * samples and rate, in a folder for the set or front end. A run that was killed goes on where it was: it repeats at most
 * the clips that were being computed. Entries that were cut short or altered are computed anew. See docs/cli.md for the
 * format.
 *
 * Leaving the loop early ends the workers.
 *
 * @param features  the name of a feature set (clips are resampled to its rate; their level stays), or a front end
 * @throws SerKitError 'bad-option', 'bad-input' and 'not-writable' at once or from the loop; 'aborted' from the loop
 * @example
 * const clips = [{ id: 'hello', speakerId: 'me', label: 'happy', load: async () => waveform }];
 * for await (const { clip, matrix, skipped } of extractCorpus(clips, 'mfcc40.v1', { workers: 0 })) {
 *   console.log(clip.id, matrix?.frames ?? skipped?.message);
 * }
 */
export function extractCorpus<C extends TrainingClip>(
  clips: readonly C[],
  features: string | FrontEndOptions,
  options: ExtractCorpusOptions = {},
): AsyncGenerator<ClipFeatures<C>, void, undefined> {
  const who = 'extractCorpus';
  const checked = parseOptions(who, schema, options);
  if (!Array.isArray(clips)) {
    throw new SerKitError('bad-input', `${who}: clips expected an array of clips, got ${quote(clips)}`);
  }
  const { cache } = checked;
  const plan = planOf(features);
  if (cache !== undefined) new FeatureCache(cache, plan).prepare(plan);
  return inOrder(clips, { plan, cache }, checked as ExtractCorpusOptions);
}

async function* inOrder<C extends TrainingClip>(
  clips: readonly C[],
  setup: WorkerSetup,
  options: ExtractCorpusOptions,
): AsyncGenerator<ClipFeatures<C>, void, undefined> {
  const { signal, onProgress } = options;
  let [computed, resumed, skipped, durationSec] = [0, 0, 0, 0];
  const total = clips.length;
  if (total === 0) return;
  const { workers = total < WORTH_THREADS ? 0 : availableParallelism() } = options;
  const crew = await startCrew(setup, Math.min(workers, total));
  const aborted = (): string => `extractCorpus: aborted after ${computed + resumed + skipped} of ${total} clips`;
  const underWay: Promise<ClipOutcome>[] = [];
  try {
    for (const [i, clip] of clips.entries()) {
      for (let next = i + underWay.length; next < total && underWay.length < crew.ahead; next++) {
        const outcome = outcomeOf(clips[next]!, options.dir, crew);
        outcome.catch(() => {}); // it is met below, or, when an earlier one failed, by nobody
        underWay.push(outcome);
      }
      const outcome = await unlessAborted(underWay.shift()!, signal, aborted);
      const result = resultOf(clip, outcome, setup.plan.frontEnd);
      if (result.matrix === undefined) skipped++;
      else if (result.resumed) resumed++;
      else computed++;
      if ('durationSec' in outcome) durationSec += outcome.durationSec;
      onProgress?.({ done: i + 1, total, computed, resumed, skipped, durationSec });
      yield result;
    }
  } finally {
    await crew.end();
  }
}

/** Those who compute. */
interface Crew {
  /** How many clips to have under way at once. */
  readonly ahead: number;
  run(job: ClipJob): Promise<ClipOutcome>;
  end(): Promise<void>;
}

async function startCrew(setup: WorkerSetup, workers: number): Promise<Crew> {
  if (workers === 0) {
    const run = createClipWork(setup);
    // One turn of the event loop a clip, so that timers and Ctrl-C are heard.
    return { ahead: 1, run: (job) => new Promise((done) => setImmediate(() => done(run(job)))), end: async () => {} };
  }
  // Loaded here, so that those who want a folder alone do not load it.
  const { Piscina } = await import('piscina');
  const pool = new Piscina({
    filename: fileURLToPath(workerFile.url),
    minThreads: workers,
    maxThreads: workers,
    workerData: setup,
  });
  return {
    ahead: AHEAD * workers,
    run: (job) => pool.run(job, 'samples' in job ? { transferList: [job.samples.buffer] } : {}),
    end: () => endPool(pool),
  };
}

/** Gives a clip to the crew: its file's place where that is known, and else its samples. */
async function outcomeOf(clip: TrainingClip, dir: string | undefined, crew: Crew): Promise<ClipOutcome> {
  if (dir !== undefined && clip.augmentedFrom === undefined && 'path' in clip && typeof clip.path === 'string') {
    return await crew.run({ dir, path: clip.path });
  }
  let waveform: Waveform;
  try {
    waveform = await loadClip(clip);
  } catch (error) {
    const { code, message } = error as SerKitError; // loadClip ends in no other
    return { during: 'loading', code, message };
  }
  // A copy, since a thread that is handed memory takes it away from the clip's owner.
  return await crew.run({ samples: waveform.samples.slice(), sampleRate: waveform.sampleRate });
}

/** @throws SerKitError what is not about this clip alone: a cache that cannot be written, an option */
function resultOf<C extends TrainingClip>(clip: C, outcome: ClipOutcome, frontEnd: FrontEndConfig): ClipFeatures<C> {
  if ('matrix' in outcome) {
    const { matrix, resumed, hash } = outcome;
    return { clip, matrix, resumed, hash, frontEnd };
  }
  const { during, code, message } = outcome;
  const error = new SerKitError(code, message);
  if (during === 'cache') throw error;
  return { clip, skipped: skippedClip(clip, error, during) };
}

/** The promise, unless the signal fires first. (A race with one lasting promise would keep every outcome in memory.) */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined, message: () => string): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const fire = (): void => reject(new SerKitError('aborted', message()));
    if (signal.aborted) fire();
    signal.addEventListener('abort', fire, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', fire));
  });
}
