export { type CheckCorpusOptions, type CheckedCorpus, checkCorpus } from './check-corpus.ts';
export type { Corpus, CorpusProblem, FileClip, ProblemCode } from './corpus.ts';
export type { CsvColumns } from './csv-layout.ts';
export { type FolderCorpus, type OpenFolderOptions, openFolder } from './folder.ts';
export { type KFoldOptions, kFoldBySpeaker } from './k-fold-by-speaker.ts';
export { describeSplit, type Split } from './split.ts';
export { splitByClip } from './split-by-clip.ts';
export { splitBySpeaker } from './split-by-speaker.ts';
export type { SplitOptions } from './split-options.ts';
export { type SynthesizeOptions, synthesize } from './synthetic/synthesize.ts';
export {
  createSyntheticCorpus,
  renderSyntheticCorpus,
  type SyntheticCorpusOptions,
} from './synthetic/synthetic-corpus.ts';
