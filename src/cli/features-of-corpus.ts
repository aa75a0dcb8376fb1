import { isSerKitError, SerKitError } from '../core/errors.ts';
import { loadClipAudio } from '../datasets/clip-audio.ts';
import { type FileClip, plural } from '../datasets/corpus.ts';
import { planOf } from '../node/cache-key.ts';
import { type CorpusProgress, extractCorpus } from '../node/extract-corpus.ts';
import { entryPath } from '../node/feature-cache.ts';
import { openDirectory } from '../node/open-directory.ts';
import { type Shard, shardOf } from '../node/shard-of.ts';
import type { FrontEndOptions } from '../recognizer/front-end.ts';
import type { SkippedClip } from '../recognizer/skipped-clip.ts';
import { EXIT } from './failure.ts';
import { onInterrupt } from './interrupt.ts';
import { duration, Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { shellWord, skippedLine } from './text.ts';

export interface CorpusJob {
  readonly dir: string;
  readonly features: string | FrontEndOptions;
  /** The cache. */
  readonly out: string;
  readonly workers: number | undefined;
  readonly shard: Shard | undefined;
  readonly json: boolean;
}

const SHOWN = 10;

/** Fills a cache with the features of every WAV file below a folder. */
export async function featuresOfCorpus(job: CorpusJob, terminal: Terminal): Promise<number> {
  const began = Date.now();
  const { dir, features, out, workers, shard, json } = job;
  const { key, names } = planOf(features);
  const clips = await wavClips(dir);
  const part = shard === undefined ? clips : shardOf(clips, shard);
  if (shard !== undefined) {
    terminal.err(`shard ${shard.index}/${shard.of}: ${part.length} of ${plural(clips.length, 'WAV file')}\n`);
  }
  const skipped: SkippedClip[] = [];
  const files: Record<string, string> = {};
  let last: CorpusProgress = { done: 0, total: part.length, computed: 0, resumed: 0, skipped: 0, durationSec: 0 };
  const progress = new Progress(terminal, 'features of clips');
  const interrupt = onInterrupt(() => progress.close());
  const onProgress = (now: CorpusProgress): void => {
    last = now;
    progress.update(now.done, now.total, noteOf(now, Date.now() - began));
  };
  try {
    const { signal } = interrupt;
    const results = extractCorpus(part, features, { workers, cache: out, dir, signal, onProgress });
    for await (const result of results) {
      if (result.matrix !== undefined) files[result.clip.id] = `${key}/${entryPath(result.hash)}`;
      else {
        skipped.push(result.skipped);
        if (skipped.length <= SHOWN) progress.say(skippedLine(result.skipped));
      }
    }
  } catch (error) {
    if (!isSerKitError(error) || error.code !== 'aborted') throw error;
    progress.close();
    terminal.err(
      `ser-kit: interrupted after ${last.done} of ${last.total} clips; the same command goes on from there\n`,
    );
    return EXIT.interrupted;
  } finally {
    progress.close();
    interrupt.done();
  }
  const { computed, resumed, durationSec } = last;
  const status = part.length > 0 && computed + resumed === 0 ? EXIT.failed : EXIT.good;
  if (skipped.length > SHOWN) terminal.err(`skipped ${plural(skipped.length - SHOWN, 'more clip')}\n`);
  if (json) {
    const { dims } = { dims: names.length };
    terminal.out(
      `${JSON.stringify({ out, features: key, dims, clips: part.length, computed, resumed, skipped, durationSec, files })}\n`,
    );
    return status;
  }
  terminal.out(
    `${key}, ${plural(names.length, 'dimension')}: ${plural(computed + resumed, 'clip')} in ${shellWord(out)}, ${computed} computed and ${resumed} there before` +
      `, ${(durationSec / 60).toFixed(1)} minutes of sound in ${duration(Date.now() - began)}\n`,
  );
  if (skipped.length > 0) terminal.out(`${plural(skipped.length, 'clip')} cannot be used\n`);
  return status;
}

function noteOf({ done, resumed }: CorpusProgress, ms: number): string {
  const rate = `${(done / Math.max(ms / 1000, 0.001)).toFixed(1)} clips/s`;
  return resumed > 0 ? `${rate}, ${resumed} from the cache` : rate;
}

/** Every WAV file below the folder: features need no labels. */
async function wavClips(dir: string): Promise<FileClip[]> {
  const source = openDirectory(dir);
  const paths = (await source.list()).filter((path) => /\.wav$/i.test(path));
  if (paths.length === 0) throw new SerKitError('empty', `${dir}: expected WAV files, got none`);
  return paths.map((path) => {
    return { id: path, path, speakerId: path, label: '', load: () => loadClipAudio(source, path) };
  });
}
