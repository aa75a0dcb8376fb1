// The door `ser-kit/report`: numbers to pictures.
export {
  type AugmentationPicture,
  type AugmentationSvgOptions,
  augmentationSvg,
  type PicturedFeatures,
  type PicturedVersion,
} from './augmentation.ts';
export { type ConfusionMatrixSvgOptions, confusionMatrixSvg } from './confusion-matrix.ts';
export { type DetCurve, type DetCurveOptions, detCurveSvg } from './det-curve.ts';
export { type CurvePoint, type LearningCurveOptions, learningCurveSvg } from './learning-curve.ts';
export { type RecordingPicture, type RecordingSvgOptions, recordingSvg } from './recording.ts';
