import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LabelledClip } from '../../src/core/labelled-clip.ts';
import { fitPca } from '../../src/features/pca.ts';
import { fitStandardizer } from '../../src/features/standardize.ts';
import { loadRecognizer } from '../../src/recognizer/load-recognizer.ts';
import { type Recognizer, recognizerParts } from '../../src/recognizer/recognizer.ts';
import { saveRecognizer } from '../../src/recognizer/save-recognizer.ts';
import type { RecognizerEvent, TrainRecognizerOptions } from '../../src/recognizer/train-recognizer.ts';
import type { EmbeddingOfClip, RecognizerXvectorOptions } from '../../src/recognizer/xvector-options.ts';
import { createXvector } from '../../src/xvector/create-xvector.ts';
import { tinyXvector } from '../support/tiny-xvector.ts';
import { SOUNDS, sound, soundClips, soundSplit, sourceOf, startWasm, trainTiny } from './support.ts';

const FRONT_END = {
  sampleRate: 8000,
  features: [{ name: 'mfcc', options: { nMfcc: 4, nMels: 8, nFft: 256, hopLength: 128, fMax: 4000 } }],
} as const;

const train = (
  xvector: Partial<RecognizerXvectorOptions> = {},
  options: Partial<TrainRecognizerOptions> = {},
  split = soundSplit(),
): Promise<Recognizer> =>
  trainTiny({ epochs: 2, frontEnd: FRONT_END, xvector: { weights: tinyXvector(), ...xvector }, ...options }, split);

const LONGER: Partial<TrainRecognizerOptions> = {
  epochs: 30,
  patience: 30,
  modelOptions: { filters: [4], denseUnits: [8], dropout: 0 },
};

const manifestOf = (files: ReadonlyMap<string, Uint8Array>) =>
  JSON.parse(new TextDecoder().decode(files.get('manifest.json')));

const sounds = () => SOUNDS.flatMap((kind) => [sound(kind, 21), sound(kind, 22)]);

