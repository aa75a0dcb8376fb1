import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FrontEndOptions } from '../../src/clips/front-end.ts';
import type { LabelledClip } from '../../src/core/labelled-clip.ts';
import { fitStandardizer } from '../../src/features/standardize.ts';
import type { CorpusStandardizerJson } from '../../src/features/standardizer-json.ts';
import { evaluateRecognizer } from '../../src/recognizer/evaluate-recognizer.ts';
import { loadRecognizer } from '../../src/recognizer/load-recognizer.ts';
import { type RecognizerDescription, writeManifest } from '../../src/recognizer/manifest.ts';
import { type Recognizer, recognizerParts } from '../../src/recognizer/recognizer.ts';
import { saveRecognizer } from '../../src/recognizer/save-recognizer.ts';
import type { TrainRecognizerOptions } from '../../src/recognizer/train-recognizer.ts';
import { apart, SOUNDS, sound, soundClips, soundSplit, sourceOf, startWasm, trainTiny } from './support.ts';

const FRONT_END: FrontEndOptions = {
  sampleRate: 8000,
  features: [
    { name: 'logMel', options: { nFft: 256, hopLength: 128, nMels: 8, fMax: 4000, topDb: null } },
    { name: 'zcr', options: { frameLength: 256, hopLength: 128 } },
  ],
};

const train = (options: Partial<TrainRecognizerOptions>): Promise<Recognizer> =>
  trainTiny({ epochs: 2, frontEnd: FRONT_END, ...options });

const manifestOf = (files: ReadonlyMap<string, Uint8Array>) =>
  JSON.parse(new TextDecoder().decode(files.get('manifest.json')));

