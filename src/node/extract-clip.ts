import { createFrontEnd } from '../clips/front-end.ts';
import { isSerKitError, type SerKitErrorCode } from '../core/errors.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import type { Waveform } from '../core/waveform.ts';
import { loadClipAudio } from '../datasets/clip-audio.ts';
import { type CorpusPlan, clipHash } from './cache-key.ts';
import { FeatureCache } from './feature-cache.ts';
import { openDirectory } from './open-directory.ts';

/** What a worker is started with. Survives structuredClone, as all that goes between threads. */
export interface WorkerSetup {
  readonly plan: CorpusPlan;
  /** The cache's folder. */
  readonly cache: string | undefined;
}

/** One clip: its samples, or where its file is for the worker to read. */
export type ClipJob = Waveform | { readonly dir: string; readonly path: string };

/** What became of a clip. An error is told by code and message, since classes do not pass between threads. */
export type ClipOutcome =
  | { readonly matrix: FeatureMatrix; readonly resumed: boolean; readonly hash: string; readonly durationSec: number }
  | { readonly during: 'loading' | 'features' | 'cache'; readonly code: SerKitErrorCode; readonly message: string };

/** Prepares the work of one thread: load where need be, look in the cache, compute, write. */
export function createClipWork({ plan, cache }: WorkerSetup): (job: ClipJob) => Promise<ClipOutcome> {
  const frontEnd = createFrontEnd(plan.frontEnd);
  const store = cache === undefined ? undefined : new FeatureCache(cache, plan);
  return async (job) => {
    let during: 'loading' | 'features' | 'cache' = 'loading';
    try {
      const waveform = 'path' in job ? await loadClipAudio(openDirectory(job.dir), job.path) : job;
      const hash = clipHash(waveform);
      const durationSec = waveform.samples.length / waveform.sampleRate;
      const found = store?.read(hash);
      if (found !== undefined) return { matrix: found, resumed: true, hash, durationSec };
      during = 'features';
      const matrix = frontEnd.extract(waveform, 'extractCorpus');
      during = 'cache';
      store?.write(hash, matrix);
      return { matrix, resumed: false, hash, durationSec };
    } catch (error) {
      if (!isSerKitError(error)) throw error;
      return { during, code: error.code, message: error.message };
    }
  };
}