describe('a recognizer with an x-vector', () => {
  beforeAll(startWasm);

  it.each<[string, Partial<RecognizerXvectorOptions>, Partial<TrainRecognizerOptions>, number]>([
    ['at the utterance, cnn', { pca: { components: 3 } }, {}, 3],
    ['at the frames, cnn', { join: 'frames', pca: { components: 3 } }, {}, 3],
    ['without components', { pca: null }, {}, 6],
    ['at the utterance, lstm', { pca: { share: 0.9 } }, { model: 'lstm', modelOptions: { units: 4 } }, 0],
    ['at the utterance, cnn-lstm', {}, { model: 'cnn-lstm', modelOptions: { filters: [4], units: 4 } }, 0],
    [
      'of functionals',
      { pca: { components: 2 } },
      { frontEnd: { ...FRONT_END, functionals: {} }, model: 'gru', modelOptions: { units: 4 } },
      2,
    ],
    [
      'by speaker, with components of the features',
      { pca: { components: 2 } },
      { standardize: 'speaker', pca: { components: 2 } },
      2,
    ],
    ['by clip', { pca: { components: 2 } }, { standardize: 'clip' }, 2],
  ])('is saved and loaded and answers the same to the bit: %s', async (_, xvector, options, width) => {
    const recognizer = await train(xvector, options);
    const { join, components } = recognizer.provenance.xvector!;
    expect(join).toBe(xvector.join ?? 'utterance');
    if (width > 0) expect(components).toBe(width);
    const before = tf.memory().numTensors;
    const files = await saveRecognizer(recognizer);
    expect([...files.keys()]).toEqual(['manifest.json', 'weights.bin', 'xvector.bin']);
    expect(manifestOf(files).version).toBe(3);
    const loaded = await loadRecognizer(sourceOf(files));
    expect(await loaded.predictBatch(sounds())).toEqual(await recognizer.predictBatch(sounds()));
    expect(await saveRecognizer(loaded)).toEqual(files);
    loaded.dispose();
    expect(tf.memory().numTensors).toBe(before);
    recognizer.dispose();
  });

  it('frees both networks, also where training fails', async () => {
    await (await train()).dispose();
    const before = tf.memory().numTensors;
    (await train()).dispose();
    await expect(train({}, { onEvent: (event) => event.type === 'epoch' && fail() })).rejects.toThrow('enough');
    await expect(train({ pca: { components: 7 } })).rejects.toMatchObject({
      code: 'bad-option',
      message: 'trainRecognizer: xvector.pca.components expected at most the 6 dimensions of the x-vector, got 7',
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('learns mean, deviation and components of the embeddings of the training clips alone', async () => {
    const split = soundSplit();
    const { xvector } = recognizerParts('test', await train({ pca: { components: 3 } }));
    const embedder = createXvector(tinyXvector());
    const matrices = [];
    for (const clip of split.train) {
      matrices.push({ data: await embedder.extract(await clip.load()), frames: 1, dims: 6 });
    }
    const standardizer = fitStandardizer(matrices);
    expect(xvector!.standardizer.toJSON()).toEqual(standardizer.toJSON());
    const scaled = matrices.map((matrix) => standardizer.transform(matrix));
    expect(xvector!.pca!.toJSON()).toEqual(fitPca(scaled, { components: 3, whiten: true }).toJSON());
    const others = { ...split, validation: soundClips('others', 1), test: soundClips('more', 1) };
    const again = recognizerParts('test', await train({ pca: { components: 3 } }, {}, others)).xvector!;
    expect(again.pca!.toJSON()).toEqual(xvector!.pca!.toJSON());
    const elsewhere = { ...split, train: soundClips('elsewhere', 4) };
    const other = recognizerParts('test', await train({ pca: { components: 3 } }, {}, elsewhere)).xvector!;
    expect(other.pca!.toJSON()).not.toEqual(xvector!.pca!.toJSON());
  });

  it('hears what its features cannot: labels that only the embedding tells', async () => {
    // One and the same sound for the frames, whatever the label; the embeddings say which it is.
    const same = (part: string) =>
      soundClips(part, 4).map((clip, i): LabelledClip => ({ ...clip, load: async () => sound('noise', i) }));
    const split = { train: same('train'), validation: same('validation'), test: same('test'), overlappingSpeakers: [] };
    async function* embeddingsOf(clips: readonly Pick<LabelledClip, 'label'>[]): AsyncGenerator<EmbeddingOfClip> {
      for (const [i, clip] of clips.entries()) {
        const embedding = Float32Array.from(
          { length: 6 },
          (_, d) => Number(SOUNDS[d] === clip.label) + 0.01 * Math.sin(7 * i + d),
        );
        yield { clip: clip as LabelledClip, embedding };
      }
    }
    const uar = async (join: 'frames' | 'utterance') =>
      (await train({ join, embeddingsOf, pca: { components: 2 } }, LONGER, split)).provenance.metrics.test!
        .unweightedAverageRecall;
    expect(await uar('utterance')).toBeGreaterThan(0.8);
    expect(await uar('frames')).toBeGreaterThan(0.8);
    const without = await trainTiny({ ...LONGER, frontEnd: FRONT_END }, split);
    expect(without.provenance.metrics.test!.unweightedAverageRecall).toBeLessThan(0.7);
  });

  it('skips clips that are too short for it, and says so of a recording in predict()', async () => {
    const short = { samples: sound('low', 1).samples.slice(0, 1500), sampleRate: 16000 };
    const events: RecognizerEvent[] = [];
    const split = soundSplit();
    const bad = {
      ...split.train[0]!,
      id: 'bad',
      load: async () => ({ samples: new Float32Array(0), sampleRate: 8000 }),
    };
    async function* embeddingsOf(clips: readonly LabelledClip[]): AsyncGenerator<EmbeddingOfClip> {
      for (const clip of clips) {
        if (clip === split.train[1]) yield { clip, skipped: { id: clip.id, code: 'too-short', message: 'x' } };
        else yield { clip, embedding: Float32Array.from({ length: 6 }, () => Math.random()) };
      }
    }
    const recognizer = await train(
      { embeddingsOf: embeddingsOf as never },
      { onEvent: (event) => events.push(event) },
      { ...split, train: [bad, ...split.train] },
    );
    expect(recognizer.provenance.clips.train).toBe(split.train.length - 1);
    expect(events.filter((event) => event.type === 'skipped').map(({ clip }) => clip.id)).toEqual([
      'bad',
      split.train[1]!.id,
    ]);
    await expect(recognizer.predict({ samples: new Float32Array(0), sampleRate: 8000 })).rejects.toMatchObject({
      code: 'empty',
    });
    const failing = { ...short };
    await expect(recognizer.predict(failing)).resolves.toBeDefined();
  });
});

function fail(): never {
  throw new Error('enough');
}
