import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { decodeWav } from '../../src/audio/wav-reader.ts';
import { SerKitError } from '../../src/core/errors.ts';
import type { LabelledClip } from '../../src/core/labelled-clip.ts';
import type { CremadEmotion } from '../../src/datasets/cremad/names.ts';
import type { CremadClip } from '../../src/datasets/cremad/open-cremad.ts';
import { splitBySpeaker } from '../../src/datasets/split-by-speaker.ts';
import { evaluateRecognizer } from '../../src/recognizer/evaluate-recognizer.ts';
import { type Recognizer, recognizerParts } from '../../src/recognizer/recognizer.ts';
import type { RecognizerSplit } from '../../src/recognizer/recognizer-split.ts';
import { saveRecognizer } from '../../src/recognizer/save-recognizer.ts';
import { type RecognizerEvent, trainRecognizer } from '../../src/recognizer/train-recognizer.ts';
import { VERSION } from '../../src/recognizer/version.ts';
import { SOUNDS, sound, soundClips, soundSplit, startWasm, trainTiny } from './support.ts';

const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes!).toString('base64');

/** The manifest's text without what the test clips' results are. */
async function weightsOf(recognizer: Awaited<ReturnType<typeof trainTiny>>): Promise<string> {
  const files = await saveRecognizer(recognizer);
  const standardizer = recognizerParts('test', recognizer).standardizer.toJSON();
  return JSON.stringify({ standardizer, weights: textOf(files.get('weights.bin')) });
}

const broken = (id: string, label: string): LabelledClip => ({
  id,
  speakerId: 'train-0',
  label,
  load: async () => decodeWav(new TextEncoder().encode('this is no audio at all, it is a text file')),
});

