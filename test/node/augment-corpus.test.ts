import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeWav } from '../../src/audio/wav-writer.ts';
import { addBackground } from '../../src/augment/add-background.ts';
import { addNoise } from '../../src/augment/add-noise.ts';
import { createAugmentation } from '../../src/augment/augmentation.ts';
import { gain } from '../../src/augment/gain.ts';
import { maskTime } from '../../src/augment/mask-time.ts';
import { maybe } from '../../src/augment/maybe.ts';
import { timeStretch } from '../../src/augment/time-stretch.ts';
import type { AugmentationWork, AugmentedEvent } from '../../src/clips/augmented-epochs.ts';
import type { LabelledClip } from '../../src/core/labelled-clip.ts';
import type { Waveform } from '../../src/core/waveform.ts';
import { augmentCorpus } from '../../src/node/augment-corpus.ts';
import { writeDirectory } from '../../src/node/write-directory.ts';
import { saveRecognizer } from '../../src/recognizer/save-recognizer.ts';
import type { TrainRecognizerOptions } from '../../src/recognizer/train-recognizer.ts';
import { errorOf } from '../models/error-of.ts';
import { soundClips, soundSplit, startWasm, trainTiny } from '../recognizer/support.ts';
import { useWorkers } from '../support/worker-bundle.ts';
import { sound } from './corpus-support.ts';

