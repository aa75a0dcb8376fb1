// The networks of `npm run bench:training`, as tfjs-layers has them; bench_training.py has the same in PyTorch. Recurrent
// kernels start with Glorot's draw, not tfjs's orthogonal one, which takes seconds and changes no step's time.
const CLASSES = 6;
const recurrentInitializer = 'glorotUniform';

/** By name: what to call it in a table, and its layers for [batch, frames, dims]. */
export const MODELS = {
  rnn: {
    title: 'SimpleRNN(256) + dense',
    layers: (l, inputShape) => [
      l.simpleRNN({ units: 256, recurrentInitializer, inputShape }),
      l.dense({ units: 128, activation: 'relu' }),
      l.dense({ units: 64, activation: 'relu' }),
    ],
  },
  lstm: {
    title: 'LSTM(128)',
    layers: (l, inputShape) => [
      l.lstm({ units: 128, recurrentInitializer, inputShape }),
      l.dropout({ rate: 0.3 }),
      l.dense({ units: 64, activation: 'relu' }),
    ],
  },
  gru: {
    title: 'GRU(128)',
    layers: (l, inputShape) => [
      l.gru({ units: 128, recurrentInitializer, inputShape }),
      l.dropout({ rate: 0.3 }),
      l.dense({ units: 64, activation: 'relu' }),
    ],
  },
  bilstm: {
    title: 'BiLSTM(64)',
    layers: (l, inputShape) => [
      l.bidirectional({ layer: l.lstm({ units: 64, recurrentInitializer }), mergeMode: 'concat', inputShape }),
      l.dropout({ rate: 0.3 }),
    ],
  },
  crnn: {
    title: 'Conv1D x2 + LSTM(128)',
    layers: (l, inputShape) => [
      l.conv1d({ filters: 64, kernelSize: 5, padding: 'same', activation: 'relu', inputShape }),
      l.batchNormalization(),
      l.maxPooling1d({ poolSize: 2 }),
      l.conv1d({ filters: 128, kernelSize: 5, padding: 'same', activation: 'relu' }),
      l.batchNormalization(),
      l.maxPooling1d({ poolSize: 2 }),
      l.lstm({ units: 128, recurrentInitializer }),
    ],
  },
  cnn2d: {
    title: 'Conv2D x3 (16, 32, 64)',
    layers: (l, inputShape) => [
      l.reshape({ targetShape: [...inputShape, 1], inputShape }),
      ...[16, 32, 64].flatMap((filters) => [
        l.conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu' }),
        l.batchNormalization(),
        l.maxPooling2d({ poolSize: 2 }),
      ]),
      l.globalAveragePooling2d({ dataFormat: 'channelsLast' }),
      l.dense({ units: 64, activation: 'relu' }),
    ],
  },
};

/** A network of tfjs's own layers, not compiled: [batch, frames, dims] -> probabilities of six classes. */
export function stockModel(tfl, name, frames, dims) {
  const head = tfl.layers.dense({ units: CLASSES, activation: 'softmax' });
  return tfl.sequential({ layers: [...MODELS[name].layers(tfl.layers, [frames, dims]), head] });
}
