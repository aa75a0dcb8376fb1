import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { bidirectional } from '../../src/layers/bidirectional.ts';
import { drawingLayers, isDrawing } from '../../src/layers/drawing.ts';
import { gru } from '../../src/layers/gru.ts';
import { lstm } from '../../src/layers/lstm.ts';
import { SeededDropout } from '../../src/layers/seeded-dropout.ts';
import { useWasm } from '../support/wasm.ts';

describe('drawingLayers()', () => {
  useWasm();

  it('finds the layers that draw, in order, also inside others, and no others', () => {
    const dropout = new SeededDropout({ rate: 0.1, seed: 1 });
    const inner = tfl.sequential();
    const nested = gru({ units: 2, seed: 1, dropout: 0.1, inputShape: [null, 4], returnSequences: true });
    inner.add(nested);
    const both = bidirectional({ layer: lstm({ units: 2, seed: 1, recurrentDropout: 0.2, returnSequences: true }) });
    const stock = tfl.layers.bidirectional({
      layer: lstm({ units: 2, seed: 1, dropout: 0.2, returnSequences: true }) as never,
    }) as unknown as { forwardLayer: object; backwardLayer: object } & tfl.layers.Layer;
    const model = tfl.sequential();
    model.add(tfl.layers.inputLayer({ inputShape: [null, 4] as never }));
    for (const layer of [dropout, inner, new SeededDropout({ rate: 0, seed: 1 }), both, stock]) model.add(layer);
    model.add(lstm({ units: 2, seed: 1 }));
    expect(drawingLayers(model)).toEqual([
      dropout,
      nested,
      both.forwardLayer,
      both.backwardLayer,
      stock.forwardLayer,
      stock.backwardLayer,
    ]);
  });

  it("takes tfjs's own dropout for none of them", () => {
    expect(isDrawing(tfl.layers.dropout({ rate: 0.5 }))).toBe(false);
    expect(isDrawing(undefined)).toBe(false);
  });
});