const dir = mkdtempSync(join(tmpdir(), 'ser-kit-augment-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const recordings = { hum: sound(3, 0.5), hiss: sound(9, 0.1) };
const augment = createAugmentation([
  maybe(0.5, timeStretch({ rate: [0.8, 1.25] })),
  maybe(0.7, addBackground({ recordings })),
  maybe(0.5, addNoise()),
  gain(),
  maskTime({ maxFrames: 5 }),
]);

/** The split of the small trainings, each clip also in a file that holds the same samples. */
const split = { ...soundSplit(), train: soundClips('train', 14) }; // three jobs an epoch
const inFiles = {
  ...split,
  train: split.train.map((clip) => ({ ...clip, path: `${clip.id}.wav` })),
};
const frontEnd = { normalizeLevel: false };

async function trained(options: Partial<TrainRecognizerOptions>, of = split) {
  const augmented: AugmentedEvent[] = [];
  const recognizer = await trainTiny(
    {
      epochs: 3,
      batchSize: 12,
      frontEnd,
      augment,
      onEvent: (event) => {
        if (event.type === 'augmented') augmented.push(event);
      },
      ...options,
    },
    of,
  );
  return { augmented, files: [...(await saveRecognizer(recognizer))] };
}

describe('augmentCorpus()', () => {
  useWorkers();
  beforeAll(async () => {
    await startWasm();
    const files = new Map<string, Uint8Array>();
    for (const clip of inFiles.train) files.set(clip.path, encodeWav(await clip.load(), { encoding: 'float32' }));
    await writeDirectory(dir, files);
  });

  it('gives the recognizer that training gives in its own thread, whatever the number of workers', async () => {
    const alone = await trained({});
    expect(alone.augmented).toHaveLength(3 * 42);
    for (const workers of [0, 1, 2]) {
      const got = await trained({ augmentedFeaturesOf: (work) => augmentCorpus(work, { workers, recordings }) });
      expect(got).toEqual(alone);
    }
  });

  it('reads files by itself, and does not load those clips in this thread', async () => {
    const alone = await trained({});
    let loads = 0;
    const counting = (clip: LabelledClip): LabelledClip => ({
      ...clip,
      load: () => clip.load().finally(() => loads++),
    });
    const counted = { ...inFiles, train: inFiles.train.map(counting) };
    const got = await trained(
      { augmentedFeaturesOf: (work) => augmentCorpus(work, { workers: 2, dir, recordings }) },
      counted as typeof split,
    );
    expect(got).toEqual(alone);
    expect(loads).toBe(42);
  });

  it('reads files in the first epoch alone, but for those that keepBytes has no room for', async () => {
    const alone = await trained({});
    const bytes = 4 * (await inFiles.train[0]!.load()).samples.length;
    for (const keepBytes of [undefined, 0, 5.5 * bytes]) {
      const folder = mkdtempSync(join(tmpdir(), 'ser-kit-augment-'));
      try {
        cpSync(dir, folder, { recursive: true });
        let error: unknown;
        const got = await trained(
          {
            augmentedFeaturesOf: (work) => {
              const { epoch, close } = augmentCorpus(work, { workers: 2, dir: folder, recordings, keepBytes });
              return {
                epoch: (n, order, signal) => {
                  if (n === 2) rmSync(folder, { recursive: true });
                  return epoch(n, order, signal);
                },
                close: close!,
              };
            },
          },
          inFiles,
        ).catch((thrown) => {
          error = thrown;
        });
        if (keepBytes === undefined) expect([got, error]).toEqual([alone, undefined]);
        else expect(error).toMatchObject({ code: 'not-found' });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
  });

  it('keeps clips that this thread loads, too', async () => {
    const alone = await trained({});
    let loads = 0;
    const counting = (clip: LabelledClip): LabelledClip => ({
      ...clip,
      load: () => clip.load().finally(() => loads++),
    });
    const counted = { ...split, train: split.train.map(counting) };
    const timesLoaded = async (keepBytes?: number): Promise<number> => {
      loads = 0;
      const options = { workers: 1, recordings, keepBytes };
      expect(
        await trained({ augmentedFeaturesOf: (work) => augmentCorpus(work, options) }, counted as typeof split),
      ).toEqual(alone);
      return loads / 42;
    };
    // Once for the features of the clips as they are.
    expect(await timesLoaded()).toBe(1 + 1);
    expect(await timesLoaded(0)).toBe(1 + 3);
  });

  it('ends with the error of a clip whose file is gone', async () => {
    const train = inFiles.train.map((clip, i) => (i === 5 ? { ...clip, path: 'gone.wav' } : clip));
    const ofWork = (work: AugmentationWork) => augmentCorpus(work, { workers: 1, dir, recordings });
    expect(await errorOf(() => trained({ augmentedFeaturesOf: ofWork }, { ...split, train }))).toEqual({
      code: 'not-found',
      message: expect.stringMatching(
        /^trainRecognizer: augment expected train-noise-5 to be there still, .*: gone\.wav: /,
      ),
    });
  });

  it('ends when training is aborted in the middle of an epoch', async () => {
    const abort = new AbortController();
    let ended = false;
    const got = await errorOf(() =>
      trained({
        signal: abort.signal,
        onEvent: (event) => {
          if (event.type === 'batch') abort.abort();
        },
        augmentedFeaturesOf: (work) => {
          const { epoch, close } = augmentCorpus(work, { workers: 1, recordings });
          return { epoch, close: () => close!().finally(() => (ended = true)) };
        },
      }),
    );
    expect(got).toMatchObject({ code: 'aborted' });
    expect(ended).toBe(true);
  });

  it("refuses a function of one's own where workers were asked for, and else works in this thread", async () => {
    const louder = maybe(0.5, ({ samples, sampleRate }: Waveform) => ({
      samples: samples.map((x) => 2 * x),
      sampleRate,
    }));
    const alone = await trained({ augment: louder });
    expect(await trained({ augment: louder, augmentedFeaturesOf: (work) => augmentCorpus(work) })).toEqual(alone);
    const ofWork = (work: AugmentationWork) => augmentCorpus(work, { workers: 2 });
    expect(await errorOf(() => trained({ augment: louder, augmentedFeaturesOf: ofWork }))).toEqual({
      code: 'bad-option',
      message: expect.stringMatching(
        /^augmentCorpus: workers expected 0 with a function of one's own \(\w+\), .* got 2$/,
      ),
    });
  });

  it('refuses transforms whose recordings it was not given', async () => {
    const ofWork = (work: AugmentationWork) => augmentCorpus(work, { workers: 1 });
    expect(await errorOf(() => trained({ augmentedFeaturesOf: ofWork }))).toEqual({
      code: 'bad-option',
      message: expect.stringMatching(
        /^augmentCorpus: .*recordings expected names of options.recordings \(none were given\)/,
      ),
    });
  });
});
