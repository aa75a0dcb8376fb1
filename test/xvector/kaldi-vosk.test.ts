import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { slidingCmvn } from '../../src/features/sliding-cmvn.ts';
import { createXvectorFrontEnd } from '../../src/xvector/front-ends.ts';
import { createXvector, parseKaldiNnet3, type XvectorWeights } from '../../src/xvector/index.ts';
import { useWasm } from '../support/wasm.ts';
import { testSound } from './kaldi-formulas.ts';
import { type ModelOptions, writeModel } from './kaldi-writer.ts';

interface Case {
  readonly model: string;
  readonly seed: number;
  readonly seconds: number;
  readonly loudness: number;
  readonly start: number;
  readonly frames: number;
  readonly embedding: string;
}

const fixture = (name: string): Buffer => readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const cases = JSON.parse(fixture('kaldi-vosk.json').toString()) as readonly Case[];
const { models } = JSON.parse(fixture('kaldi.json').toString()) as { models: Record<string, ModelOptions> };

const parsed = new Map<string, XvectorWeights>();
function weightsOf(model: string): XvectorWeights {
  if (!parsed.has(model)) {
    const bytes = model === 'full' ? writeModel(models[model]!) : fixture(`kaldi-${model}.raw`);
    parsed.set(model, parseKaldiNnet3(bytes));
  }
  return parsed.get(model)!;
}

describe("against Kaldi's own code, as it is in vosk", () => {
  useWasm();
  let most = 0;

  it.each(cases.map((c) => [c.model, c.frames, c.seconds, c] as const))(
    '%s: the embedding of %i frames of %f s of sound is that of Kaldi',
    async (model, frames, _, c) => {
      const xvector = createXvector(weightsOf(model));
      const { frontEnd, frameLayers } = xvector.weights;
      if (frontEnd.kind !== 'kaldi') throw new Error('expected the front end of Kaldi');
      const dims = frameLayers[0]!.inputs;
      const samples = testSound(c.seed, c.seconds, c.loudness).map(
        (x) => roundHalfEven(Math.fround(x * 32767)) / 32768,
      );
      // vosk takes the frames that are no silence to its speech recognizer, and the sliding mean of those: one mean over all
      // makes no difference to it.
      const all = createXvectorFrontEnd({ ...frontEnd, vad: false, cmnWindow: 1e6 }, dims)(
        { samples, sampleRate: 16000 },
        'test',
      );
      const chosen = { data: all.data.slice(c.start * dims, (c.start + frames) * dims), frames, dims };
      const got = await xvector.embed(slidingCmvn(chosen, { window: 300 }));
      xvector.dispose();
      const bytes = Buffer.from(c.embedding, 'base64');
      const expected = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
      // vosk scales embeddings to the length sqrt(dims).
      const scale = Math.sqrt(got.length) / Math.hypot(...got);
      const far = Math.max(...expected.map((value, i) => Math.abs(value - got[i]! * scale)));
      const share = far / Math.max(...expected.map(Math.abs));
      most = Math.max(most, share);
      expect(share).toBeLessThan(3e-4);
    },
  );

  it('prints the largest difference found', () => {
    console.log(`x-vectors from Kaldi's own, as a share of the largest value: ${most}`);
    expect(cases.length).toBeGreaterThan(3);
  });
});

/** As NumPy rounds. */
function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  const half = x - down === 0.5;
  return half ? down + (down % 2) : Math.round(x);
}