describe('trainRecognizer', () => {
  beforeAll(startWasm);

  it('learns sounds that can be told apart, and says what it was made from', async () => {
    const split = soundSplit();
    const recognizer = await trainTiny(
      { epochs: 20, patience: 20, about: { corpus: 'sounds', attribution: 'nobody', split: 'by hand' } },
      split,
    );
    const { provenance } = recognizer;
    expect(provenance.metrics.test?.accuracy).toBeGreaterThan(0.9);
    expect(provenance).toMatchObject({
      corpus: 'sounds',
      attribution: 'nobody',
      split: 'by hand',
      seed: 1,
      model: 'cnn',
      modelOptions: { filters: [6], denseUnits: [], dropout: 0.1 },
      clips: { train: 12, validation: split.validation.map((c) => c.id), test: split.test.map((c) => c.id) },
      speakers: { train: ['train-0', 'train-1'], test: ['test-0', 'test-1'] },
      overlappingSpeakers: [],
      unknownSpeakers: 0,
      training: {
        epochs: 20,
        batchSize: 4,
        learningRate: 0.02,
        schedule: 'one-cycle',
        weightDecay: 0.05,
        patience: 20,
        classWeights: null,
      },
      madeWith: { serKit: VERSION, tfjs: expect.stringMatching(/^4\./), backend: 'wasm' },
    });
    expect(VERSION).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version);
    expect(provenance.history.epochs.length).toBeGreaterThan(0);
    const again = await evaluateRecognizer(recognizer, split.test);
    expect(again.report).toEqual(provenance.metrics.test);
    expect(again.confusionMatrix).toEqual(provenance.confusionMatrix);
    recognizer.dispose();
  });

  it('with the same seed gives the same files byte for byte, with another seed others', async () => {
    const [a, b, c] = [
      await trainTiny({ epochs: 2 }),
      await trainTiny({ epochs: 2 }),
      await trainTiny({ epochs: 2, seed: 2 }),
    ];
    const [x, y, z] = [await saveRecognizer(a), await saveRecognizer(b), await saveRecognizer(c)];
    expect([...x.keys()]).toEqual(['manifest.json', 'weights.bin']);
    for (const path of x.keys()) {
      expect(textOf(y.get(path)) === textOf(x.get(path))).toBe(true);
      expect(textOf(z.get(path)) === textOf(x.get(path))).toBe(false);
    }
  });

  it('learns the standardization from training clips alone', async () => {
    const split = soundSplit();
    const { standardizer } = recognizerParts('test', await trainTiny({ epochs: 1 }, split));
    const others = { ...split, validation: soundClips('others', 1), test: soundClips('more', 1) };
    const same = recognizerParts('test', await trainTiny({ epochs: 1 }, others)).standardizer;
    expect(same.toJSON()).toEqual(standardizer.toJSON());
    const trainedElsewhere = { ...split, train: soundClips('elsewhere', 4) };
    const different = recognizerParts('test', await trainTiny({ epochs: 1 }, trainedElsewhere)).standardizer;
    expect(different.toJSON()).not.toEqual(standardizer.toJSON());
  });

  it('lets the test clips decide nothing', async () => {
    const split = soundSplit();
    const fair = await trainTiny({}, split);
    const kept = await weightsOf(fair);
    // Test clips whose labels are all wrong, and none at all.
    const wrong = split.test.map((clip) => ({
      ...clip,
      label: SOUNDS[(SOUNDS.indexOf(clip.label as 'low') + 1) % 3]!,
    }));
    const misled = await trainTiny({}, { ...split, test: wrong });
    expect(misled.provenance.metrics.test).not.toEqual(fair.provenance.metrics.test);
    expect(await weightsOf(misled)).toBe(kept);
    const without = await trainTiny({}, { ...split, test: [] });
    expect(without.provenance.metrics.test).toBeUndefined();
    expect(without.provenance.confusionMatrix.counts.flat().reduce((a, b) => a + b)).toBe(split.validation.length);
    expect(await weightsOf(without)).toBe(kept);
  });

  it('keeps the labels in the order given, or sorted', async () => {
    const sorted = await trainTiny({ epochs: 1 });
    expect(sorted.labels).toEqual(['high', 'low', 'noise']);
    const labels = ['noise', 'silence', 'low', 'high'];
    const given = await trainTiny({ epochs: 1, labels });
    expect(given.labels).toEqual(labels);
    const prediction = await given.predict(sound('low', 9));
    expect(Object.keys(prediction.probabilities)).toEqual(labels);
    expect(given.provenance.metrics.validation.labels).toEqual(labels);
  });

  it('skips clips that cannot be read, tells them, and counts them in no part', async () => {
    const split = soundSplit();
    const bad: LabelledClip = {
      ...broken('nan', 'low'),
      load: async () => ({ samples: Float32Array.of(Number.NaN), sampleRate: 8000 }),
    };
    const events: RecognizerEvent[] = [];
    const recognizer = await trainTiny(
      { epochs: 1, onEvent: (event) => events.push(event) },
      { ...split, train: [broken('text', 'high'), ...split.train, bad] },
    );
    const skipped = events.flatMap((event) => (event.type === 'skipped' ? [event.clip] : []));
    expect(skipped.map(({ id, code }) => [id, code])).toEqual([
      ['text', 'bad-format'],
      ['nan', 'not-finite'],
    ]);
    expect(recognizer.provenance.clips.train).toBe(split.train.length);
    const total = split.train.length + 2 + split.validation.length + split.test.length;
    const reading = events.flatMap((event) => (event.type === 'features' ? [event.done] : []));
    expect(reading).toEqual(Array.from({ length: total }, (_, i) => i + 1));
    expect(events.map((event) => event.type)).toContain('measuring');
  });

  it('refuses a part of which nothing can be read', async () => {
    const split = { ...soundSplit(), validation: [broken('text', 'low')] };
    await expect(trainTiny({}, split)).rejects.toMatchObject({
      code: 'empty',
      message: 'trainRecognizer: split.validation expected clips that can be read, got none of 1',
    });
  });

  it('skips a clip whose loading ends in an error of any kind, and one that gives no waveform', async () => {
    const split = soundSplit();
    const failing = (id: string, load: () => Promise<unknown>): LabelledClip => ({
      ...broken(id, 'low'),
      load: load as never,
    });
    const events: RecognizerEvent[] = [];
    const recognizer = await trainTiny(
      { epochs: 1, onEvent: (event) => events.push(event) },
      {
        ...split,
        train: [
          failing('far', () => Promise.reject(new TypeError('fetch failed'))),
          failing('nothing', async () => undefined),
          ...split.train,
        ],
      },
    );
    const skipped = events.flatMap((event) => (event.type === 'skipped' ? [event.clip] : []));
    expect(skipped).toEqual([
      { id: 'far', code: 'not-found', message: 'far: cannot be loaded (fetch failed)' },
      { id: 'nothing', code: 'bad-input', message: expect.stringMatching(/^nothing: waveform expected/) },
    ]);
    expect(recognizer.provenance.clips.train).toBe(split.train.length);
  });

  it('ends at an error that would come with every clip', async () => {
    const split = soundSplit();
    for (const code of ['bad-option', 'out-of-memory', 'no-backend', 'aborted'] as const) {
      const faulty = { ...split.train[0]!, load: async () => Promise.reject(new SerKitError(code, 'not the clip')) };
      await expect(trainTiny({}, { ...split, train: [faulty, ...split.train] })).rejects.toMatchObject({ code });
    }
  });

  it('counts the clips of which nobody knows who speaks', async () => {
    const split = soundSplit();
    const unknown = split.test.map((clip) => ({ ...clip, speakerKnown: false }));
    expect((await trainTiny({ epochs: 1 }, { ...split, test: unknown })).provenance.unknownSpeakers).toBe(6);
    expect((await trainTiny({ epochs: 1 }, { ...split, unknownSpeakers: 3 })).provenance.unknownSpeakers).toBe(3);
  });

  it('takes undefined for whatever is left out', async () => {
    const attribution: string | undefined = undefined;
    const recognizer = await trainTiny({
      epochs: 1,
      signal: undefined,
      labels: undefined,
      classWeights: undefined,
      frontEnd: undefined,
      onEvent: undefined,
      modelOptions: { filters: [6], denseUnits: [], dropout: 0.1, units: undefined },
      about: { attribution },
    });
    expect(recognizer.provenance).not.toHaveProperty('attribution');
    expect(Object.keys(recognizer.provenance.modelOptions!)).toEqual(['filters', 'denseUnits', 'dropout']);
  });

  it('gives a recognizer of the labels that its clips have, or that it was given', () => {
    type Split<L extends string> = RecognizerSplit<L>;
    const ofClips = (split: Split<'low' | 'high'>) => trainRecognizer(split, { seed: 1 });
    const given = (split: Split<'low' | 'high'>) =>
      trainRecognizer(split, { seed: 1, labels: ['low', 'high', 'none'] as const });
    expectTypeOf(ofClips).returns.resolves.toEqualTypeOf<Recognizer<'low' | 'high'>>();
    expectTypeOf(given).returns.resolves.toEqualTypeOf<Recognizer<'low' | 'high' | 'none'>>();
    const cremad = (clips: readonly CremadClip[]) => trainRecognizer(splitBySpeaker(clips, { seed: 1 }), { seed: 1 });
    expectTypeOf(cremad).returns.resolves.toEqualTypeOf<Recognizer<CremadEmotion>>();
    // What works on any recognizer takes this one.
    expectTypeOf<Recognizer<CremadEmotion>>().toExtend<Recognizer>();
  });

  it.each([undefined, null, 5, {}, { train: [], validation: [], test: [] }, { train: 1 }])(
    'refuses %j in place of a split',
    async (split) => {
      await expect(trainRecognizer(split as never, { seed: 1 })).rejects.toMatchObject({
        code: 'bad-input',
        message: expect.stringMatching(/^trainRecognizer: split expected \{ train, validation, test, overlapping/),
      });
    },
  );

  it.each([
    [{ seed: -1 }, /seed expected >= 0, got -1/],
    [{ model: 'transformer' }, /model expected "simple-rnn" .* or a function that builds a network, got "transformer"/],
    [{ labels: ['low'] }, /labels expected at least 2 items/],
    [{ labels: ['low', 'low', 'high', 'noise'] }, /labels expected each label once/],
    [{ learningRate: 0 }, /learningRate expected > 0, got 0/],
    [{ classWeights: 'even' }, /classWeights expected "balanced" or array, got "even"/],
    [{ signal: {} }, /signal expected an AbortSignal/],
    [{ onEvent: 1 }, /onEvent expected a function/],
    [{ about: { licence: 'x' } }, /unknown option "licence" in about/],
    [{ epoch: 5 }, /unknown option "epoch" \(known: seed, epochs,/],
    [{ frontEnd: { rate: 8000 } }, /createFrontEnd: unknown option "rate" \(known: sampleRate/],
    [{ modelOptions: { unit: 5 } }, /buildCnn: unknown option "unit"/],
  ])('refuses %o before any clip is read', async (options, message) => {
    let reads = 0;
    const split = soundSplit();
    const counting = split.train.map((clip) => ({ ...clip, load: () => clip.load().finally(() => reads++) }));
    const refused = trainTiny(options as never, { ...split, train: counting });
    await expect(refused).rejects.toMatchObject({ code: 'bad-option', message: expect.stringMatching(message) });
    expect(reads).toBe(0);
  });

  it('refuses a label that is not among those to keep, and one label alone', async () => {
    await expect(trainTiny({ labels: ['low', 'high'] })).rejects.toThrow(
      /label of train-noise-0 expected one of low, high, got "noise"/,
    );
    await expect(trainTiny({ labels: ['low', 'high'] })).rejects.not.toThrow(/leave the clips/);
    const split = soundSplit();
    const more = { ...split.test[0]!, id: 'new', label: 'bored' };
    await expect(trainTiny({}, { ...split, test: [more] })).rejects.toThrow(
      /label of new expected one of high, low, noise \(the labels of the training clips\), got "bored"; leave the clips of that label out, or pass labels/,
    );
    const labels = [...SOUNDS, 'bored'];
    expect((await trainTiny({ epochs: 1, labels }, { ...split, test: [more] })).labels).toEqual(labels);
    const lows = split.train.filter((clip) => clip.label === 'low');
    await expect(trainTiny({}, { ...split, train: lows })).rejects.toThrow(/at least 2 labels, got "low"/);
    await expect(trainTiny({}, { ...split, train: [] })).rejects.toThrow(/at least 2 labels, got none/);
  });

  it('aborted after some epochs keeps the best so far; aborted earlier there is nothing to keep', async () => {
    const controller = new AbortController();
    const recognizer = await trainTiny({
      epochs: 50,
      signal: controller.signal,
      onEvent: (event) => {
        if (event.type === 'epoch' && event.epoch === 2) controller.abort();
      },
    });
    expect(recognizer.provenance.history).toMatchObject({ stopped: 'aborted', epochs: [{ epoch: 1 }, { epoch: 2 }] });
    await recognizer.predict(sound('low', 3));
    await expect(trainTiny({ signal: controller.signal })).rejects.toMatchObject({ code: 'aborted' });
    const early = new AbortController();
    const beforeTheFirst = trainTiny({
      signal: early.signal,
      onEvent: (event) => {
        if (event.type === 'batch') early.abort();
      },
    });
    await expect(beforeTheFirst).rejects.toMatchObject({
      code: 'aborted',
      message: expect.stringMatching(/nothing to keep/),
    });
  });

  it('trains a network of the caller', async () => {
    const { buildCnn } = await import('../../src/models/build-cnn.ts');
    const mine = (o: { dims: number; classes: number; seed: number }) =>
      buildCnn({ ...o, filters: [4], denseUnits: [] });
    const recognizer = await trainTiny({ model: mine, modelOptions: {}, epochs: 1 });
    expect(recognizer.provenance.model).toBe('mine');
  });

  it('tells what a network of the caller ends in when it is built again, and keeps no memory', async () => {
    const { buildCnn } = await import('../../src/models/build-cnn.ts');
    const tf = await import('@tensorflow/tfjs-core');
    let built = 0;
    const model = (o: { dims: number; classes: number; seed: number }) => {
      if (++built === 2) throw new Error('no second one');
      return buildCnn({ ...o, filters: [4], denseUnits: [] });
    };
    const before = tf.memory().numTensors;
    await expect(trainTiny({ model, modelOptions: {}, pca: { share: 0.5 } })).rejects.toThrow(/^no second one$/);
    expect([built, tf.memory().numTensors]).toEqual([2, before]);
  });
});

describe('evaluateRecognizer', () => {
  beforeAll(startWasm);

  it('refuses labels that the recognizer does not know, naming them', async () => {
    const recognizer = await trainTiny({ epochs: 1 });
    const clips = [...soundClips('x', 1), { ...soundClips('y', 1)[0]!, label: 'bored' }];
    await expect(evaluateRecognizer(recognizer, clips)).rejects.toMatchObject({
      code: 'bad-input',
      message: 'evaluateRecognizer: labels expected among high, low, noise, got bored',
    });
  });

  it('skips what cannot be read or recognized, without spoiling the rest', async () => {
    const recognizer = await trainTiny({ epochs: 1 });
    const nan: LabelledClip = {
      ...broken('nan', 'low'),
      load: async () => ({ samples: Float32Array.of(0, Infinity), sampleRate: 8000 }),
    };
    const good = soundClips('x', 1);
    const seen: number[] = [];
    const { predictions, skipped } = await evaluateRecognizer(recognizer, [broken('text', 'low'), nan, ...good], {
      onProgress: (done) => seen.push(done),
    });
    expect(predictions.map(({ clip }) => clip.id)).toEqual(good.map((clip) => clip.id));
    expect(skipped.map(({ id, code }) => [id, code])).toEqual([
      ['text', 'bad-format'],
      ['nan', 'not-finite'],
    ]);
    expect(seen).toEqual([5]);
  });

  it('refuses no clips and clips of which none can be read, and can be aborted', async () => {
    const recognizer = await trainTiny({ epochs: 1 });
    await expect(evaluateRecognizer(recognizer, [])).rejects.toMatchObject({ code: 'empty' });
    await expect(evaluateRecognizer(recognizer, [broken('text', 'low')])).rejects.toMatchObject({ code: 'empty' });
    for (const code of ['bad-option', 'out-of-memory'] as const) {
      const faulty = { ...broken('x', 'low'), load: async () => Promise.reject(new SerKitError(code, 'every clip')) };
      await expect(evaluateRecognizer(recognizer, [faulty])).rejects.toMatchObject({ code });
    }
    const far = { ...broken('far', 'low'), load: async () => Promise.reject(new TypeError('fetch failed')) };
    const { skipped } = await evaluateRecognizer(recognizer, [far, ...soundClips('x', 1)]);
    expect(skipped).toEqual([{ id: 'far', code: 'not-found', message: 'far: cannot be loaded (fetch failed)' }]);
    const signal = AbortSignal.abort();
    await expect(evaluateRecognizer(recognizer, soundClips('x', 1), { signal })).rejects.toMatchObject({
      code: 'aborted',
    });
  });

  it('refuses options that do not exist, and what is no recognizer or no list of clips', async () => {
    const recognizer = await trainTiny({ epochs: 1 });
    const clips = soundClips('x', 1);
    await expect(evaluateRecognizer(recognizer, clips, { progress: 1 } as never)).rejects.toMatchObject({
      code: 'bad-option',
      message: 'evaluateRecognizer: unknown option "progress" (known: onProgress, signal)',
    });
    await expect(evaluateRecognizer(undefined as never, clips)).rejects.toMatchObject({ code: 'bad-input' });
    await expect(evaluateRecognizer(recognizer, undefined as never)).rejects.toMatchObject({ code: 'bad-input' });
    recognizer.dispose();
    await expect(evaluateRecognizer(recognizer, clips)).rejects.toThrow(/disposed/);
  });
});
