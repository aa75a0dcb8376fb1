// The door `ser-kit/models`: networks, their training, and saving them.
export { exportModel, importModel, type ModelArtifact } from './artifact.ts';
export { type BuildCnnOptions, buildCnn, type ConvolutionOptions } from './build-cnn.ts';
export { type BuildCnnLstmOptions, buildCnnLstm } from './build-cnn-lstm.ts';
export { type BuildGruOptions, buildGru } from './build-gru.ts';
export { type BuildLstmOptions, buildLstm } from './build-lstm.ts';
export type { BuildOptions } from './build-options.ts';
export { type BuildSimpleRnnOptions, buildSimpleRnn } from './build-simple-rnn.ts';
export { type CheckpointSummary, describeCheckpoint, type TrainingCheckpoint } from './checkpoint.ts';
export type { EpochFeatures } from './epoch-features.ts';
export type { Example } from './examples.ts';
export type { FeatureMasks } from './feature-masks.ts';
export type { LearningRateSchedule, PlateauOptions } from './learning-rate.ts';
export { predictProbabilities } from './predict-probabilities.ts';
export type { RecurrentOptions } from './recurrent-part.ts';
export type { Summary } from './summary.ts';
export { type TrainingData, trainModel } from './train-model.ts';
export type { BatchMixup, TrainOptions } from './train-options.ts';
export type { EpochMetrics, EpochRecord, TrainingEvent, TrainingHistory } from './training-events.ts';
