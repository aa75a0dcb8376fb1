export type { Corpus, CorpusProblem, FileClip, ProblemCode } from '../corpus.ts';
export type { CremadActor, CremadModality, CremadVotes, CremadVotesByModality } from './label-files.ts';
export { CREMAD_EMOTIONS, type CremadEmotion, type CremadIntensity } from './names.ts';
export { type CremadClip, type CremadCorpus, openCremad } from './open-cremad.ts';
