import { beforeAll, describe, expect, it } from 'vitest';
import { createFrontEnd, type FrontEndConfig } from '../../src/clips/front-end.ts';
import { type FeaturesOfClip, featuresInThisThread } from '../../src/clips/read-clips.ts';
import type { TrainingClip } from '../../src/core/labelled-clip.ts';
import { extractCorpus } from '../../src/node/extract-corpus.ts';
import { saveRecognizer } from '../../src/recognizer/save-recognizer.ts';
import { startWasm, trainTiny } from './support.ts';

async function* here(clips: readonly TrainingClip[], frontEnd: FrontEndConfig): AsyncGenerator<FeaturesOfClip> {
  yield* featuresInThisThread(clips, createFrontEnd(frontEnd).extract);
}

describe('trainRecognizer({ featuresOf })', () => {
  beforeAll(startWasm);

  it('gets the clips of all parts and the front end decided, and saves the same bytes', async () => {
    const bytesOf = async (options: Parameters<typeof trainTiny>[0]) => [
      ...(await saveRecognizer(await trainTiny({ epochs: 2, ...options }))),
    ];
    const plain = await bytesOf({});
    let [asked, rate] = [0, 0];
    const found = await bytesOf({
      featuresOf: (clips, frontEnd) => {
        [asked, rate] = [clips.length, frontEnd.sampleRate];
        return extractCorpus(clips, frontEnd, { workers: 0 });
      },
    });
    expect(found).toEqual(plain);
    expect([asked, rate]).toEqual([24, 16000]);
  });

  it('refuses features of another front end, also one of as many dimensions', async () => {
    const other = (features: string) => (clips: readonly TrainingClip[]) =>
      extractCorpus(clips, features, { workers: 0 });
    await expect(trainTiny({ featuresOf: other('logmel64.v1') })).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(
        /^trainRecognizer: featuresOf expected the 40 dimensions of the front end, got 64 for "train-noise-0"; compute/,
      ),
    });
    await expect(trainTiny({ featuresOf: other('mfcc40.v1') })).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/featuresOf expected features of the front end, got those of another for "train-/),
    });
  });

  it('takes the features of a set, by whichever name it goes', async () => {
    const recognizer = await trainTiny({
      epochs: 1,
      frontEnd: { features: 'mfcc40.v1', normalizeLevel: false },
      featuresOf: (clips) => extractCorpus(clips, 'mfcc40.v1', { workers: 0 }),
    });
    recognizer.dispose();
  });

  it('refuses features that come in another order, or of fewer clips', async () => {
    const reversed = (clips: readonly TrainingClip[], frontEnd: FrontEndConfig) => here([...clips].reverse(), frontEnd);
    await expect(trainTiny({ featuresOf: reversed })).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/featuresOf expected .* in the order of the clips, got "test-low-1" as number 1$/),
    });
    const fewer = (clips: readonly TrainingClip[], frontEnd: FrontEndConfig) => here(clips.slice(0, 23), frontEnd);
    await expect(trainTiny({ featuresOf: fewer })).rejects.toThrow(/featuresOf expected to give 24 clips, got 23/);
  });
});