describe('a recognizer with another standardization or with principal components', () => {
  beforeAll(startWasm);

  it.each<[string, Partial<TrainRecognizerOptions>, number]>([
    ['by speaker', { standardize: 'speaker' }, 9],
    ['by clip', { standardize: 'clip' }, 9],
    ['with 3 components', { pca: { components: 3 } }, 3],
    ['with all components, whitened', { pca: { whiten: true } }, 9],
    ['by speaker, with 2 components', { standardize: 'speaker', pca: { components: 2 } }, 2],
    ['of a feature set', { frontEnd: { features: 'mfcc40.v1' } }, 0],
    ['of a sliding window', { frontEnd: { ...FRONT_END, slidingCmvn: { window: 20 } } }, 9],
    [
      'of functionals',
      { frontEnd: { ...FRONT_END, functionals: { percentiles: [] } }, model: 'lstm', modelOptions: { units: 4 } },
      54,
    ],
    [
      'of functionals, by speaker, with 3 components',
      {
        frontEnd: { ...FRONT_END, functionals: {} },
        ...{ model: 'lstm', modelOptions: { units: 4 }, standardize: 'speaker', pca: { components: 3 } },
      },
      3,
    ],
  ])('is saved and loaded and answers the same: %s', async (_, options, width) => {
    const recognizer = await train(options);
    const files = await saveRecognizer(recognizer);
    const loaded = await loadRecognizer(sourceOf(files));
    expect(loaded.standardize).toBe(options.standardize ?? 'corpus');
    const { model } = recognizerParts('test', loaded);
    if (width > 0) expect(model.inputs[0]!.shape).toEqual([null, null, width]);
    const waveforms = SOUNDS.flatMap((kind) => [sound(kind, 6), sound(kind, 7)]);
    const speakers = waveforms.map((_, i) => (i % 2 === 0 ? 'a' : 'b'));
    const answers = await recognizer.predictBatch(waveforms, { speakers });
    expect(await loaded.predictBatch(waveforms, { speakers })).toEqual(answers);
    for (const { probabilities } of answers) {
      expect(Object.values(probabilities).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    }
    const again = await saveRecognizer(loaded);
    for (const [path, bytes] of files) expect(Buffer.compare(again.get(path)!, bytes)).toBe(0);
    // What evaluation finds is what training found.
    const split = soundSplit();
    expect((await evaluateRecognizer(loaded, split.test)).report).toEqual(recognizer.provenance.metrics.test);
    recognizer.dispose();
    loaded.dispose();
  });

  it('keeps as many components as hold the share, of standardized training clips', async () => {
    const recognizer = await train({ pca: { share: 0.9 } });
    const { pca, model, standardizer, frontEnd } = recognizerParts('test', recognizer);
    expect(recognizer.provenance.training).toMatchObject({ standardize: 'corpus', pca: { share: 0.9 } });
    expect(pca!.components).toBeGreaterThan(1);
    expect(pca!.components).toBeLessThan(9);
    expect(model.inputs[0]!.shape[2]).toBe(pca!.components);
    const held = pca!.explainedVarianceRatio.reduce((a, b) => a + b);
    expect(held).toBeGreaterThanOrEqual(0.9);
    expect(held - pca!.explainedVarianceRatio.at(-1)!).toBeLessThan(0.9);
    const waveforms = await Promise.all(soundSplit().train.map((clip) => clip.load()));
    const reduced = waveforms.map((w) => pca!.transform(standardizer.transform(frontEnd.extract(w))));
    const { mean, deviation } = fitStandardizer(reduced).toJSON() as CorpusStandardizerJson;
    for (let c = 0; c < pca!.components; c++) {
      expect(mean[c]).toBeCloseTo(0, 4);
      expect(deviation[c]! ** 2).toBeCloseTo(pca!.explainedVariance[c]!, 1);
    }
  });

  it('learns the components from training clips alone', async () => {
    const split = soundSplit();
    const componentsOf = async (parts: typeof split) =>
      recognizerParts('test', await trainTiny({ epochs: 1, frontEnd: FRONT_END, pca: { components: 2 } }, parts)).pca!;
    const one = (await componentsOf(split)).toJSON();
    const others = { ...split, validation: soundClips('others', 1), test: soundClips('more', 1) };
    expect((await componentsOf(others)).toJSON()).toEqual(one);
    expect((await componentsOf({ ...split, train: soundClips('elsewhere', 4) })).toJSON()).not.toEqual(one);
  });

  it('by speaker takes a gain and an offset of the voice out, which one by corpus does not', async () => {
    // A log-mel spectrum of a speaker 30 dB softer, without level normalisation, is an offset in every dimension.
    const frontEnd: FrontEndOptions = {
      ...FRONT_END,
      normalizeLevel: false,
      features: [FRONT_END.features![0] as never],
    };
    const soft = SOUNDS.flatMap((kind) =>
      [3, 4].map((seed) => {
        const { samples, sampleRate } = sound(kind, seed);
        return { samples: samples.map((x) => x * 0.03), sampleRate };
      }),
    );
    const plain = SOUNDS.flatMap((kind) => [3, 4].map((seed) => sound(kind, seed)));
    const speakers = plain.map(() => 'one');
    const difference = async (standardize: 'corpus' | 'speaker' | 'clip'): Promise<number> => {
      const recognizer = await train({ standardize, frontEnd });
      const [a, b] = [
        await recognizer.predictBatch(soft, { speakers }),
        await recognizer.predictBatch(plain, { speakers }),
      ];
      return Math.max(...a.map((answer, i) => apart(answer, b[i]!)));
    };
    expect(await difference('speaker')).toBeLessThan(0.01);
    expect(await difference('clip')).toBeLessThan(0.01);
    expect(await difference('corpus')).toBeGreaterThan(0.05);
  });

  it('by speaker takes one recording as all that is known of its speaker, and a batch by its speakers', async () => {
    const recognizer = await train({ standardize: 'speaker' });
    const waveforms = SOUNDS.map((kind) => sound(kind, 5));
    const alone = await Promise.all(waveforms.map((w) => recognizer.predict(w)));
    const unnamed = await recognizer.predictBatch(waveforms);
    const together = await recognizer.predictBatch(waveforms, { speakers: ['a', 'a', 'a'] });
    const apartly = await recognizer.predictBatch(waveforms, { speakers: ['a', 'b', 'c'] });
    alone.forEach((answer, i) => {
      expect(apart(answer, unnamed[i]!)).toBeLessThan(1e-5);
      expect(apart(answer, apartly[i]!)).toBeLessThan(1e-5);
    });
    expect(Math.max(...alone.map((answer, i) => apart(answer, together[i]!)))).toBeGreaterThan(0.01);
    await expect(recognizer.predictBatch(waveforms, { speakers: ['a'] })).rejects.toMatchObject({
      code: 'bad-option',
      message: 'predictBatch: speakers expected one for each of 3 waveforms, got 1',
    });
    await expect(recognizer.predictBatch(waveforms, { speaker: 'a' } as never)).rejects.toThrow(/unknown option/);
  });

  it('by speaker is evaluated speaker by speaker, in the order of the clips, without the bad ones', async () => {
    const recognizer = await train({ standardize: 'speaker' });
    // Speakers take turns, and there are more clips than are predicted at once.
    const clips = Array.from({ length: 70 }, (_, i): LabelledClip => {
      const label = SOUNDS[i % 3]!;
      return { id: `${i}`, speakerId: `s${i % 2}`, label, load: async () => sound(label, i) };
    });
    const bad = { ...clips[0]!, id: 'bad', load: async () => ({ samples: new Float32Array(0), sampleRate: 8000 }) };
    const { predictions, skipped } = await evaluateRecognizer(recognizer, [
      ...clips.slice(0, 5),
      bad,
      ...clips.slice(5),
    ]);
    expect(predictions.map(({ clip }) => clip.id)).toEqual(clips.map(({ id }) => id));
    expect(skipped.map(({ id }) => id)).toEqual(['bad']);
    const waveforms = await Promise.all(clips.map((clip) => clip.load()));
    const expected = await recognizer.predictBatch(waveforms, { speakers: clips.map((clip) => clip.speakerId) });
    predictions.forEach(({ prediction }, i) => {
      expect(apart(prediction, expected[i]!)).toBeLessThan(1e-5);
    });
  });

  it('by speaker refuses the functionals of a single recording, which less their own mean are 0', async () => {
    const recognizer = await train({
      frontEnd: { ...FRONT_END, functionals: {} },
      model: 'lstm',
      modelOptions: { units: 4 },
      standardize: 'speaker',
    });
    await expect(recognizer.predict(sound('low', 1))).rejects.toMatchObject({
      code: 'too-short',
      message: 'standardizing by speaker: expected more than one frame of each speaker, got one of "recording 0"',
    });
    // Its clip is skipped, and spoils no other's answer.
    const [first, ...rest] = soundClips('x', 2);
    const clips = [{ ...first!, speakerId: 'alone' }, ...rest];
    const { predictions, skipped } = await evaluateRecognizer(recognizer, clips);
    expect(skipped.map(({ id }) => id)).toEqual([first!.id]);
    expect(predictions).toHaveLength(rest.length);
  });

  it('by clip answers the shortest recording there is', async () => {
    const recognizer = await train({ standardize: 'clip' });
    const { probabilities } = await recognizer.predict({ samples: Float32Array.of(0.5), sampleRate: 8000 });
    expect(Object.values(probabilities).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  });

  it.each<[object, RegExp]>([
    [{ standardize: 'everyone' }, /standardize expected "corpus" \| "speaker" \| "clip", got "everyone"/],
    [
      { pca: { component: 3 } },
      /trainRecognizer: pca: unknown option "component" \(known: components, share, whiten\)/,
    ],
    [{ pca: { components: 3, share: 0.5 } }, /pca: expected components or share, got both/],
    [{ pca: { components: 10 } }, /pca.components expected at most the 9 dimensions of the front end, got 10/],
    [{ standardize: 'clip', frontEnd: { ...FRONT_END, functionals: {} } }, /'corpus' or 'speaker' with functionals/],
  ])('refuses %j before any clip is read', async (options, message) => {
    let reads = 0;
    const split = soundSplit();
    const counting = split.train.map((clip) => ({ ...clip, load: () => clip.load().finally(() => reads++) }));
    await expect(
      trainTiny({ frontEnd: FRONT_END, ...options } as never, { ...split, train: counting }),
    ).rejects.toMatchObject({ code: 'bad-option', message: expect.stringMatching(message) });
    expect(reads).toBe(0);
  });
});

describe('a manifest', () => {
  beforeAll(startWasm);

  it('of version 1, as 0.1.0 saved it, is loaded and answers as it did', async () => {
    const folder = new URL('fixtures/recognizer-0.1.0/', import.meta.url);
    const files = new Map(
      ['manifest.json', 'weights.bin'].map((path) => [path, new Uint8Array(readFileSync(new URL(path, folder)))]),
    );
    expect(manifestOf(files)).toMatchObject({
      version: 1,
      recognizer: { provenance: { madeWith: { serKit: '0.1.0' } } },
    });
    const loaded = await loadRecognizer(sourceOf(files));
    expect(loaded.standardize).toBe('corpus');
    const expected = JSON.parse(readFileSync(new URL('answers.json', folder), 'utf8'));
    for (const kind of SOUNDS) {
      expect(apart(await loaded.predict(sound(kind, 77)), { probabilities: expected[kind] })).toBeLessThan(1e-5);
    }
    expect(manifestOf(await saveRecognizer(loaded))).toMatchObject({
      version: 2,
      recognizer: manifestOf(files).recognizer,
    });
  });

  it('whose parts do not fit together is refused', async () => {
    const files = await saveRecognizer(await train({ standardize: 'speaker', pca: { components: 3 } }));
    const refusal = async (path: string, value: unknown): Promise<string> => {
      const { recognizer } = manifestOf(files);
      const keys = path.split('.');
      const last = keys.pop()!;
      keys.reduce((object, key) => object[key], recognizer)[last] = value;
      const forged = new Map(files).set('manifest.json', await writeManifest(recognizer as RecognizerDescription));
      return loadRecognizer(sourceOf(forged)).then(
        () => 'loaded',
        (error) => `${error.code}: ${error.message}`,
      );
    };
    expect(await refusal('pca.whiten', true)).toBe('loaded');
    const wrongs: readonly [string, unknown, RegExp][] = [
      ['pca', undefined, /network expected \[batch, frames, 9\]/],
      ['pca.axes.2', [1], /parsePca: axes\[2\] expected 9 numbers, got 1/],
      ['pca.axes.0.0', null, /axes\[0\]\[0\] expected number, got null/],
      ['pca.dims', 8, /parsePca: mean expected 8 numbers/],
      ['pca.kind', 'ica', /parsePca: kind expected "pca"/],
      ['standardizer.dims', 8, /manifest.json: standardizer expected 9 dims, got 8/],
      ['standardizer.scope', 'all', /parseStandardizer: /],
      ['frontEnd.slidingCmvn', { windows: 1 }, /unknown option "windows"/],
      ['frontEnd.functionals', { statistics: ['mean'] }, /standardizer expected 36 dims, got 9/],
      ['frontEnd.features', 'mfcc40.v9', /got "mfcc40.v9"/],
    ];
    for (const [path, value, message] of wrongs) {
      const text = await refusal(path, value);
      expect(text).toMatch(/^bad-format: manifest\.json: /);
      expect(text).toMatch(message);
    }
  });
});
