import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkCorpus } from '../../../src/datasets/check-corpus.ts';
import { parseVotes } from '../../../src/datasets/cremad/label-files.ts';
import { CREMAD_EMOTIONS, parseClipName } from '../../../src/datasets/cremad/names.ts';
import { openCremad } from '../../../src/datasets/cremad/open-cremad.ts';
import { splitBySpeaker } from '../../../src/datasets/split-by-speaker.ts';
import { openDirectory } from '../../../src/node/open-directory.ts';
import { corporaFolder } from '../../support/corpora.ts';

const folder = corporaFolder();

// CREMA-D, 11.025 kHz copy, 71 of its 91 actors; its label files cover all 91.
describe.skipIf(folder === undefined)('openCremad() on the real corpus', () => {
  const open = () => openCremad(openDirectory(join(folder!, 'cremad')));

  it('finds every clip and speaker, and as many clips of each emotion as the files say', async () => {
    const { clips, withoutAudio } = await open();
    expect(clips).toHaveLength(5802);
    expect(new Set(clips.map((clip) => clip.speakerId)).size).toBe(71);
    expect(withoutAudio).toBe(7442 - 5802);
    const counts = Object.fromEntries(
      CREMAD_EMOTIONS.map((emotion) => [emotion, clips.filter((clip) => clip.label === emotion).length]),
    );
    expect(counts).toEqual({ neutral: 847, happy: 991, sad: 991, angry: 991, fear: 991, disgust: 991 });
    expect(clips.filter((clip) => clip.intensity !== 'unspecified')).toHaveLength(3 * 5 * 71);
    for (const clip of clips) {
      expect(clip.actor!.age).toBeGreaterThanOrEqual(20);
      for (const { distribution } of Object.values(clip.votes)) {
        expect(CREMAD_EMOTIONS.reduce((sum, emotion) => sum + distribution[emotion], 0)).toBeCloseTo(1, 12);
      }
      expect(Object.keys(clip.votes)).toEqual(['voice', 'face', 'both']);
    }
  });

  it('reads a row of votes as it stands in the file', async () => {
    // "100002",0,0,0,3,6,0,"1001_IEO_HAP_LO",9,... (columns A D F H N S)
    const clip = (await open()).clips.find(({ id }) => id === '1001_IEO_HAP_LO')!;
    expect(clip.votes.voice!.counts).toEqual({ neutral: 6, happy: 3, sad: 0, angry: 0, fear: 0, disgust: 0 });
    expect(clip.votes.voice!.distribution.happy).toBe(3 / 9);
  });

  it('reports the known defects and nothing else, and checkCorpus() finds the same by loading every clip', async () => {
    const corpus = await open();
    const known = [
      ['misspelt-name', 'AudioWAV/1040_ITH_SAD_X.wav'],
      ['near-silent', 'AudioWAV/1076_MTI_SAD_XX.wav'],
      ['same-audio', 'AudioWAV/1006_TIE_HAP_XX.wav'],
      ['same-audio', 'AudioWAV/1013_WSI_DIS_XX.wav'],
      ['same-audio', 'AudioWAV/1017_IWW_ANG_XX.wav'],
    ];
    expect(corpus.problems.map(({ code, path }) => [code, path])).toEqual(known);
    const checked = await checkCorpus(corpus);
    expect(checked.problems.map(({ code, path }) => [code, path])).toEqual(known);
    expect(checked.clips).toHaveLength(5802 - 7);
    expect(checked.sampleRates).toEqual(new Map([[11025, 5795]]));
  }, 120_000);

  it('gives the majority of those who heard the voice alone as right in 41.6 % of 7,442 clips, ties wrong', () => {
    const path = join(folder!, 'cremad', 'processedResults', 'tabulatedVotes.csv');
    const votes = parseVotes(path, readFileSync(path, 'utf8'));
    expect(votes.size).toBe(7442);
    let right = 0;
    for (const [id, { voice }] of votes) {
      const most = Math.max(...Object.values(voice!.counts));
      const winners = CREMAD_EMOTIONS.filter((emotion) => voice!.counts[emotion] === most);
      if (winners.length === 1 && winners[0] === parseClipName(id)!.emotion) right++;
    }
    expect(right).toBe(3099);
    expect(right / votes.size).toBeCloseTo(0.416, 3);
  });

  it('splits by speaker near the shares, each emotion alike', async () => {
    const { clips } = await open();
    const split = splitBySpeaker(clips, { seed: 1 });
    expect(split.overlappingSpeakers).toEqual([]);
    for (const part of [split.validation, split.test]) {
      expect(Math.abs(part.length / clips.length - 0.15)).toBeLessThan(0.01);
      for (const emotion of CREMAD_EMOTIONS) {
        const share = part.filter((clip) => clip.label === emotion).length / part.length;
        const whole = clips.filter((clip) => clip.label === emotion).length / clips.length;
        expect(Math.abs(share - whole)).toBeLessThan(0.01);
      }
    }
  });
});
