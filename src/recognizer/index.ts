// The door `ser-kit/recognizer`: features, network and labels as one thing.
export type { AugmentationPlan, AugmentedFeatures } from '../clips/augment-clip.ts';
export type {
  AugmentationWork,
  AugmentedEvent,
  AugmentedFeaturesOfClip,
  ClipAugmenter,
} from '../clips/augmented-epochs.ts';
export {
  createFrontEnd,
  DEFAULT_FEATURES,
  type FrontEnd,
  type FrontEndConfig,
  type FrontEndFunctionals,
  type FrontEndOptions,
} from '../clips/front-end.ts';
export type { SkippedClip } from '../clips/skipped-clip.ts';
export type { FeatureChoice } from '../features/recipe.ts';
export {
  type EvaluateOptions,
  type Evaluation,
  evaluateRecognizer,
} from './evaluate-recognizer.ts';
export { loadRecognizer } from './load-recognizer.ts';
export type { CorpusLayout, Provenance } from './provenance.ts';
export type { PredictBatchOptions, Prediction, PredictionWarning, Recognizer } from './recognizer.ts';
export type { RecognizerSplit } from './recognizer-split.ts';
export { saveRecognizer } from './save-recognizer.ts';
export {
  type AugmentPart,
  MODEL_BUILDERS,
  type ModelBuilder,
  type ModelName,
  type ModelOptions,
  type RecognizerEvent,
  type TrainRecognizerOptions,
  trainRecognizer,
} from './train-recognizer.ts';
export type { EmbeddingOfClip, RecognizerXvectorOptions, XvectorJoin } from './xvector-options.ts';
