// The entry of a worker thread: its own file in dist, loaded by extractCorpus() and augmentCorpus().
import { workerData } from 'node:worker_threads';
import { type AugmentJob, type AugmentOutcome, type AugmentSetup, createAugmentWork } from './augment-work.ts';
import { type ClipJob, type ClipOutcome, createClipWork, type WorkerSetup } from './extract-clip.ts';

type Work = (job: never) => Promise<ClipOutcome | AugmentOutcome[]>;

const setup = workerData as WorkerSetup | AugmentSetup;
const work: Work = 'transform' in setup ? createAugmentWork(setup) : createClipWork(setup);

export default function doJob(job: ClipJob | AugmentJob): Promise<ClipOutcome | AugmentOutcome[]> {
  return work(job as never);
}
