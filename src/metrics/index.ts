// The door `ser-kit/metrics`: labels (or scores) to numbers. Truth comes first, as in scikit-learn.

export { accuracy } from './accuracy.ts';
export type { Average, Scores } from './class-counts.ts';
export { type ClassificationReport, classificationReport } from './classification-report.ts';
export { type ConfusionMatrix, confusionMatrix } from './confusion-matrix.ts';
export { type DetectionCost, type DetectionCostOptions, detectionCost } from './detection-cost.ts';
export { type DetectionErrors, detectionErrors } from './detection-errors.ts';
export { equalErrorRate } from './equal-error-rate.ts';
export {
  compareEqualErrorRates,
  type EqualErrorRateComparison,
  type EqualErrorRateInterval,
  equalErrorRateInterval,
  type Interval,
  type SpeakerBootstrapOptions,
} from './equal-error-rate-interval.ts';
export { formatConfusionMatrix } from './format-confusion-matrix.ts';
export { type FormatReportOptions, formatReport } from './format-report.ts';
export type { Label } from './labels.ts';
export type { LabelsOption } from './labels-option.ts';
export { type AverageOptions, f1, precision, recall } from './precision-recall-f1.ts';
export type { SpeakerPairs } from './speaker-pairs.ts';
export { unweightedAverageRecall } from './unweighted-average-recall.ts';
