// The door `ser-kit/features/xvector`: the network that tells speakers apart, its weights, its training and its scoring.

export {
  type BuildXvectorOptions,
  buildXvector,
  type FrameLayerShape,
  SNYDER_FRAME_LAYERS,
  type XvectorShape,
} from './build-xvector.ts';
export { createXvector, type Xvector } from './create-xvector.ts';
export { type EncodeXvectorOptions, encodeXvector, type XvectorValues } from './own-format.ts';
export { parseXvector } from './parse-xvector.ts';
export { encodeXvectorSafetensors, parseXvectorSafetensors } from './safetensors.ts';
export { parseSpeechBrainCheckpoint, type SpeechBrainOptions } from './speechbrain.ts';
export { type TrainedXvector, trainXvector } from './train-xvector.ts';
export { type TrainXvectorOptions, XVECTOR_FRONT_END, type XvectorTrainingEvent } from './train-xvector-options.ts';
export type {
  XvectorFrameLayer,
  XvectorFrontEnd,
  XvectorLayer,
  XvectorPooling,
  XvectorWeights,
} from './weights.ts';
