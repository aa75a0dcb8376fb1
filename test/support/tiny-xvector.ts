import { createFrontEnd } from '../../src/clips/front-end.ts';
import { createRandom, gaussian } from '../../src/core/random.ts';
import type { XvectorLayer, XvectorWeights } from '../../src/xvector/weights.ts';

/** An x-vector network of a few random weights, 8 mel bands -> 6 numbers, that hears clips of at least 5 frames. */
export function tinyXvector(seed = 1, card?: XvectorWeights['card']): XvectorWeights {
  const random = createRandom(seed);
  const values = (count: number, scale: number): Float32Array =>
    Float32Array.from({ length: count }, () => scale * gaussian(random));
  const layer = (name: string, taps: number, inputs: number, outputs: number, isLast = false): XvectorLayer => ({
    name,
    inputs,
    outputs,
    kernel: values(taps * inputs * outputs, (taps * inputs) ** -0.5),
    bias: values(outputs, 0.1),
    slope: isLast ? null : 0,
    norm: isLast ? null : { scale: values(outputs, 1), shift: values(outputs, 0.1) },
  });
  const { config } = createFrontEnd({
    sampleRate: 8000,
    features: [{ name: 'logMel', options: { nFft: 256, hopLength: 128, nMels: 8, fMax: 4000, topDb: null } }],
  });
  return {
    frontEnd: { kind: 'ser-kit', config },
    padding: 'zeros',
    short: 'refuse',
    leastFrames: 5,
    chunkFrames: null,
    frameLayers: [
      { ...layer('frame1', 3, 8, 6), offsets: [-1, 0, 1] },
      { ...layer('frame2', 1, 6, 5), offsets: [0] },
    ],
    pooling: { deviation: 'biased', added: 0, floor: 1e-5 },
    segmentLayers: [layer('embedding', 1, 10, 6, true)],
    ...(card && { card }),
  };
}
