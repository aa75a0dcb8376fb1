import { SerKitError } from '../core/errors.ts';
import { deriveSeed } from '../core/random.ts';

// What a ser-kit layer is called and configured among tfjs's own, and the other way round, in the JSON of a topology.

export type Config = Record<string, unknown>;

/** A layer (or model, or initialiser) in a topology's JSON. */
export interface Node {
  readonly class_name: string;
  readonly config: Config;
}

export function isNode(value: unknown): value is Node {
  const node = value as Partial<Node> | null;
  return typeof node === 'object' && node !== null && typeof node.class_name === 'string' && 'config' in node;
}

/** The entries that every layer has, and then those that are named. */
function pick(config: Config, ...names: readonly string[]): Config {
  const wanted = ['name', 'trainable', 'dtype', 'batch_input_shape', ...names];
  return Object.fromEntries(wanted.filter((name) => config[name] !== undefined).map((name) => [name, config[name]]));
}

const recurrentNames = ['units', 'return_sequences', 'go_backwards', 'use_bias', 'dropout', 'recurrent_dropout'];

/** Glorot's uniform numbers: cheap on every backend, unlike tfjs's orthogonal ones, which are its default. */
const glorot = {
  class_name: 'VarianceScaling',
  config: { scale: 1, mode: 'fan_avg', distribution: 'uniform', seed: null },
};

function stockRecurrent(class_name: string, config: Config, more: Config): Node {
  const initializers = { kernel_initializer: glorot, recurrent_initializer: glorot };
  return { class_name, config: { ...pick(config, ...recurrentNames), activation: 'tanh', ...initializers, ...more } };
}

const gateActivation = (config: Config): Config => ({ recurrent_activation: config.recurrent_activation ?? 'sigmoid' });

/** By ser-kit's class name: the stock layer. Layers inside are converted already. */
export const toStock: Readonly<Record<string, (config: Config) => Node>> = {
  SerKitGlorotUniform: () => glorot,
  SerKitOrthogonal: () => glorot,
  SerKitSimpleRnn: (config) => stockRecurrent('SimpleRNN', config, {}),
  SerKitGru: (config) => stockRecurrent('GRU', config, gateActivation(config)),
  SerKitLstm: (config) =>
    stockRecurrent('LSTM', config, {
      ...gateActivation(config),
      unit_forget_bias: config.unit_forget_bias ?? true,
    }),
  SerKitBidirectional: (config) => ({ class_name: 'Bidirectional', config: pick(config, 'merge_mode', 'layer') }),
  SerKitSeededDropout: (config) => ({ class_name: 'Dropout', config: pick(config, 'rate') }),
  SerKitMaskedConv1d: (config) => ({
    class_name: 'Conv1D',
    config: {
      ...pick(config, 'filters', 'use_bias'),
      ...{ kernel_size: [config.kernel_size], strides: [1], padding: 'same', kernel_initializer: glorot },
      ...(config.dilation !== undefined && { dilation_rate: [config.dilation] }),
    },
  }),
  SerKitMaskedBatchNorm: (config) => ({
    class_name: 'BatchNormalization',
    config: pick(config, 'momentum', 'epsilon'),
  }),
  SerKitMaskedMaxPool1d: (config) => ({
    class_name: 'MaxPooling1D',
    config: { ...pick(config), pool_size: [config.pool_size], strides: [config.pool_size], padding: 'same' },
  }),
  SerKitMaskedAverage: (config) => ({ class_name: 'GlobalAveragePooling1D', config: pick(config) }),
};

/** The stock layers above that know nothing of masks. */
export const maskBlind: ReadonlySet<string> = new Set([
  'Conv1D',
  'BatchNormalization',
  'MaxPooling1D',
  'GlobalAveragePooling1D',
]);

/** What ser-kit's recurrent layers cannot do, each with the value that does nothing. */
const refused: readonly (readonly [name: string, neutral: unknown])[] = [
  ['stateful', false],
  ['return_state', false],
  ['activation', 'tanh'],
  ...['kernel', 'recurrent', 'bias'].flatMap((which) => [
    [`${which}_regularizer`, null] as const,
    [`${which}_constraint`, null] as const,
  ]),
  ['activity_regularizer', null],
];

function ourRecurrent(class_name: string, config: Config, seed: number, more: Config): Node {
  const complain = (name: string, expected: string, got: unknown): never => {
    const text = `fromStockModel: ${name} of layer ${JSON.stringify(config.name)} expected ${expected}, got ${JSON.stringify(got)}`;
    throw new SerKitError('unsupported', text);
  };
  for (const [name, neutral] of refused) {
    const value = config[name] ?? neutral;
    if (value !== neutral) complain(camel(name), `${neutral}`, value);
  }
  for (const name of ['dropout', 'recurrent_dropout']) {
    if (Number(config[name] ?? 0) >= 1) complain(camel(name), '< 1', config[name]);
  }
  const gate = more.recurrent_activation;
  if (gate !== undefined && gate !== 'sigmoid' && gate !== 'hard_sigmoid') {
    complain('recurrentActivation', '"sigmoid" | "hardSigmoid"', gate);
  }
  return { class_name, config: { ...pick(config, ...recurrentNames), seed, ...more } };
}

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** By tfjs's class name: ser-kit's layer, its seed made from the name. */
export const fromStock: Readonly<Record<string, (config: Config, seed: number) => Node>> = {
  SimpleRNN: (config, seed) => ourRecurrent('SerKitSimpleRnn', config, seedOf(config, seed), {}),
  GRU: (config, seed) => ourRecurrent('SerKitGru', config, seedOf(config, seed), stockGate(config)),
  LSTM: (config, seed) =>
    ourRecurrent('SerKitLstm', config, seedOf(config, seed), {
      ...stockGate(config),
      unit_forget_bias: config.unit_forget_bias === true,
    }),
  Bidirectional: (config) => {
    const { class_name } = config.layer as Node;
    const ours = class_name.startsWith('SerKit');
    return ours
      ? { class_name: 'SerKitBidirectional', config: pick(config, 'merge_mode', 'layer') }
      : { class_name: 'Bidirectional', config };
  },
};

const seedOf = (config: Config, seed: number): number => deriveSeed(seed, 'stock', `${config.name}`);
const stockGate = (config: Config): Config => ({
  recurrent_activation: config.recurrent_activation === undefined ? 'hard_sigmoid' : config.recurrent_activation,
});
