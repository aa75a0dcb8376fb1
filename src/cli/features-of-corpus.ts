import type { FrontEndOptions } from '../clips/front-end.ts';
import type { SkippedClip } from '../clips/skipped-clip.ts';
import { isSerKitError, SerKitError } from '../core/errors.ts';
import { loadClipAudio } from '../datasets/clip-audio.ts';
import { type FileClip, plural } from '../datasets/corpus.ts';
import { planOf } from '../node/cache-key.ts';
import { type CorpusProgress, extractCorpus } from '../node/extract-corpus.ts';
import { entryPath } from '../node/feature-cache.ts';
import { openDirectory } from '../node/open-directory.ts';
import { type Shard, shardOf } from '../node/shard-of.ts';
import { EXIT } from './failure.ts';
import { FeaturesCsv } from './features-csv.ts';
import { onInterrupt } from './interrupt.ts';
import { duration, Progress } from './progress.ts';
import { withRemedy } from './read-recording.ts';
import type { Terminal } from './terminal.ts';
import { shellWord, skippedLine } from './text.ts';

export interface CorpusJob {
  readonly dir: string;
  readonly features: string | FrontEndOptions;
  /** The cache, if one is kept. */
  readonly out: string | undefined;
  /** The file for a table of recordings, if one is wanted. */
  readonly csv: string | undefined;
  readonly workers: number | undefined;
  readonly shard: Shard | undefined;
  readonly json: boolean;
}

const SHOWN = 10;

/** Fills a cache, or a table, or both, with the features of every WAV file below a folder. */
export async function featuresOfCorpus(job: CorpusJob, terminal: Terminal): Promise<number> {
  const began = Date.now();
  const { dir, features, out, csv, workers, shard, json } = job;
  const plan = planOf(features);
  const { key, names } = plan;
  const clips = await wavClips(dir);
  const part = shard === undefined ? clips : shardOf(clips, shard);
  if (shard !== undefined) {
    terminal.err(`shard ${shard.index}/${shard.of}: ${part.length} of ${plural(clips.length, 'WAV file')}\n`);
  }
  const skipped: SkippedClip[] = [];
  const files: Record<string, string> = {};
  /** By sound: true where it was computed in this run. */
  const sounds = new Map<string, boolean>();
  let last: CorpusProgress = { done: 0, total: part.length, computed: 0, resumed: 0, skipped: 0, durationSec: 0 };
  const table = csv === undefined ? undefined : await FeaturesCsv.open(csv, plan);
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
      if (result.matrix === undefined) {
        skipped.push(result.skipped);
        if (skipped.length <= SHOWN) progress.say(lineOf(result.skipped));
        continue;
      }
      const { clip, hash, matrix } = result;
      if (out !== undefined) files[clip.id] = `${key}/${entryPath(hash)}`;
      // Of files with one sound, any may be the first to be computed where threads do it; the others find it there.
      sounds.set(hash, sounds.get(hash) === true || !result.resumed);
      await table?.add(clip.id, matrix);
    }
    await table?.finish();
  } catch (error) {
    if (!isSerKitError(error) || error.code !== 'aborted') throw error;
    progress.close();
    const next = out === undefined ? 'nothing was kept' : 'the same command goes on from there';
    terminal.err(`ser-kit: interrupted after ${last.done} of ${last.total} clips; ${next}\n`);
    return EXIT.interrupted;
  } finally {
    await table?.discard();
    progress.close();
    interrupt.done();
  }
  const { durationSec } = last;
  const usable = part.length - skipped.length;
  const computed = [...sounds.values()].filter((isNew) => isNew).length;
  const resumed = sounds.size - computed;
  const duplicates = usable - sounds.size;
  const status = skipped.length > 0 ? EXIT.failed : EXIT.good;
  const more = skipped.slice(SHOWN);
  if (more.length === 1) terminal.err(`${lineOf(more[0]!)}\n`);
  else if (more.length > 1) terminal.err(`skipped ${more.length} more clips\n`);
  if (json) {
    const counts = { clips: part.length, computed, resumed, duplicates, skipped, durationSec };
    terminal.out(
      `${JSON.stringify({ out: out ?? null, features: key, dims: names.length, ...counts, files, csv: csv ?? null })}\n`,
    );
    return status;
  }
  const places = [out, csv].filter((place) => place !== undefined).map(shellWord);
  const same = duplicates > 0 ? ` and ${duplicates} with the same sound as others` : '';
  terminal.out(
    `${key}, ${plural(names.length, 'dimension')}: ${plural(usable, 'clip')} in ${places.join(' and ')}, ${computed} computed` +
      `${same === '' ? ' and' : ','} ${resumed} there before${same}` +
      `, ${(durationSec / 60).toFixed(1)} minutes of sound in ${duration(Date.now() - began)}\n`,
  );
  if (skipped.length > 0) terminal.out(`${plural(skipped.length, 'clip')} cannot be used\n`);
  return status;
}

/** A skipped clip in a line, with what to do, as where the file alone was named. */
function lineOf({ id, code, message }: SkippedClip): string {
  return skippedLine({ id, code, message: withRemedy(code, message) });
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
