import * as tfl from '@tensorflow/tfjs-layers';
import { DimsSlice } from '../layers/dims-slice.ts';
import { MaskedAverage } from '../layers/masked-average.ts';

/** A network while it is being built, layer upon layer. */
export interface LayerStack {
  add(layer: tfl.layers.Layer): void;
  /** Puts what went past the layers beside what they gave, [batch, units] -> [batch, units + utteranceDims]. */
  join(): void;
  /** The network, once all its layers are there. */
  model(): tfl.LayersModel;
}

const NAME = 'ser_kit';

/** [batch, any frames, dims], of which frames of zeros are padding. */
function padding(dims: number): tfl.layers.Layer {
  return tfl.layers.masking({ name: 'padding', maskValue: 0, inputShape: [null, dims] as unknown as number[] });
}

/** All dimensions through all layers. */
export function plainStack(dims: number): LayerStack {
  const model = tfl.sequential({ name: NAME });
  model.add(padding(dims));
  return { add: (layer) => model.add(layer), join: () => {}, model: () => model };
}

/**
 * The last `utteranceDims` dimensions past the layers: their mean over the clip's own frames joins what the layers gave. They are
 * split off behind the mask, so that a frame is padding where all its dimensions are 0, those of the clip too.
 */
export function branchedStack(dims: number, utteranceDims: number): LayerStack {
  // A name of its own: tfjs would number it through the process, and the same network would be other bytes.
  const input = tfl.input({ name: 'frames_input', shape: [null, dims] });
  const apply = (layer: tfl.layers.Layer, to: tfl.SymbolicTensor | tfl.SymbolicTensor[]): tfl.SymbolicTensor =>
    layer.apply(to) as tfl.SymbolicTensor;
  const masked = apply(tfl.layers.masking({ name: 'padding', maskValue: 0 }), input);
  const own = dims - utteranceDims;
  let top = apply(new DimsSlice({ name: 'frames', begin: 0, size: own }), masked);
  const repeated = apply(new DimsSlice({ name: 'repeated', begin: own, size: utteranceDims }), masked);
  const utterance = apply(new MaskedAverage({ name: 'utterance' }), repeated);
  return {
    add(layer) {
      top = apply(layer, top);
    },
    join() {
      top = apply(tfl.layers.concatenate({ name: 'joined', axis: -1 }), [top, utterance]);
    },
    model: () => tfl.model({ name: NAME, inputs: input, outputs: top }),
  };
}
