import { createRandom } from '../../src/core/random.ts';
import type { XvectorLayer, XvectorWeights } from '../../src/xvector/weights.ts';

/** A network of SpeechBrain's shape, a few units wide, with weights by a seed. */
export function tinyWeights(seed = 1): XvectorWeights {
  const random = createRandom(seed);
  const values = (length: number, centre = 0): Float32Array =>
    Float32Array.from({ length }, () => centre + random() - 0.5);
  const layer = (name: string, inputs: number, outputs: number, taps: number, last = false): XvectorLayer => ({
    name,
    inputs,
    outputs,
    kernel: values(taps * inputs * outputs),
    bias: values(outputs),
    slope: last ? null : 0.01,
    norm: last ? null : { scale: values(outputs, 1), shift: values(outputs) },
  });
  const offsets = [[-2, -1, 0, 1, 2], [-2, 0, 2], [-3, 0, 3], [0], [0]];
  const widths = [24, 6, 5, 4, 3, 7];
  return {
    frontEnd: { kind: 'speechbrain' },
    padding: 'reflect',
    short: 'refuse',
    leastFrames: 4,
    chunkFrames: null,
    frameLayers: offsets.map((each, i) => ({
      ...layer(`frame${i + 1}`, widths[i]!, widths[i + 1]!, each.length),
      offsets: each,
    })),
    pooling: { deviation: 'unbiased', added: 1e-5, floor: 0 },
    segmentLayers: [layer('segment6', 14, 4, 1, true)],
    card: { name: 'tiny', licence: 'none' },
  };
}
