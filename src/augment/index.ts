export type { Waveform } from '../core/waveform.ts';
export { type AddBackgroundDraw, type AddBackgroundOptions, addBackground } from './add-background.ts';
export { type AddNoiseDraw, type AddNoiseOptions, addNoise } from './add-noise.ts';
export {
  type AugmentedClip,
  type AugmentedSplit,
  type AugmentTrainingOptions,
  augmentTraining,
  type SplitParts,
} from './augment-training.ts';
export { type Augmentation, createAugmentation } from './augmentation.ts';
export { type ChangeSpeedDraw, type ChangeSpeedOptions, changeSpeed } from './change-speed.ts';
export { type ClipDraw, type ClipOptions, clip } from './clip.ts';
export type { NoiseColor } from './colored-noise.ts';
export { type ComposeDraw, compose } from './compose.ts';
export { type CropDraw, type CropOptions, crop } from './crop.ts';
export { type GainDraw, type GainOptions, gain } from './gain.ts';
export type { Held } from './held.ts';
export { type HighPassDraw, type HighPassOptions, highPass } from './high-pass.ts';
export { type LowPassDraw, type LowPassOptions, lowPass } from './low-pass.ts';
export { type MaskFrequencyOptions, maskFrequency } from './mask-frequency.ts';
export { type MaskDraw, type MaskTimeOptions, maskTime } from './mask-time.ts';
export type { MaskedStretch, MaskFill } from './masks.ts';
export { type MaybeDraw, maybe } from './maybe.ts';
export { type MixupDraw, type MixupExample, type MixupOptions, mixup } from './mixup.ts';
export { type MuLawDraw, type MuLawOptions, muLaw } from './mu-law.ts';
export { type OneOfDraw, type OneOfOptions, oneOf } from './one-of.ts';
export { type OwnDraw, ownFunction, type WaveformFunction } from './own-function.ts';
export { type PadDraw, type PadOptions, pad } from './pad.ts';
export { parseAugmentation } from './parse-augmentation.ts';
export { type ParseTransformOptions, parseTransform, transformNames } from './parse-transform.ts';
export type { AnyTransform, TransformLike } from './parts.ts';
export { type PitchShiftDraw, type PitchShiftOptions, pitchShift } from './pitch-shift.ts';
export type { Range } from './range.ts';
export { type ReverbDraw, type ReverbOptions, reverb } from './reverb.ts';
export { type ShiftDraw, type ShiftOptions, shift } from './shift.ts';
export { type Count, type SomeOfDraw, someOf } from './some-of.ts';
export { type TelephoneDraw, type TelephoneOptions, telephone } from './telephone.ts';
export { type TimeStretchDraw, type TimeStretchOptions, timeStretch } from './time-stretch.ts';
export type { Domain, FeatureTransform, Transform, TransformJson } from './transform.ts';
