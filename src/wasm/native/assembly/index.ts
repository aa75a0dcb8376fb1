// AssemblyScript, not TypeScript: `npm run kernel` compiles this file and what it exports into ../native-bytes.ts.
//
// The module has no memory, no data and no allocator of its own: it imports the memory of tfjs's wasm backend, so that
// pointers are those of tensors. Nothing here may use a global array, a string, `new` or a data segment.
export { gruBackward, gruForward, gruRecurrentGradient } from './gru';
export { lstmBackward, lstmForward, lstmRecurrentGradient } from './lstm';
export { forwardScratch, inputFirst, recurrentScratch } from './recurrence';
export { simpleRnnBackward, simpleRnnForward, simpleRnnRecurrentGradient } from './simple-rnn';
export { binaryRow, compare, repeatBlocks, tanhEach } from './elementwise';
export { affineRow, batchNormGrad, batchNormSums, normalizeRows, rowMoments } from './norm';
export { maxPoolGrad } from './pooling';
export { sumMiddle } from './reductions';
export { convolutionScratch, convolve, filterGradient, inputGradient } from './convolution';
export { depthwise, depthwiseFilterGradient, depthwiseInputGradient, depthwiseScratch } from './depthwise';
export { finish } from './finish';
export { GEMM_SCRATCH, gemm, gemmScratch } from './gemm';
