// The door `ser-kit/features/xvector`: the network that tells speakers apart, its weights, its training and its scoring.

export { createXvector, type Xvector } from './create-xvector.ts';
export { type EncodeXvectorOptions, encodeXvector, type XvectorValues } from './own-format.ts';
export { parseXvector } from './parse-xvector.ts';
export type {
  XvectorFrameLayer,
  XvectorFrontEnd,
  XvectorLayer,
  XvectorPooling,
  XvectorWeights,
} from './weights.ts';
