import { beforeAll, describe, expect, it } from 'vitest';
import type { LabelledClip } from '../../src/core/labelled-clip.ts';
import { extractCorpus } from '../../src/node/extract-corpus.ts';
import { createFrontEnd, type FrontEndConfig } from '../../src/recognizer/front-end.ts';
import { type FeaturesOfClip, featuresInThisThread } from '../../src/recognizer/read-parts.ts';
import { saveRecognizer } from '../../src/recognizer/save-recognizer.ts';
import { startWasm, trainTiny } from './support.ts';

async function* here(clips: readonly LabelledClip[], frontEnd: FrontEndConfig): AsyncGenerator<FeaturesOfClip> {
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

  it('refuses features that come in another order, or of fewer clips', async () => {
    const reversed = (clips: readonly LabelledClip[], frontEnd: FrontEndConfig) => here([...clips].reverse(), frontEnd);
    await expect(trainTiny({ featuresOf: reversed })).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/featuresOf expected .* in the order of the clips, got "test-low-1" as number 1$/),
    });
    const fewer = (clips: readonly LabelledClip[], frontEnd: FrontEndConfig) => here(clips.slice(0, 23), frontEnd);
    await expect(trainTiny({ featuresOf: fewer })).rejects.toThrow(/featuresOf expected to give 24 clips, got 23/);
  });
});
