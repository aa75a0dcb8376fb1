// The door `ser-kit/layers`: layers for any tfjs-layers model.
export { Bidirectional, type BidirectionalArgs, bidirectional, type MergeMode } from './bidirectional.ts';
export { type Drawing, drawingLayers, isDrawing } from './drawing.ts';
export { Gru, gru } from './gru.ts';
export { Lstm, lstm } from './lstm.ts';
export type { GatedArgs, LstmArgs, RecurrentArgs } from './recurrent-args.ts';
export { registerLayers } from './serialization.ts';
export { SimpleRnn, simpleRnn } from './simple-rnn.ts';
export { fromStockModel, toStockModel } from './stock-model.ts';
