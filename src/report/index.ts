// The door `ser-kit/report`: numbers to pictures.
export { type ConfusionMatrixSvgOptions, confusionMatrixSvg } from './confusion-matrix.ts';
export { type CurvePoint, type LearningCurveOptions, learningCurveSvg } from './learning-curve.ts';
export { type RecordingPicture, type RecordingSvgOptions, recordingSvg } from './recording.ts';
