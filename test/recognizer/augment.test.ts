import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { addBackground } from '../../src/augment/add-background.ts';
import { createAugmentation } from '../../src/augment/augmentation.ts';
import { gain } from '../../src/augment/gain.ts';
import { maybe } from '../../src/augment/maybe.ts';
import { featureTransform, type Transform, waveformTransform } from '../../src/augment/transform.ts';
import type { AugmentedEvent } from '../../src/clips/augmented-epochs.ts';
import { createFrontEnd } from '../../src/clips/front-end.ts';
import { SerKitError } from '../../src/core/errors.ts';
import type { FeatureMatrix } from '../../src/core/feature-matrix.ts';
import type { TrainingClip } from '../../src/core/labelled-clip.ts';
import type { Waveform } from '../../src/core/waveform.ts';
import type { TrainingCheckpoint } from '../../src/models/checkpoint.ts';
import { loadRecognizer } from '../../src/recognizer/load-recognizer.ts';
import type { Recognizer } from '../../src/recognizer/recognizer.ts';
import type { RecognizerSplit } from '../../src/recognizer/recognizer-split.ts';
import { saveRecognizer } from '../../src/recognizer/save-recognizer.ts';
import type { RecognizerEvent, TrainRecognizerOptions } from '../../src/recognizer/train-recognizer.ts';
import { errorOf } from '../models/error-of.ts';
import { soundSplit, sourceOf, startWasm, trainTiny } from './support.ts';

/** Features that heed the level, so that gain() changes them. */
const LOUD = { normalizeLevel: false };

/** Keeps a share of the samples, from the first on. */
const shorten = (least: number): Transform<{ share: number }> =>
  waveformTransform({
    kind: 'shorten',
    options: { least },
    drawn: z.strictObject({ share: z.number() }),
    draw: (_, random) => ({ share: least + (1 - least) * random() }),
    apply: ({ samples, sampleRate }, { share }) => ({
      samples: samples.slice(0, Math.ceil(share * samples.length)),
      sampleRate,
    }),
  });

/** Adds a number to every value. */
const raise = featureTransform<{ by: number }>({
  kind: 'raise',
  options: {},
  drawn: z.strictObject({ by: z.number() }),
  draw: (_, random) => ({ by: random() }),
  apply: (matrix, { by }) => ({ ...matrix, data: matrix.data.map((value) => value + by) }),
});

/** Gives what no front end takes, for some clips; the others stay. */
const overflow = (isOne: (waveform: Waveform) => boolean): Transform<object> =>
  waveformTransform({
    kind: 'overflow',
    options: {},
    drawn: z.strictObject({}),
    draw: () => ({}),
    apply: (waveform) =>
      isOne(waveform) ? { ...waveform, samples: waveform.samples.map(() => Number.POSITIVE_INFINITY) } : waveform,
  });

/** A split whose clips count how often each of them is loaded. */
function countingSplit(split = soundSplit()): { split: RecognizerSplit; loads: Map<string, number> } {
  const loads = new Map<string, number>();
  const counting = <C extends TrainingClip>(clip: C): C => ({
    ...clip,
    load: () => {
      loads.set(clip.id, (loads.get(clip.id) ?? 0) + 1);
      return clip.load();
    },
  });
  const { train, validation, test } = split;
  return {
    split: {
      ...split,
      train: train.map(counting),
      validation: validation.map(counting),
      test: test.map(counting),
    },
    loads,
  };
}

async function trained(options: Partial<TrainRecognizerOptions>, split = soundSplit()) {
  const events: RecognizerEvent[] = [];
  const recognizer = await trainTiny({ epochs: 3, frontEnd: LOUD, ...options, onEvent: (e) => events.push(e) }, split);
  const augmented = events.filter((event): event is AugmentedEvent => event.type === 'augmented');
  return { recognizer, events, augmented, weights: await weightsOf(recognizer) };
}

async function weightsOf(recognizer: Recognizer): Promise<Uint8Array> {
  return (await saveRecognizer(recognizer)).get('weights.bin')!;
}

