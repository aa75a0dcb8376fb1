// The door `ser-kit/features/xvector`: the network that tells speakers apart, its weights, its training and its scoring.

export {
  type BuildXvectorOptions,
  buildXvector,
  type FrameLayerShape,
  SNYDER_FRAME_LAYERS,
  type XvectorShape,
} from './build-xvector.ts';
export { cosineScore } from './cosine.ts';
export { createXvector, type Xvector } from './create-xvector.ts';
export type { Embedding } from './embeddings.ts';
export {
  type EmbeddingsEvaluation,
  type EvaluateEmbeddingsOptions,
  evaluateEmbeddings,
  scoreTrials,
} from './evaluate-embeddings.ts';
export { type KaldiFrontEnd, type KaldiNnet3Options, parseKaldiNnet3 } from './kaldi-nnet3.ts';
export { fitLda, type Lda, type LdaJson, type LdaOptions, parseLda } from './lda.ts';
export { lengthNormalize } from './length-norm.ts';
export { type EncodeXvectorOptions, encodeXvector, type XvectorValues } from './own-format.ts';
export { parseXvector } from './parse-xvector.ts';
export { fitPlda, type Plda, type PldaJson, type PldaOptions, parsePlda } from './plda.ts';
export { encodeXvectorSafetensors, parseXvectorSafetensors } from './safetensors.ts';
export {
  fitScoring,
  parseScoring,
  plainCosine,
  type Scoring,
  type ScoringJson,
  type ScoringMethod,
  type ScoringOptions,
} from './scoring.ts';
export type { Shrinkage } from './shrinkage.ts';
export { speakersHeard } from './speakers-heard.ts';
export { parseSpeechBrainCheckpoint, type SpeechBrainOptions } from './speechbrain.ts';
export { type TrainedXvector, trainXvector } from './train-xvector.ts';
export { type TrainXvectorOptions, XVECTOR_FRONT_END, type XvectorTrainingEvent } from './train-xvector-options.ts';
export { type ClipOfSpeaker, type Trials, type TrialsOptions, trialsOf } from './trials.ts';
export type {
  XvectorFrameLayer,
  XvectorFrontEnd,
  XvectorLayer,
  XvectorPooling,
  XvectorWeights,
} from './weights.ts';
