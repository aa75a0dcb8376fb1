export { type AugmentCorpusOptions, augmentCorpus } from './augment-corpus.ts';
export { type ClipEmbedding, type EmbedCorpusOptions, embedCorpus } from './embed-corpus.ts';
export {
  type ClipFeatures,
  type CorpusProgress,
  type ExtractCorpusOptions,
  extractCorpus,
} from './extract-corpus.ts';
export { type MergedCaches, mergeCaches } from './merge-caches.ts';
export { openDirectory } from './open-directory.ts';
export { type Shard, shardOf } from './shard-of.ts';
export { writeDirectory } from './write-directory.ts';
