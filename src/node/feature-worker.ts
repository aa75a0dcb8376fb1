// The entry of a worker thread: its own file in dist, loaded by extractCorpus().
import { workerData } from 'node:worker_threads';
import { type ClipJob, type ClipOutcome, createClipWork, type WorkerSetup } from './extract-clip.ts';

const work = createClipWork(workerData as WorkerSetup);

export default function extractClip(job: ClipJob): Promise<ClipOutcome> {
  return work(job);
}
