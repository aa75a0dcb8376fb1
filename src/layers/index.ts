// The door `ser-kit/layers`: layers for any tfjs-layers model.
export { Lstm } from './lstm.ts';
export { SimpleRnn } from './simple-rnn.ts';
