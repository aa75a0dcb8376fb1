import type * as tfl from '@tensorflow/tfjs-layers';

/** A layer that draws random masks while training, each a function of (seed, how many were drawn before). */
export interface Drawing {
  /** False for a layer that could draw but has no rate to do so. */
  readonly draws: boolean;
  /** Training calls since the seed was set. A checkpoint keeps it, and sets it again on resuming. */
  drawn: number;
  /** Starts the stream of masks again, from a new seed: a whole number >= 0. */
  reseed(seed: number): void;
}

/** True for a layer that draws masks while training: seeded dropout, and recurrent layers with a dropout rate. */
export function isDrawing(layer: unknown): layer is Drawing {
  const drawing = layer as Partial<Drawing> | null | undefined;
  return typeof drawing?.reseed === 'function' && typeof drawing.drawn === 'number' && drawing.draws === true;
}

/** Where layers hold other layers: models in models, Bidirectional, and tfjs's wrappers. */
interface Holder {
  readonly layers?: readonly tfl.layers.Layer[];
  readonly forwardLayer?: tfl.layers.Layer;
  readonly backwardLayer?: tfl.layers.Layer;
  readonly layer?: tfl.layers.Layer;
}

function* layersIn(layer: tfl.layers.Layer): Generator<tfl.layers.Layer> {
  const { layers, forwardLayer, backwardLayer, layer: wrapped } = layer as unknown as Holder;
  const inner =
    layers ?? (forwardLayer && backwardLayer ? [forwardLayer, backwardLayer] : wrapped === undefined ? [] : [wrapped]);
  yield layer;
  for (const one of inner) yield* layersIn(one);
}

/**
 * A model's layers that draw masks while training, in the model's order, also those inside Bidirectional, wrappers and
 * nested models.
 */
export function drawingLayers(model: tfl.LayersModel): Drawing[] {
  const all: unknown[] = [...layersIn(model)];
  return all.filter(isDrawing);
}
