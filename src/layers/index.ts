// The door `ser-kit/layers`: layers for any tfjs-layers model.

export { Bidirectional, type BidirectionalArgs, bidirectional, type MergeMode } from './bidirectional.ts';
export { type Drawing, drawingLayers, isDrawing } from './drawing.ts';
export { Gru, gru } from './gru.ts';
export { Lstm, lstm } from './lstm.ts';
export { type AttentionPoolingOptions, attentionPooling, MaskedAttention } from './masked-attention.ts';
export { averagePooling, MaskedAverage } from './masked-average.ts';
export { MaskedBatchNorm } from './masked-batch-norm.ts';
export { type MaskedBatchNormOptions, maskedBatchNorm } from './masked-batch-norm-factory.ts';
export { MaskedConv1d, type MaskedConv1dConfig, maskedConv1d } from './masked-conv1d.ts';
export { MaskedMaxPool1d, type MaskedMaxPool1dConfig, maskedMaxPool1d } from './masked-max-pool1d.ts';
export { MaskedStatistics, type StatisticsPoolingOptions, statisticsPooling } from './masked-statistics.ts';
export type { GatedArgs, LstmArgs, RecurrentArgs } from './recurrent-args.ts';
export { SeededDropout, type SeededDropoutConfig, seededDropout } from './seeded-dropout.ts';
export { registerLayers } from './serialization.ts';
export { SimpleRnn, simpleRnn } from './simple-rnn.ts';
export { fromStockModel, toStockModel } from './stock-model.ts';