describe('trainRecognizer({ augment })', () => {
  beforeAll(startWasm);

  it('loads training clips again in each epoch, and no other clip more than once', async () => {
    const { split, loads } = countingSplit();
    await trained({ augment: gain() }, split);
    const countsOf = (part: 'train' | 'validation' | 'test') => [
      ...new Set(split[part].map(({ id }) => loads.get(id))),
    ];
    expect([countsOf('train'), countsOf('validation'), countsOf('test')]).toEqual([[4], [1], [1]]);
  });

  it('gives transforms nothing but training clips', async () => {
    const seen = new Set<Waveform>();
    const loaded = new Map<Waveform, string>();
    const split = soundSplit();
    const noting = <C extends TrainingClip>(clip: C): C => ({
      ...clip,
      load: async () => {
        const waveform = await clip.load();
        loaded.set(waveform, clip.id);
        return waveform;
      },
    });
    const peek = (waveform: Waveform): Waveform => {
      seen.add(waveform);
      return waveform;
    };
    const parts = {
      train: split.train.map(noting),
      validation: split.validation.map(noting),
      test: split.test.map(noting),
    };
    const { augmented } = await trained({ augment: [peek], epochs: 2 }, { ...split, ...parts });
    expect(new Set([...seen].map((waveform) => loaded.get(waveform)))).toEqual(
      new Set(split.train.map(({ id }) => id)),
    );
    expect(new Set(augmented.map(({ clip }) => clip))).toEqual(new Set(split.train.map(({ id }) => id)));
  });

  it('does not read clips again for transforms of features', async () => {
    const { split, loads } = countingSplit();
    const { augmented } = await trained({ augment: raise }, split);
    expect([...new Set(loads.values())]).toEqual([1]);
    expect(augmented).toHaveLength(36);
    expect(augmented[0]!.drawn).toEqual({ features: { by: expect.any(Number) } });
  });

  it('gives the same weights for the same seed, others for another, and others than without', async () => {
    const augment = [maybe(0.7, gain()), raise];
    const a = await trained({ augment });
    expect((await trained({ augment })).weights).toEqual(a.weights);
    expect((await trained({ augment })).augmented).toEqual(a.augmented);
    expect((await trained({ augment, seed: 2 })).weights).not.toEqual(a.weights);
    expect((await trained({})).weights).not.toEqual(a.weights);
    // Not one draw in two epochs or for two clips.
    const draws = new Set(a.augmented.map(({ drawn }) => JSON.stringify(drawn.features)));
    expect(draws.size).toBe(36);
  });

  it('gives the weights of a training without where nothing is changed', async () => {
    const without = await trained({});
    const nothing = await trained({ augment: maybe(0, gain()) });
    expect(nothing.weights).toEqual(without.weights);
    expect(nothing.augmented.map(({ drawn }) => drawn)).toEqual(Array(36).fill({ waveform: null }));
    const sameSamples = await trained({ augment: gain({ gainDb: 0 }) });
    expect(sameSamples.weights).toEqual(without.weights);
  });

  it.each(['corpus', 'speaker', 'clip'] as const)(
    'tells draws that can be applied again, standardized by %s',
    async (standardize) => {
      const augmentation = createAugmentation([shorten(0.6), gain(), raise]);
      const split = soundSplit();
      const seen: { epoch: number; id: string; matrix: FeatureMatrix }[] = [];
      let reduce: ((matrix: FeatureMatrix, speaker: string) => FeatureMatrix) | undefined;
      const { parseStandardizer } = await import('../../src/features/standardize.ts');
      const { parsePca } = await import('../../src/features/pca.ts');
      const { augmentInThisThread } = await import('../../src/clips/augmented-epochs.ts');
      const { augmented } = await trained(
        {
          augment: augmentation,
          standardize,
          pca: { components: 5 },
          augmentedFeaturesOf: (work) => {
            const standardizer = parseStandardizer(work.plan.standardizer);
            const pca = parsePca(work.plan.pca);
            reduce = (matrix, speaker) =>
              pca.transform(standardizer.transform(matrix, standardize === 'speaker' ? { speaker } : {}));
            const inner = augmentInThisThread(work);
            return {
              async *epoch(epoch, order, signal) {
                for await (const each of inner.epoch(epoch, order, signal)) {
                  seen.push({ epoch, id: each.clip.id, matrix: each.matrix! });
                  yield each;
                }
              },
            };
          },
        },
        split,
      );
      const frontEnd = createFrontEnd(LOUD);
      expect(augmented).toHaveLength(36);
      for (const event of JSON.parse(JSON.stringify(augmented)) as AugmentedEvent[]) {
        const clip = split.train.find(({ id }) => id === event.clip)!;
        const again = augmentation.waveform!.apply(await clip.load(), event.drawn.waveform);
        const { matrix } = seen.find(({ epoch, id }) => epoch === event.epoch && id === event.clip)!;
        expect(reduce!(frontEnd.extract(again), clip.speakerId)).toEqual(matrix);
      }
    },
  );

  it('uses a clip as it is where what was made of it has no features, and says so', async () => {
    const nothingLeft = overflow((waveform) => waveform.samples[0]! > 0);
    const { augmented, weights } = await trained({ augment: nothingLeft });
    const unusable = augmented.filter((event) => event.unusable !== undefined);
    expect(unusable.length).toBeGreaterThan(0);
    expect(unusable.length).toBeLessThan(36);
    expect(unusable[0]).toMatchObject({
      drawn: { waveform: {} },
      unusable: { code: 'not-finite', message: expect.stringMatching(/^trainRecognizer: augment: train-/) },
    });
    expect(weights).toEqual((await trained({})).weights);
  });

  it('keeps what was drawn for a clip whose features cannot be computed any more', async () => {
    const tooLoud = (waveform: Waveform): Waveform =>
      waveform.samples[0]! > 0
        ? { ...waveform, samples: waveform.samples.map((x) => x * 1e36) }
        : { ...waveform, samples: waveform.samples.map((x) => x / 2) };
    const { augmented } = await trained({ augment: [tooLoud, gain({ gainDb: [60, 61] })] });
    const unusable = augmented.filter((event) => event.unusable !== undefined);
    expect(unusable.length).toBeGreaterThan(0);
    for (const { drawn } of unusable) expect(drawn.waveform).toMatchObject([{}, { gainDb: expect.any(Number) }]);
  });

  it('ends where no clip of an epoch can be changed', async () => {
    const never = overflow(() => true);
    await expect(trained({ augment: never })).rejects.toThrow(
      /augment expected changed clips that can be used, got none of \d+ in epoch 1; .*: trainRecognizer: augment: train-/,
    );
  });

  it('ends with the error that a transform has for one clip, and that clip is named', async () => {
    let calls = 0;
    const once = (waveform: Waveform): Waveform => {
      if (++calls === 7) throw new SerKitError('too-short', 'once: too short');
      return waveform;
    };
    expect(await errorOf(() => trained({ augment: once }))).toEqual({
      code: 'too-short',
      message: expect.stringMatching(/^trainRecognizer: augment: train-\S+: once: too short$/),
    });
    const nan = ({ samples, sampleRate }: Waveform): Waveform => ({
      samples: samples.map(() => Number.NaN),
      sampleRate,
    });
    expect(await errorOf(() => trained({ augment: [gain(), nan] }))).toEqual({
      code: 'not-finite',
      message: expect.stringMatching(/^trainRecognizer: augment: train-\S+: ownFunction nan: samples expected finite/),
    });
  });

  it('ends with the error of a clip that cannot be loaded any more, and of a transform that is at fault', async () => {
    let loads = 0;
    const split = soundSplit();
    const train = split.train.map((clip) => ({
      ...clip,
      load: async () => {
        if (++loads > 20) throw new SerKitError('not-found', 'gone.wav: no such file');
        return clip.load();
      },
    }));
    expect(await errorOf(() => trainTiny({ augment: gain() }, { ...split, train }))).toEqual({
      code: 'not-found',
      message: expect.stringMatching(/^trainRecognizer: augment expected train-\S+ to be there still, .*: gone.wav/),
    });
    const wrong = () => {
      throw new TypeError('f is not a function');
    };
    await expect(trainTiny({ augment: wrong })).rejects.toThrow('f is not a function');
  });

  it('goes on from a checkpoint to the same bytes, and refuses one of another augmentation', async () => {
    const checkpoints: TrainingCheckpoint[] = [];
    const augment = [maybe(0.5, shorten(0.5)), gain(), raise];
    const whole = await trained({ augment, onCheckpoint: (each) => void checkpoints.push(each) });
    const resumed = await trained({ augment, resumeFrom: checkpoints[0]!.bytes });
    expect([...(await saveRecognizer(resumed.recognizer))]).toEqual([...(await saveRecognizer(whole.recognizer))]);
    expect(resumed.augmented).toEqual(whole.augmented.filter(({ epoch }) => epoch > 1));
    const other = { augment: [maybe(0.5, shorten(0.4)), gain(), raise], resumeFrom: checkpoints[0]!.bytes };
    for (const options of [other, { resumeFrom: checkpoints[0]!.bytes }]) {
      expect(await errorOf(() => trained(options))).toMatchObject({
        code: 'mismatch',
        message: expect.stringMatching(/another epochFeatures|epochFeatures .* in place of/),
      });
    }
  });

  it('refuses a checkpoint of other recordings under the same names, and goes on with the same', async () => {
    const hum = (hz: number): Waveform => ({
      samples: Float32Array.from({ length: 4000 }, (_, n) => Math.sin((2 * Math.PI * hz * n) / 16000)),
      sampleRate: 16000,
    });
    const withHum = (hz: number) => [maybe(0.5, addBackground({ recordings: { hum: hum(hz) } })), raise];
    const checkpoints: TrainingCheckpoint[] = [];
    const whole = await trained({ augment: withHum(100), onCheckpoint: (each) => void checkpoints.push(each) });
    const resumeFrom = checkpoints[0]!.bytes;
    const resumed = await trained({ augment: withHum(100), resumeFrom });
    expect(resumed.weights).toEqual(whole.weights);
    expect(await errorOf(() => trained({ augment: withHum(200), resumeFrom }))).toMatchObject({
      code: 'mismatch',
      message: expect.stringMatching(/another epochFeatures|epochFeatures .* in place of/),
    });
  });

  it('hands mixup on to training, once', async () => {
    const mixup = {
      kind: 'mixup',
      domain: 'batch',
      run() {},
      apply() {},
      toJSON: () => ({ transform: 'mixup', alpha: 0.3 }),
    };
    const mixing = Object.assign(() => {}, mixup) as never;
    const { weights, augmented } = await trained({ augment: mixing });
    expect(weights).toEqual((await trained({ mixup: { alpha: 0.3 } })).weights);
    expect(augmented).toEqual([]);
    expect(await errorOf(() => trained({ augment: mixing, mixup: { alpha: 0.2 } }))).toEqual({
      code: 'bad-option',
      message: 'trainRecognizer: mixup expected once, got it with alpha 0.2 and in augment with alpha 0.3',
    });
  });

  it('is kept in the recognizer and its manifest, as JSON', async () => {
    const { recognizer } = await trained({ augment: [maybe(0.5, gain({ gainDb: 3 })), raise], epochs: 1 });
    const json = [{ transform: 'maybe', p: 0.5, of: { transform: 'gain', gainDb: 3 } }, { transform: 'raise' }];
    expect(recognizer.provenance.training!.augment).toEqual(json);
    const loaded = await loadRecognizer(sourceOf(await saveRecognizer(recognizer)));
    expect(loaded.provenance.training!.augment).toEqual(json);
    expect((await trained({ epochs: 1 })).recognizer.provenance.training).not.toHaveProperty('augment');
  });

  it('refuses what is no transform', async () => {
    for (const [augment, message] of [
      [[], 'createAugmentation: expected at least one transform, got none'],
      [[3], 'createAugmentation: transforms[0] expected a transform or a function, got 3'],
      [
        { transform: 'gain' },
        'trainRecognizer: augment expected transforms or an augmentation, got JSON; parseAugmentation() makes one of it',
      ],
    ] as const) {
      expect(await errorOf(() => trainTiny({ augment: augment as never }))).toEqual({ code: 'bad-option', message });
    }
  });
});
