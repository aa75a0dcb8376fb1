import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import * as z from 'zod/mini';
import { SerKitError } from '../core/errors.ts';
import { parseOptions, seedNumber } from '../core/options.ts';
import { checkModel } from './check-model.ts';
import { withoutInitialisation } from './initializers.ts';
import { registerLayers } from './serialization.ts';
import { fromStock, isNode, maskBlind, type Node, toStock } from './stock-layers.ts';

/**
 * The same network made of tfjs's own layers alone, which loads where ser-kit is not installed. Weights are copied; an
 * optimizer, where the model was compiled, is not.
 *
 * tfjs's convolution, batch normalisation, pooling and averaging know nothing of masks. A network of recurrent and dense
 * layers alone keeps its Masking layer and gives the same outputs, padded or not. One that has any of the former loses
 * it: it gives the same outputs for clips **without** padding and without frames that are all zeros, so predict one clip
 * at a time, or clips of one length. Where it pools more than 2 frames, their number has to be a multiple of that, as
 * tfjs fills up at both ends. Random masks of dropout are not those of the original.
 *
 * @throws SerKitError 'bad-input' for what is no model; 'unsupported' for a ser-kit layer that has no twin in tfjs
 * @example
 * const stock = await toStockModel(model);
 * await stock.save('downloads://emotions');
 */
export async function toStockModel(model: tfl.LayersModel): Promise<tfl.LayersModel> {
  checkModel('toStockModel', model);
  let blind = false;
  const replace = (node: Node): Node => {
    const made = Object.hasOwn(toStock, node.class_name) ? toStock[node.class_name]!(node.config) : node;
    if (made.class_name.startsWith('SerKit')) {
      const text = `layer ${JSON.stringify(node.config.name)} (${node.class_name}) has no twin among tfjs's own layers`;
      throw new SerKitError('unsupported', `toStockModel: expected layers that tfjs has, but ${text}`);
    }
    blind ||= made !== node && maskBlind.has(made.class_name);
    return made;
  };
  const topology = rewrite(topologyOf(model), replace);
  // What such a layer would otherwise refuse in training, and drop in prediction, is not there to begin with.
  const unmask = (node: Node): Node => {
    if (node.class_name !== 'Masking') return node;
    const { mask_value: _, ...config } = node.config;
    return { class_name: 'Activation', config: { ...config, activation: 'linear' } };
  };
  return rebuild(model, blind ? rewrite(topology, unmask) : topology);
}

/**
 * The same network with tfjs's recurrent layers (`simpleRNN`, `lstm`, `gru` and `bidirectional` ones of those) replaced by
 * ser-kit's, with the same outputs; all other layers, `rnn` and `convLstm2d` too, stay as they are. Weights are copied, and so
 * is what is frozen; an optimizer is not, so compile it again. On tfjs's wasm backend it is fast where `ser-kit/wasm` is
 * imported, too.
 *
 * @param options.seed  for the dropout masks of the new layers. @default 0
 * @throws SerKitError 'bad-option'; 'bad-input' for what is no model; 'unsupported' for a recurrent layer that is stateful,
 *   returns or is given states, has another activation than tanh, gates other than sigmoid or hard sigmoid, regularizers or constraints
 * @example
 * const fast = await fromStockModel(await tfl.loadLayersModel('https://example.org/model.json'));
 */
export async function fromStockModel(
  model: tfl.LayersModel,
  options: { readonly seed?: number | undefined } = {},
): Promise<tfl.LayersModel> {
  const { seed = 0 } = parseOptions('fromStockModel', optionsSchema, options);
  checkModel('fromStockModel', model);
  registerLayers();
  const replace = (node: Node): Node => {
    if (!Object.hasOwn(fromStock, node.class_name)) return node;
    const made = fromStock[node.class_name]!(node.config, seed);
    const inbound = (node as { inbound_nodes?: readonly (readonly unknown[])[] }).inbound_nodes ?? [];
    if (inbound.some((tensors) => tensors.length > 1)) {
      const text = `layer ${JSON.stringify(node.config.name)} expected no initial state, got one`;
      throw new SerKitError('unsupported', `fromStockModel: ${text}`);
    }
    return made;
  };
  return rebuild(model, rewrite(topologyOf(model), replace));
}

const optionsSchema = /* @__PURE__ */ z.strictObject({ seed: /* @__PURE__ */ z.optional(seedNumber) });

function topologyOf(model: tfl.LayersModel): Node {
  return model.toJSON(undefined, false) as unknown as Node;
}

/** The JSON with every node in it replaced, the inner ones first; what a node has beside its config stays. */
function rewrite<T>(value: T, replace: (node: Node) => Node): T {
  if (Array.isArray(value)) return value.map((item) => rewrite(item, replace)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rewrite(item, replace)])) as T;
  return isNode(inner) ? { ...inner, ...replace(inner) } : inner;
}

async function rebuild(model: tfl.LayersModel, topology: Node): Promise<tfl.LayersModel> {
  // Built inside a tidy(), as the initialiser of tfjs's LSTM leaves tensors behind.
  let building: Promise<tfl.LayersModel> | undefined;
  tf.tidy(() => {
    building = withoutInitialisation(() => tfl.models.modelFromJSON({ modelTopology: topology as never }));
  });
  const rebuilt = await building!;
  try {
    copyWeights(model, rebuilt);
    return rebuilt;
  } catch (error) {
    rebuilt.dispose();
    throw error;
  }
}

/** Layer by layer, and not all at once, because layers that are frozen go last in a model's own list of weights. */
function copyWeights(from: tfl.LayersModel, to: tfl.LayersModel): void {
  const twins = new Map(to.layers.map((layer) => [layer.name, layer]));
  for (const layer of from.layers) {
    const twin = twins.get(layer.name)!;
    if ('layers' in layer) copyWeights(layer as tfl.LayersModel, twin as tfl.LayersModel);
    else {
      twin.setWeights(layer.getWeights());
      // Freezing a model marks its layers' weights, which stay so where the layers go into another model.
      const copies = twin.weights;
      layer.weights.forEach((weight, i) => {
        copies[i]!.trainable = weight.trainable;
      });
    }
  }
  // Unlike a layer's, it is not in the JSON of a model.
  if (!from.trainable) to.trainable = false;
}
