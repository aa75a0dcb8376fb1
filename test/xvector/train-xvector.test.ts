import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createAugmentation } from '../../src/augment/augmentation.ts';
import { gain } from '../../src/augment/gain.ts';
import { maskFrequency } from '../../src/augment/mask-frequency.ts';
import { ownFunction } from '../../src/augment/own-function.ts';
import { parseAugmentation } from '../../src/augment/parse-augmentation.ts';
import { SerKitError } from '../../src/core/errors.ts';
import type { LabelledClip } from '../../src/core/labelled-clip.ts';
import { createSyntheticCorpus } from '../../src/datasets/synthetic/synthetic-corpus.ts';
import { equalErrorRate } from '../../src/metrics/equal-error-rate.ts';
import type { TrainingCheckpoint } from '../../src/models/checkpoint.ts';
import { createXvector } from '../../src/xvector/create-xvector.ts';
import { encodeXvector } from '../../src/xvector/own-format.ts';
import { holdOut } from '../../src/xvector/speaker-parts.ts';
import { trainXvector } from '../../src/xvector/train-xvector.ts';
import type { TrainXvectorOptions, XvectorTrainingEvent } from '../../src/xvector/train-xvector-options.ts';
import type { XvectorWeights } from '../../src/xvector/weights.ts';
import { useWasm } from '../support/wasm.ts';

useWasm();

const corpus = createSyntheticCorpus({ speakers: 20, seed: 3, sentences: 3, sampleRate: 8000 });
const speakers = [...new Set(corpus.clips.map((clip) => clip.speakerId))];
const known: readonly LabelledClip[] = corpus.clips.filter((clip) => speakers.indexOf(clip.speakerId) < 12);
const others = corpus.clips.filter((clip) => speakers.indexOf(clip.speakerId) >= 12);

const few = known.filter((_, i) => i % 6 === 0);

const tiny: TrainXvectorOptions = {
  seed: 1,
  epochs: 2,
  batchSize: 16,
  cropFrames: 30,
  speeds: [],
  frameLayers: [{ units: 12, kernelSize: 3 }, { units: 16 }],
  embeddingDims: 8,
  frontEnd: {
    sampleRate: 8000,
    features: [{ name: 'logMel', options: { nMels: 20, nFft: 256, hopLength: 160, center: false, fMax: 4000 } }],
  },
};

async function errorRateOn(clips: typeof others, weights: XvectorWeights): Promise<number> {
  const network = createXvector(weights);
  const vectors: Float32Array[] = [];
  for (const clip of clips) vectors.push(await network.extract(await clip.load()));
  network.dispose();
  const norm = (v: Float32Array): number => Math.hypot(...v);
  const [scores, same]: [number[], boolean[]] = [[], []];
  clips.forEach((a, i) => {
    clips.slice(0, i).forEach((b, j) => {
      if (a.sentence.code === b.sentence.code) return;
      const dot = vectors[i]!.reduce((sum, x, k) => sum + x * vectors[j]![k]!, 0);
      scores.push(dot / (norm(vectors[i]!) * norm(vectors[j]!)));
      same.push(a.speakerId === b.speakerId);
    });
  });
  return equalErrorRate(scores, same);
}

const tone = (length: number): Float32Array<ArrayBuffer> => Float32Array.from({ length }, (_, i) => Math.sin(i / 3));

const refused = async (clips: readonly LabelledClip[], options: object): Promise<SerKitError> => {
  const error = await trainXvector(clips, options as TrainXvectorOptions).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SerKitError);
  return error as SerKitError;
};

