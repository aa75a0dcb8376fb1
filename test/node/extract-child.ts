// A process that fills a cache, for tests that kill it: node extract-child.mjs DIR CACHE. One line a clip on stdout.

import { extractCorpus } from '../../src/node/extract-corpus.ts';
import { openDirectory } from '../../src/node/open-directory.ts';
import { workerFile } from '../../src/node/worker-file.ts';
import { SMALL } from './corpus-support.ts';

workerFile.url = new URL('./feature-worker.mjs', import.meta.url);
const [dir, cache] = process.argv.slice(2) as [string, string];
const paths = await openDirectory(dir).list();
const clips = paths.map((path) => ({ id: path, path, speakerId: 's', label: 'l', load: () => Promise.reject() }));
for await (const { clip, skipped } of extractCorpus(clips, SMALL, { workers: 2, dir, cache })) {
  process.stdout.write(`${skipped === undefined ? clip.id : skipped.message}\n`);
}
