import { parseTransform } from '../augment/parse-transform.ts';
import type { TransformJson } from '../augment/transform.ts';
import { type AugmentationPlan, type AugmentedFeatures, createClipAugmenter } from '../clips/augment-clip.ts';
import { isSerKitError, type SerKitErrorCode } from '../core/errors.ts';
import type { Waveform } from '../core/waveform.ts';
import { loadClipAudio } from '../datasets/clip-audio.ts';
import { type KeptSamples, keepSamples, keptWaveform } from './kept-samples.ts';
import { openDirectory } from './open-directory.ts';

/** What a thread that changes clips is started with. Survives structuredClone, as all that goes between threads. */
export interface AugmentSetup {
  readonly plan: AugmentationPlan;
  readonly transform: TransformJson;
  /** What the transform names, such as backgrounds. */
  readonly recordings: Readonly<Record<string, Waveform>>;
}

/** A few clips of one epoch; each with its samples, or with where its file is for the worker to read. */
export interface AugmentJob {
  readonly epoch: number;
  /** Whether the samples of files that are read are to come back, for the next epochs. */
  readonly keep: boolean;
  readonly clips: readonly {
    readonly id: string;
    readonly speakerId: string;
    readonly source: Waveform | KeptSamples | { readonly dir: string; readonly path: string };
  }[];
}

/** What became of a clip: also that it could not be read any more. */
export type AugmentOutcome =
  | (AugmentedFeatures & { readonly lost?: undefined; readonly kept?: KeptSamples | undefined })
  | { readonly lost: { readonly code: SerKitErrorCode; readonly message: string } };

/** Prepares the work of one thread: read where need be, change, compute. Jobs are done one after another. */
export function createAugmentWork({
  plan,
  transform,
  recordings,
}: AugmentSetup): (job: AugmentJob) => Promise<AugmentOutcome[]> {
  const augment = createClipAugmenter(plan, parseTransform(transform, { recordings }));
  const outcomeOf = async (clip: AugmentJob['clips'][number], { epoch, keep }: AugmentJob): Promise<AugmentOutcome> => {
    const { source } = clip;
    if ('memory' in source) return augment(keptWaveform(source), clip, epoch);
    if (!('path' in source)) return augment(source, clip, epoch);
    let waveform: Waveform;
    try {
      waveform = await loadClipAudio(openDirectory(source.dir), source.path);
    } catch (error) {
      if (!isSerKitError(error)) throw error;
      return { lost: { code: error.code, message: error.message } };
    }
    return { ...augment(waveform, clip, epoch), ...(keep && { kept: keepSamples(waveform) }) };
  };
  const work = async (job: AugmentJob): Promise<AugmentOutcome[]> => {
    const outcomes: AugmentOutcome[] = [];
    for (const clip of job.clips) outcomes.push(await outcomeOf(clip, job));
    return outcomes;
  };
  // Whoever is asked first is waited for first.
  let last: Promise<unknown> = Promise.resolve();
  return (job) => {
    const done = last.then(() => work(job));
    last = done.catch(() => {});
    return done;
  };
}