describe('trainXvector', () => {
  it('tells speakers apart that it never heard, better than before its training', { timeout: 120_000 }, async () => {
    // Neither is whitened: that alone tells these voices apart (0.33 from 0.43), whether a network was trained or not.
    const frameLayers = [{ units: 32, kernelSize: 5 }, { units: 48 }];
    const options = { ...tiny, speeds: [0.9, 1.1], frameLayers, embeddingDims: 16, whiten: false };
    const start = await trainXvector(known, { ...options, epochs: 1, learningRate: 1e-9 });
    const before = await errorRateOn(others, start.weights);
    const { weights } = await trainXvector(known, { ...options, epochs: 10, learningRate: 0.005 });
    const after = await errorRateOn(others, weights);
    expect(after).toBeLessThan(0.8 * before);
  });

  it('gives the same bytes for the same seed, and others for another', { timeout: 60_000 }, async () => {
    const bytesOf = async (seed: number): Promise<Uint8Array> =>
      encodeXvector((await trainXvector(few, { ...tiny, seed })).weights);
    const first = await bytesOf(1);
    expect(await bytesOf(1)).toEqual(first);
    expect(await bytesOf(2)).not.toEqual(first);
  });

  it('ends the same when it went on from a checkpoint', { timeout: 60_000 }, async () => {
    const checkpoints: TrainingCheckpoint[] = [];
    const options = { ...tiny, epochs: 3, augment: [gain({ gainDb: [-3, 3] }), maskFrequency({ maxDims: 4 })] };
    const whole = await trainXvector(few, { ...options, onCheckpoint: (saved) => void checkpoints.push(saved) });
    const resumed = await trainXvector(few, { ...options, resumeFrom: checkpoints[0]!.bytes });
    expect(encodeXvector(resumed.weights)).toEqual(encodeXvector(whole.weights));
    const other = await refused(few, { ...options, cropFrames: 31, resumeFrom: checkpoints[0]!.bytes });
    expect(other.code).toBe('mismatch');
  });

  it('changes training clips alone, each once an epoch', { timeout: 60_000 }, async () => {
    const changed: string[] = [];
    const augment = createAugmentation([gain({ gainDb: [-3, 3] })]);
    const onEvent = (event: XvectorTrainingEvent): void => {
      if (event.type === 'augmented') changed.push(event.clip);
    };
    await trainXvector(few, { ...tiny, epochs: 1, augment, onEvent });
    const { train, validation } = holdOut('test', few, 0.1, 1);
    expect(validation.length).toBeGreaterThan(0);
    expect(changed.sort()).toEqual(train.map((clip) => clip.id).sort());
    const broken = ownFunction('broken', () => {
      throw new SerKitError('bad-input', 'no');
    });
    await expect(trainXvector(few, { ...tiny, epochs: 1, augment: broken })).rejects.toThrow(
      /^trainXvector: augment: .*no$/,
    );
  });

  it('takes the augmentation of the examples, which draws filters, rooms and noise', { timeout: 60_000 }, async () => {
    const augment = parseAugmentation(JSON.parse(readFileSync('examples/augment-xvector.json', 'utf8')));
    const drawn: string[] = [];
    const onEvent = (event: XvectorTrainingEvent): void => {
      if (event.type !== 'augmented') return;
      expect(event.unusable).toBeUndefined();
      drawn.push(JSON.stringify(event));
    };
    await trainXvector(known.slice(0, 60), { ...tiny, epochs: 1, augment, onEvent });
    for (const what of ['cutoffHz', 'rt60Sec', 'snrDb', 'gainDb']) {
      expect(drawn.some((text) => text.includes(what))).toBe(true);
    }
  });

  it('takes copies at other speeds for other speakers, and holds out none of them', { timeout: 60_000 }, async () => {
    const asked: string[][] = [];
    const { weights } = await trainXvector(few, {
      ...tiny,
      epochs: 1,
      speeds: [0.9],
      featuresOf: async function* (clips, frontEnd) {
        asked.push(clips.map((clip) => clip.id));
        const { createFrontEnd } = await import('../../src/clips/front-end.ts');
        const { extract } = createFrontEnd(frontEnd);
        for (const clip of clips) yield { clip, matrix: extract(await clip.load()), frontEnd };
      },
    });
    const { train, validation } = holdOut('test', few, 0.1, 1);
    const ids = train.map((clip) => clip.id);
    expect(asked).toEqual([[...ids, ...ids.map((id) => `${id} x0.9`), ...validation.map((clip) => clip.id)]]);
    expect(weights.card?.clips).toEqual({ train: train.length, validation: validation.length });
  });

  it('writes into the card which speakers it heard, and with what it was made', { timeout: 60_000 }, async () => {
    const { weights } = await trainXvector(few, { ...tiny, epochs: 1, about: { corpus: 'made up' } });
    const heard = [...new Set(few.map((clip) => clip.speakerId))].sort();
    expect(weights.card).toMatchObject({ corpus: 'made up', seed: 1, speakers: { train: heard } });
    expect(weights.card).toMatchObject({ training: { epochs: 1, speeds: [] }, madeWith: { backend: 'wasm' } });
    expect(JSON.parse(JSON.stringify(weights.card))).toEqual(weights.card);
  });

  it('has on its card the options that were given, and no speaker of whom no clip could be read', {
    timeout: 60_000,
  }, async () => {
    const gone = few[0]!.speakerId;
    const clips = few.map((clip) =>
      clip.speakerId === gone ? { ...clip, load: () => Promise.reject(new SerKitError('not-found', 'gone')) } : clip,
    );
    const { weights } = await trainXvector(clips, { ...tiny, epochs: 1, validation: 0.3, mixup: { alpha: 0.2 } });
    const { speakers: of, training } = weights.card as { speakers: { train: string[] }; training: object };
    expect(of.train).toEqual([...new Set(few.map((clip) => clip.speakerId))].filter((id) => id !== gone).sort());
    expect(training).toMatchObject({ validation: 0.3, mixup: { alpha: 0.2 }, epochs: 1, batchSize: 16 });
    expect(training).not.toHaveProperty('trainingMetricsOn');
  });

  it('refuses before a clip is read to whiten where no speaker keeps two for training', async () => {
    const two = ['a', 'b', 'c', 'd'].flatMap((speakerId, i) =>
      [0, 1].map((j) => ({ ...few[2 * i + j]!, id: `${speakerId}${j}`, speakerId })),
    );
    let read = 0;
    const counted = two.map((clip) => ({ ...clip, load: () => clip.load().finally(() => read++) }));
    const { code, message } = await refused(counted, tiny);
    expect(code).toBe('too-short');
    expect(message).toMatch(/got one of each of 4 speakers \("a", "b", "c", \.\.\.\).*third clip.*whiten: false/);
    expect(read).toBe(0);
    await trainXvector(two, { ...tiny, epochs: 1, whiten: false });
  });

  it('looks at three frames at once here, and takes no shorter clip, neither to learn from nor later', {
    timeout: 60_000,
  }, async () => {
    const events: XvectorTrainingEvent[] = [];
    // Two frames of 256 samples, 160 apart.
    const short = { ...few[0]!, id: 'short', load: async () => ({ ...(await few[0]!.load()), samples: tone(500) }) };
    const { weights } = await trainXvector([...few, short], {
      ...tiny,
      epochs: 1,
      onEvent: (e) => void events.push(e),
    });
    expect(weights).toMatchObject({ leastFrames: 3, short: 'refuse' });
    const skipped = events.filter((event) => event.type === 'skipped');
    expect(skipped).toMatchObject([{ clip: { id: 'short', code: 'too-short' } }]);
    expect(skipped[0]!.clip.message).toContain('expected at least 3 frames');
    const network = createXvector(weights);
    for (const length of [1, 40, 500]) {
      const got = network.extract({ samples: tone(length), sampleRate: 8000 });
      await expect(got).rejects.toMatchObject({ code: 'too-short' });
    }
    await network.extract({ samples: tone(256 + 2 * 160), sampleRate: 8000 });
    network.dispose();
  });

  it('keeps the best network so far when it is aborted, and leaves no tensors behind', {
    timeout: 60_000,
  }, async () => {
    const before = tf.memory().numTensors;
    const controller = new AbortController();
    const onEvent = (event: XvectorTrainingEvent): void => {
      if (event.type === 'epoch') controller.abort();
    };
    const { history, weights } = await trainXvector(few, { ...tiny, epochs: 5, signal: controller.signal, onEvent });
    expect(history).toMatchObject({ bestEpoch: 1, stopped: 'aborted' });
    expect(weights.card?.history).toMatchObject({ stopped: 'aborted' });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses one speaker, speakers that nobody knows, copies, a clip twice and options that it does not know', async () => {
    const one = few.filter((clip) => clip.speakerId === few[0]!.speakerId);
    expect((await refused(one, tiny)).message).toBe(
      'trainXvector: clips expected at least 2 speakers to tell apart, got 1',
    );
    expect((await refused([], tiny)).code).toBe('too-short');
    const unknown = await refused([...few, { ...few[0]!, id: 'x', speakerKnown: false }], tiny);
    expect(unknown.message).toMatch(
      /^trainXvector: clips expected speakers that are known, got 1 of \d+ without, such as "x"/,
    );
    expect((await refused([...few, few[0]!], tiny)).message).toMatch(/each once, got .* twice/);
    expect((await refused([...few, { ...few[0]!, augmentedFrom: 'y' } as never], tiny)).code).toBe('bad-input');
    expect((await refused(few, { ...tiny, speeds: [1] })).code).toBe('bad-option');
    expect((await refused(few, { ...tiny, units: 3 })).message).toMatch(/unknown option "units"/);
    expect((await refused(few, { ...tiny, frontEnd: { functionals: {} } })).code).toBe('bad-option');
    expect(
      (
        await refused(
          few.filter((c, i) => few.findIndex((d) => d.speakerId === c.speakerId) === i),
          tiny,
        )
      ).code,
    ).toBe('too-short');
  });

  it('says that few speakers are few, and passes over clips that cannot be read', { timeout: 60_000 }, async () => {
    const events: XvectorTrainingEvent[] = [];
    const silent = { ...few[0]!, id: 'lost', load: () => Promise.reject(new Error('gone')) };
    await trainXvector([...few, silent], { ...tiny, epochs: 1, onEvent: (event) => void events.push(event) });
    expect(events).toContainEqual({ type: 'few-speakers', speakers: 12 });
    expect(events.filter((event) => event.type === 'skipped')).toMatchObject([{ clip: { id: 'lost' } }]);
  });
});
