import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { addNoise } from '../../src/augment/add-noise.ts';
import { maskFrequency } from '../../src/augment/mask-frequency.ts';
import { maskTime } from '../../src/augment/mask-time.ts';
import { mixup } from '../../src/augment/mixup.ts';
import { appendToFrames, withoutAppended } from '../../src/clips/append-to-frames.ts';
import type { FeatureMatrix } from '../../src/core/feature-matrix.ts';
import type { LabelledClip } from '../../src/core/labelled-clip.ts';
import { createRandom } from '../../src/core/random.ts';
import { fitPca } from '../../src/features/pca.ts';
import { fitStandardizer } from '../../src/features/standardize.ts';
import { exportModel, importModel } from '../../src/models/artifact.ts';
import { buildCnn } from '../../src/models/build-cnn.ts';
import { buildCnnLstm } from '../../src/models/build-cnn-lstm.ts';
import { buildGru } from '../../src/models/build-gru.ts';
import { buildLstm } from '../../src/models/build-lstm.ts';
import { buildSimpleRnn } from '../../src/models/build-simple-rnn.ts';
import { maskFeatures } from '../../src/models/feature-masks.ts';
import { predictProbabilities } from '../../src/models/predict-probabilities.ts';
import { loadRecognizer } from '../../src/recognizer/load-recognizer.ts';
import { type RecognizerDescription, writeManifest } from '../../src/recognizer/manifest.ts';
import { type Recognizer, recognizerParts } from '../../src/recognizer/recognizer.ts';
import { saveRecognizer } from '../../src/recognizer/save-recognizer.ts';
import { sha256 } from '../../src/recognizer/sha256.ts';
import type { ModelBuilder, RecognizerEvent, TrainRecognizerOptions } from '../../src/recognizer/train-recognizer.ts';
import type { EmbeddingOfClip, RecognizerXvectorOptions } from '../../src/recognizer/xvector-options.ts';
import { reduceEmbedding } from '../../src/recognizer/xvector-part.ts';
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
  modelOptions: { filters: [16], denseUnits: [], dropout: 0, inputDropout: 0 },
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

  it('warns of a rate below what the x-vector listens to, where the features would not', async () => {
    const [{ name, options }] = FRONT_END.features;
    const low = { ...FRONT_END, features: [{ name, options: { ...options, fMax: 1000 } }] };
    const telegraph = sound('low', 1, 4000);
    const codesOf = async (recognizer: Recognizer) =>
      (await recognizer.predict(telegraph)).warnings.map(({ code }) => code);
    expect(await codesOf(await trainTiny({ epochs: 1, frontEnd: low }))).toEqual([]);
    expect(await codesOf(await train({}, { epochs: 1, frontEnd: low }))).toEqual(['band-limited']);
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
      soundClips(part, 4).map(
        (clip, i): LabelledClip => ({ ...clip, load: async () => sound('noise', 100 * part.length + i) }),
      );
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
      (await train({ join, embeddingsOf, pca: null }, LONGER, split)).provenance.metrics.test!.unweightedAverageRecall;
    expect(await uar('utterance')).toBeGreaterThan(0.7);
    expect(await uar('frames')).toBeGreaterThan(0.7);
    const without = await trainTiny({ ...LONGER, frontEnd: FRONT_END }, split);
    expect(without.provenance.metrics.test!.unweightedAverageRecall).toBeLessThan(0.6);
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

/** The settings of the layer that takes the x-vector out of the frames, somewhere in a manifest. */
function sliceIn(value: unknown): object | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const { config } = value as { config?: { name?: unknown } };
  if ('class_name' in value && value.class_name === 'SerKitDimsSlice' && config?.name === 'repeated') return config;
  for (const part of Object.values(value)) {
    const found = sliceIn(part);
    if (found !== undefined) return found;
  }
  return undefined;
}

function fail(): never {
  throw new Error('enough');
}

describe('augmentation beside an x-vector', () => {
  beforeAll(startWasm);

  it('changes the frames and not the x-vector, which no mask hides', async () => {
    const seen: FeatureMatrix[] = [];
    const run = (augment: TrainRecognizerOptions['augment'], join: 'frames' | 'utterance') =>
      train({ pca: { components: 2 }, join }, { augment, epochs: 1, model: spy(seen) });
    for (const join of ['frames', 'utterance'] as const) {
      await run([addNoise({ snrDb: [0, 5] }), maskTime({ maxShare: 0.5 }), maskFrequency({ maxShare: 1 })], join);
    }
    // Each clip's x-vector is the same in all of its frames, and one of those of the clips as they are.
    const { xvector } = recognizerParts('test', await train({ pca: { components: 2 } }));
    const embedder = createXvector(tinyXvector());
    const known: number[][] = [];
    for (const clip of soundSplit().train) {
      known.push([...reduceEmbedding(await embedder.extract(await clip.load()), xvector!)]);
    }
    expect(seen.length).toBeGreaterThan(20);
    for (const { data, frames, dims } of seen) {
      const rows = Array.from({ length: frames }, (_, t) => [...data.subarray(t * dims, (t + 1) * dims)]);
      const own = rows.filter((row) => row.some((value) => value !== 0)).map((row) => row.slice(-2));
      expect(known).toContainEqual(own[0]);
      for (const row of own) expect(row).toEqual(own[0]);
    }
  });

  it('by mixup mixes the x-vectors of two clips over the whole mixed clip', async () => {
    for (const given of [
      { mixup: { alpha: 4 } },
      { augment: mixup({ alpha: 4 }) },
    ] as Partial<TrainRecognizerOptions>[]) {
      const seen: FeatureMatrix[] = [];
      await train({ pca: { components: 2 } }, { ...given, epochs: 1, model: spy(seen) });
      let differing = 0;
      for (const { data, frames, dims } of seen) {
        const rows = Array.from({ length: frames }, (_, t) => [...data.subarray(t * dims, (t + 1) * dims)]);
        const own = rows.filter((row) => row.some((value) => value !== 0)).map((row) => row.slice(-2));
        for (const row of own) expect(row).toEqual(own[0]);
        differing += Number(own.length < frames);
      }
      expect(differing).toBeGreaterThan(2);
    }
  });

  it('of features in training leaves its dimensions alone, too', () => {
    const values = Float32Array.from({ length: 10 * 6 }, () => 1);
    for (let seed = 0; seed < 20; seed++) {
      const masks = { time: { count: 2, maxFrames: 10 }, dims: { count: 2, maxDims: 6 }, untouchedDims: 2 };
      maskFeatures(values, 10, 6, masks, createRandom(seed));
    }
    values.forEach((value, i) => {
      expect(value === 1).toBe(i % 6 >= 4);
    });
  });

  it('is undone by what appends and takes away', () => {
    const matrix = { data: Float32Array.of(1, 2, 3, 4, 5, 6), frames: 3, dims: 2 };
    const joined = appendToFrames(matrix, Float32Array.of(8, 9));
    expect([...joined.data]).toEqual([1, 2, 8, 9, 3, 4, 8, 9, 5, 6, 8, 9]);
    expect(withoutAppended(joined, 2)).toEqual(matrix);
    expect(appendToFrames({ data: new Float32Array(0), frames: 0, dims: 2 }, Float32Array.of(1)).dims).toBe(3);
  });
});

describe('a saved recognizer with an x-vector', () => {
  beforeAll(startWasm);

  it('is refused where a part is missing, altered or does not fit', async () => {
    const files = await saveRecognizer(await train({ pca: { components: 3 } }));
    const refusal = (changed: ReadonlyMap<string, Uint8Array>): Promise<string> =>
      loadRecognizer(sourceOf(changed)).then(
        () => 'loaded',
        (error) => `${error.code}: ${error.message}`,
      );
    const before = tf.memory().numTensors;
    const bytes = files.get('xvector.bin')!;
    const without = new Map(files);
    without.delete('xvector.bin');
    expect(await refusal(without)).toMatch(/^not-found: .*xvector\.bin/);
    expect(await refusal(new Map(files).set('xvector.bin', bytes.slice(0, -9)))).toMatch(/^truncated: xvector\.bin/);
    const altered = bytes.slice();
    altered[altered.length - 1]! ^= 1;
    expect(await refusal(new Map(files).set('xvector.bin', altered))).toMatch(/^altered: xvector\.bin/);
    const forged = async (
      change: (recognizer: Omit<RecognizerDescription, 'xvector'> & { xvector: Forgeable }) => void,
      file = bytes,
    ) => {
      const { recognizer } = manifestOf(files);
      change(recognizer);
      return refusal(new Map(files).set('manifest.json', await writeManifest(recognizer)).set('xvector.bin', file));
    };
    const text = new TextEncoder().encode('no network');
    const hash = await sha256(text);
    const wrongs: readonly [Parameters<typeof forged>[0], RegExp, Uint8Array?][] = [
      [(r) => delete (r as Partial<typeof r>).xvector, /network expected \[batch, frames, 4\]/],
      [(r) => delete r.xvector.pca, /network expected \[batch, frames, 10\]/],
      [(r) => (r.xvector.join = 'somewhere'), /join expected "frames" \| "utterance"/],
      [(r) => (r.xvector.standardizer.scope = 'clip'), /scope expected "corpus"/],
      [(r) => (r.xvector.standardizer.dims = 5), /expected 5|5 numbers/],
      [(r) => (r.xvector.file.path = '../../xvector.bin'), /the name of a file in the same folder/],
      [(r) => Object.assign(r.xvector.file, { bytes: text.length, sha256: hash }), /parseXvector/, text],
      [(r) => Object.assign(sliceIn(r)!, { begin: -1 }), /begin and size expected dimensions among 7, got -1 and 3$/],
      [(r) => Object.assign(sliceIn(r)!, { begin: 15 }), /got 15 and 3$/],
      [(r) => Object.assign(sliceIn(r)!, { begin: 'a' }), /got "a" and 3$/],
    ];
    for (const [change, message, file] of wrongs) {
      const said = await forged(change, file as Uint8Array<ArrayBuffer>);
      expect(said).toMatch(/^(bad-format|truncated): manifest\.json: /);
      expect(said).toMatch(message);
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('without one is of version 2 as before, and has no file of it', async () => {
    const files = await saveRecognizer(await trainTiny({ epochs: 1 }));
    expect([...files.keys()]).toEqual(['manifest.json', 'weights.bin']);
    const { version, recognizer } = manifestOf(files);
    expect(version).toBe(2);
    expect('xvector' in recognizer || 'xvector' in recognizer.provenance).toBe(false);
  });
});

describe('an x-vector trained on speakers that judge', () => {
  beforeAll(startWasm);
  const heard = (...speakers: string[]) => tinyXvector(1, { trainedOn: { corpus: 'mine', speakers, clips: 4 } });

  it('is refused, before any clip is read', async () => {
    let reads = 0;
    const split = soundSplit();
    const counted = split.train.map((clip) => ({ ...clip, load: () => clip.load().finally(() => reads++) }));
    const before = tf.memory().numTensors;
    await expect(
      train({ weights: heard('train-0', 'validation-1', 'test-0') }, {}, { ...split, train: counted }),
    ).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/trained on validation-1, test-0 \(mine\); .*allowSeenSpeakers/),
    });
    expect(reads).toBe(0);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is taken where that is allowed, and the provenance says so; training speakers are no leak', async () => {
    const allowed = await train({ weights: heard('test-0', 'test-1'), allowSeenSpeakers: true });
    expect(allowed.provenance.xvector!.seenSpeakers).toEqual({ validation: [], test: ['test-0', 'test-1'] });
    const asTrained = tinyXvector(1, { corpus: 'mine', speakers: { train: ['test-1'] } });
    await expect(train({ weights: asTrained })).rejects.toThrow(/trained on test-1 \(mine\)/);
    const own = await train({ weights: heard('train-0', 'train-1') });
    expect(own.provenance.xvector!.seenSpeakers).toEqual({ validation: [], test: [] });
  });
});

describe('utteranceDims of a builder', () => {
  beforeAll(startWasm);
  const random = createRandom(3);
  const clip = (frames: number): FeatureMatrix =>
    appendToFrames(
      { data: Float32Array.from({ length: frames * 4 }, () => random() - 0.5), frames, dims: 4 },
      Float32Array.of(0.5, -1, 0.25),
    );

  it.each<[string, () => LayersModel]>([
    ['simple-rnn', () => buildSimpleRnn({ ...SHAPE, units: 4 })],
    ['lstm', () => buildLstm({ ...SHAPE, units: 4, summary: 'last', bidirectional: true })],
    ['gru', () => buildGru({ ...SHAPE, units: 4, summary: 'statistics' })],
    ['cnn', () => buildCnn({ ...SHAPE, filters: [4, 4], summary: 'attention' })],
    ['cnn-lstm', () => buildCnnLstm({ ...SHAPE, filters: [4], units: 4 })],
  ])('gives the same probabilities however far a clip is padded, saved and loaded too: %s', async (_, build) => {
    const model = build();
    const clips = [clip(7), clip(1), clip(30)];
    const alone = await Promise.all(clips.map(async (each) => (await predictProbabilities(model, [each]))[0]!));
    const together = await predictProbabilities(model, clips);
    const again = await importModel(await exportModel(model));
    const loaded = await predictProbabilities(again, clips);
    alone.forEach((p, i) => {
      p.forEach((value, k) => {
        expect(together[i]![k]).toBeCloseTo(value, 6);
      });
    });
    expect(loaded).toEqual(together);
    // The clip's numbers reach the answer, and do so past the frames: the first layer is as wide as its own dimensions.
    const other = clips.map((each) => appendToFrames(withoutAppended(each, 3), Float32Array.of(2, 2, 2)));
    expect(await predictProbabilities(model, other)).not.toEqual(together);
    expect(model.weights[0]!.shape).toContain(4);
    model.dispose();
    again.dispose();
  });

  it('are fewer than the dimensions', () => {
    expect(() => buildCnn({ ...SHAPE, utteranceDims: 7 })).toThrow(
      'buildCnn: utteranceDims expected less than the 7 dims, got 7',
    );
  });
});

const SHAPE = { dims: 7, classes: 3, seed: 1, utteranceDims: 3 };

interface Forgeable {
  join: string;
  pca?: unknown;
  standardizer: { scope: string; dims: number };
  file: { path: string; bytes: number; sha256: string };
}

/** A network that is told every training batch, and keeps the clips of it. */
function spy(seen: FeatureMatrix[]): ModelBuilder {
  return (options) => {
    const model = buildCnn({ ...options, filters: [4], denseUnits: [] });
    const { apply } = model;
    model.apply = function (this: LayersModel, inputs: never, kwargs?: never) {
      if ((kwargs as { training?: boolean } | undefined)?.training === true) {
        const x = inputs as tf.Tensor3D;
        const [clips, frames, dims] = x.shape;
        const data = x.dataSync() as Float32Array;
        for (let i = 0; i < clips; i++) {
          seen.push({ data: data.slice(i * frames * dims, (i + 1) * frames * dims) as never, frames, dims });
        }
      }
      return apply.call(this, inputs, kwargs);
    } as never;
    return model;
  };
}
