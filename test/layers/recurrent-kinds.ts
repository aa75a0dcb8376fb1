import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll } from 'vitest';
import { createRandom, deriveSeed } from '../../src/core/random.ts';
import { gru } from '../../src/layers/gru.ts';
import { lstm } from '../../src/layers/lstm.ts';
import type { LstmArgs } from '../../src/layers/recurrent-args.ts';
import type { RecurrentLayer } from '../../src/layers/recurrent-layer.ts';
import { simpleRnn } from '../../src/layers/simple-rnn.ts';
import { type NdArray, randomArray, zerosOf } from '../support/reference-arrays.ts';
import type { Mask } from '../support/reference-layers.ts';
import {
  gruReference,
  lstmReference,
  type RecurrentReference,
  simpleRnnReference,
} from '../support/reference-recurrent.ts';
import { paddingMask } from './layer-check.ts';

// What the tests of the recurrent layers share.

export type Options = Partial<Omit<LstmArgs, 'units'>>;

export interface Kind {
  readonly name: string;
  readonly gates: number;
  readonly create: (options?: Options) => RecurrentLayer;
  /** tfjs's own, true sigmoids unless told, without the slow orthogonal initialiser. */
  readonly stock: (options?: Options) => tfl.layers.Layer;
  readonly reference: RecurrentReference;
}

export const units = 5;
export const dims = 4;
export const x = randomArray([3, 6, dims], 1);

const stockArgs = ({ seed: _, ...options }: Options) => ({
  ...{ units, recurrentActivation: 'sigmoid' as const, recurrentInitializer: 'zeros' as const },
  ...(options as object),
});

export const kinds: readonly Kind[] = [
  {
    name: 'SimpleRnn',
    gates: 1,
    create: ({ recurrentActivation: _, ...options } = {}) => simpleRnn({ units, seed: 1, ...options }),
    stock: (options = {}) => tfl.layers.simpleRNN(stockArgs(options)),
    reference: simpleRnnReference,
  },
  {
    name: 'Lstm',
    gates: 4,
    create: (options) => lstm({ units, seed: 1, ...options }),
    stock: (options = {}) => tfl.layers.lstm(stockArgs(options)),
    reference: lstmReference,
  },
  {
    name: 'Gru',
    gates: 3,
    create: (options) => gru({ units, seed: 1, ...options }),
    stock: (options = {}) => tfl.layers.gru(stockArgs(options)),
    reference: gruReference,
  },
];

export const masks: readonly { name: string; mask: Mask | undefined }[] = [
  { name: 'without a mask', mask: undefined },
  { name: 'with padding', mask: paddingMask([6, 3, 1], 6) },
  {
    name: 'with gaps, also first and last, and a clip of padding alone',
    mask: [0, 1, 2].map((n) => Array.from({ length: 6 }, (_, t) => n < 2 && (t + n) % 3 !== 0)),
  },
];

export const weightsOf = (gates: number, seed = 2): NdArray[] => [
  randomArray([dims, gates * units], seed, 0.7),
  randomArray([units, gates * units], seed + 1, 0.6),
  randomArray([gates * units], seed + 2, 0.5),
];

/** Dropout's factors as the layers say they draw them: a function of the seed, what is dropped, and the step. */
export function drawnScale(seed: number, what: 'input' | 'state', step: number, rate: number, width: number): NdArray {
  const random = createRandom(deriveSeed(seed, what, step));
  const scale = zerosOf([x.shape[0]!, width]);
  for (let i = 0; i < scale.data.length; i++) scale.data[i] = random() < rate ? 0 : 1 / (1 - rate);
  return scale;
}

/** A sequence [batch, frames, n] from its last frame to its first. */
export function turned(y: NdArray): NdArray {
  const [batch, frames, n] = y.shape as readonly [number, number, number];
  const out = zerosOf(y.shape);
  for (let b = 0; b < batch; b++) {
    for (let t = 0; t < frames; t++) {
      const from = (b * frames + frames - 1 - t) * n;
      out.data.set(y.data.subarray(from, from + n), (b * frames + t) * n);
    }
  }
  return out;
}

/** A layer's output in float64, by tfjs's meaning of its options. */
export function referenceOutput(
  kind: Kind,
  input: NdArray,
  weights: readonly NdArray[],
  options: Options,
  mask: Mask | undefined,
  dropped: { readonly input?: NdArray; readonly state?: NdArray } = {},
): NdArray {
  const { returnSequences = false, goBackwards = false, recurrentActivation = 'sigmoid' } = options;
  const [batch, frames] = input.shape as readonly [number, number, number];
  const inputs = {
    x: {
      shape: input.shape,
      data: input.data.map((v, i) => {
        const clip = Math.floor(i / (frames * dims));
        return v * (dropped.input?.data[clip * dims + (i % dims)] ?? 1);
      }),
    },
    kernel: weights[0]!,
    recurrent: weights[1]!,
    bias: weights[2] ?? zerosOf([kind.gates * units]),
    ...(mask && { mask: { shape: [batch, frames], data: Float64Array.from(mask.flat(), Number) } }),
    ...(dropped.state && { stateScale: dropped.state }),
  };
  const hardSigmoid = recurrentActivation === 'hardSigmoid';
  const y = kind.reference(inputs, { returnSequences, reverse: goBackwards, hardSigmoid });
  return returnSequences && goBackwards ? turned(y) : y;
}

/** In the tests around it the layers find no kernels of their own, as on backends that have none. */
export function useNoKernels(): void {
  const names = ['SerKitLstm', 'SerKitGru', 'SerKitSimpleRnn'];
  const removed: tf.KernelConfig[] = [];
  beforeAll(() => {
    for (const kernelName of names) {
      const kernelFunc = tf.getKernel(kernelName, 'wasm');
      if (kernelFunc === undefined) throw new Error(`${kernelName} is not there to be removed`);
      removed.push(kernelFunc);
      tf.unregisterKernel(kernelName, 'wasm');
    }
  });
  afterAll(() => {
    for (const kernel of removed) tf.registerKernel(kernel);
  });
}
