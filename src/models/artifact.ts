import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { SerKitError } from '../core/errors.ts';
import { withoutInitialisation } from '../layers/initializers.ts';
import { registerLayers } from '../layers/serialization.ts';

/** A network as plain data: its topology as JSON, and its weights as little-endian float32 one after another. */
export interface ModelArtifact {
  /** tfjs-layers' own topology JSON. */
  readonly topology: Record<string, unknown>;
  /** Names and shapes, in the order in which the weights lie. */
  readonly weights: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly bytes: Uint8Array;
}

/** A network's topology and weights, copied out of the backend. */
export async function exportModel(model: tfl.LayersModel): Promise<ModelArtifact> {
  const tensors = model.getWeights();
  const names = model.weights.map((weight) => weight.originalName);
  const values = await Promise.all(tensors.map((tensor) => tensor.data() as Promise<Float32Array>));
  const bytes = new Uint8Array(values.reduce((total, v) => total + v.length * 4, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const array of values) {
    for (const value of array) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return {
    topology: model.toJSON(undefined, false) as Record<string, unknown>,
    weights: tensors.map((tensor, i) => ({ name: names[i]!, shape: tensor.shape })),
    bytes,
  };
}

/**
 * The network again, on the current backend.
 *
 * @throws SerKitError 'bad-format' when the topology is not one tfjs can build, 'altered' when names or shapes do not fit
 */
export async function importModel(artifact: ModelArtifact): Promise<tfl.LayersModel> {
  registerLayers();
  let model: tfl.LayersModel;
  const others = new Set(variables());
  const modelTopology = artifact.topology as never;
  // All layers are built before this returns, so that no other call's weights are among the new ones.
  const built = withoutInitialisation(() => tfl.models.modelFromJSON({ modelTopology }));
  const made = variables().filter((variable) => !others.has(variable));
  try {
    model = await built;
  } catch (error) {
    tf.dispose(made); // the weights of the layers before the one that failed
    throw new SerKitError(
      'bad-format',
      `importModel: topology expected a tfjs-layers model, got one that fails: ${String((error as Error).message).split('\n')[0]}`,
      { cause: error },
    );
  }
  const { bytes } = artifact;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const expected = model.weights;
  const tensors: tf.Tensor[] = [];
  try {
    if (expected.length !== artifact.weights.length) {
      throw new SerKitError(
        'altered',
        `importModel: expected ${expected.length} weights for this topology, got ${artifact.weights.length}`,
      );
    }
    let at = 0;
    artifact.weights.forEach(({ name, shape }, i) => {
      const wanted = expected[i]!;
      if (name !== wanted.originalName || shape.join() !== wanted.shape.join()) {
        throw new SerKitError(
          'altered',
          `importModel: weight ${i} expected ${wanted.originalName} [${wanted.shape}], got ${name} [${shape}]`,
        );
      }
      const values = new Float32Array(shape.reduce((product, n) => product * n, 1));
      if (at + values.length * 4 > bytes.length) {
        throw new SerKitError(
          'truncated',
          `importModel: weights expected more than ${bytes.length} bytes, got the end inside ${name}`,
        );
      }
      for (let j = 0; j < values.length; j++, at += 4) values[j] = view.getFloat32(at, true);
      tensors.push(tf.tensor(values, [...shape]));
    });
    if (at !== bytes.length) {
      throw new SerKitError('altered', `importModel: weights expected ${at} bytes, got ${bytes.length}`);
    }
    model.setWeights(tensors);
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  } finally {
    tf.dispose(tensors);
  }
}

function variables(): tf.Variable[] {
  return Object.values(tf.engine().registeredVariables);
}
