import { Bidirectional } from './bidirectional.ts';
import { DimsSlice } from './dims-slice.ts';
import { Gru } from './gru.ts';
import { SeededGlorotUniform, SeededOrthogonal } from './initializers.ts';
import { Lstm } from './lstm.ts';
import { MaskedAttention } from './masked-attention.ts';
import { MaskedAverage } from './masked-average.ts';
import { MaskedBatchNorm } from './masked-batch-norm.ts';
import { MaskedConv1d } from './masked-conv1d.ts';
import { MaskedMaxPool1d } from './masked-max-pool1d.ts';
import { MaskedStatistics } from './masked-statistics.ts';
import { registerLayer } from './register-layer.ts';
import { SeededDropout } from './seeded-dropout.ts';
import { SimpleRnn } from './simple-rnn.ts';

let done = false;

/**
 * Makes ser-kit's layers and initialisers known to tfjs, by which a saved topology can name them. Called before a
 * model is built or loaded; a function and not a side effect of importing, so that bundlers may drop what is unused.
 */
export function registerLayers(): void {
  if (done) return;
  done = true;
  registerLayer(
    SeededGlorotUniform,
    SeededOrthogonal,
    Bidirectional,
    DimsSlice,
    Gru,
    Lstm,
    MaskedAttention,
    MaskedAverage,
    MaskedBatchNorm,
    MaskedConv1d,
    MaskedMaxPool1d,
    MaskedStatistics,
    SeededDropout,
    SimpleRnn,
  );
}
