import { describe, expect, it } from 'vitest';
import { CREMAD_EMOTIONS } from '../../../src/datasets/cremad/names.ts';
import { openCremad } from '../../../src/datasets/cremad/open-cremad.ts';
import { LFS_POINTER, memoryFiles, tone } from '../memory-files.ts';

const VOTES_HEADER = '"","A","D","F","H","N","S","fileName","numResponses","agreement","emoVote"\n';
const LABEL_FILES = {
  'VideoDemographics.csv':
    '"ActorID","Age","Sex","Race","Ethnicity"\n1001,51,"Male","Caucasian","Not Hispanic"\n1002,21,"Female","Asian","Hispanic"\n',
  'SentenceFilenames.csv':
    '"Stimulus_Number","Filename"\n1,"1001_IEO_ANG_LO"\n2,"1002_DFA_NEU_XX"\n3,"1003_DFA_NEU_XX"\n',
  'processedResults/tabulatedVotes.csv':
    `${VOTES_HEADER}"100001",6,1,0,0,2,1,"1001_IEO_ANG_LO",10,0.6,"A"\n` +
    '"200001",0,3,0,0,0,1,"1001_IEO_ANG_LO",4,0.75,"D"\n"300001",0,0,2,2,0,0,"1001_IEO_ANG_LO",4,0.5,"F:H"\n' +
    '"100002",0,0,0,0,0,0,"1002_DFA_NEU_XX",0,0,""\n',
};
const AUDIO = { 'AudioWAV/1001_IEO_ANG_LO.wav': tone(200), 'AudioWAV/1002_DFA_NEU_XX.wav': tone(300) };

const codes = (problems: readonly { code: string }[]): string[] => problems.map((problem) => problem.code);

describe('openCremad()', () => {
  it('gives the emotions in the order that every saved model keeps', () => {
    expect(CREMAD_EMOTIONS).toEqual(['neutral', 'happy', 'sad', 'angry', 'fear', 'disgust']);
  });

  it('reads label, actor, sentence, intensity and votes from the official layout, also below a parent folder', async () => {
    const official = {
      ...AUDIO,
      ...LABEL_FILES,
      'VideoFlash/1001_IEO_ANG_LO.flv': 'x',
      'AudioMP3/1001_IEO_ANG_LO.mp3': 'x',
    };
    const nested = Object.fromEntries(Object.entries(official).map(([path, bytes]) => [`data/CREMA-D/${path}`, bytes]));
    for (const files of [official, nested]) {
      const corpus = await openCremad(memoryFiles(files));
      expect(corpus).toMatchObject({ name: 'CREMA-D', problems: [], labels: CREMAD_EMOTIONS, withoutAudio: 1 });
      expect(corpus.attribution).toMatch(/Open Database License/);
      expect(corpus.clips).toMatchObject([
        {
          id: '1001_IEO_ANG_LO',
          speakerId: '1001',
          label: 'angry',
          sentence: { code: 'IEO', text: "It's eleven o'clock" },
          intensity: 'low',
          actor: { age: 51, sex: 'male', race: 'Caucasian', ethnicity: 'Not Hispanic' },
          votes: {
            voice: {
              counts: { neutral: 2, happy: 0, sad: 1, angry: 6, fear: 0, disgust: 1 },
              distribution: { neutral: 0.2, happy: 0, sad: 0.1, angry: 0.6, fear: 0, disgust: 0.1 },
            },
            face: { distribution: { disgust: 0.75, sad: 0.25 } },
            both: { counts: { fear: 2, happy: 2 } },
          },
        },
        { id: '1002_DFA_NEU_XX', label: 'neutral', intensity: 'unspecified', actor: { sex: 'female' }, votes: {} },
      ]);
      expect((await corpus.clips[0]!.load()).samples).toHaveLength(800);
    }
  });

  it('does without label files in a flat folder: no actor, no votes, the sentence from its table', async () => {
    const corpus = await openCremad(memoryFiles({ '1001_WSI_FEA_XX.WAV': tone(200) }));
    expect(corpus.clips[0]).toMatchObject({ label: 'fear', sentence: { text: "We'll stop in a couple of minutes" } });
    expect(corpus.clips[0]).not.toHaveProperty('actor');
    expect(corpus.clips[0]!.votes).toEqual({});
    expect(corpus).toMatchObject({ problems: [], withoutAudio: 0 });
  });

  it('sorts clips by id and does not read the audio of all of them', async () => {
    const names = Array.from({ length: 300 }, (_, i) => `${1300 - i}_DFA_ANG_XX.wav`);
    const files = memoryFiles(Object.fromEntries(names.map((name, i) => [name, tone(200 + i)])));
    const corpus = await openCremad(files);
    expect(corpus.clips.map((clip) => `${clip.id}.wav`)).toEqual(names.slice().reverse());
    expect(files.reads.length).toBeLessThan(10);
  });

  it('passes over names that are not its own, and lists them', async () => {
    const corpus = await openCremad(
      memoryFiles({
        ...AUDIO,
        'AudioWAV/notes.wav': tone(1),
        'AudioWAV/1001_XYZ_ANG_XX.wav': tone(1),
        'AudioWAV/1001_DFA_JOY_XX.wav': tone(1),
        'AudioWAV/1001_DFA_ANG_YY.wav': tone(1),
        'AudioWAV/1001_DFA_ANG_X.wav': tone(1),
        '__MACOSX/1001_DFA_SAD_XX.wav': tone(1),
        'AudioWAV/._1001_DFA_SAD_XX.wav': 'x',
      }),
    );
    expect(corpus.clips).toHaveLength(2);
    expect(codes(corpus.problems)).toEqual(Array.from({ length: 5 }, () => 'bad-name'));
    expect(corpus.problems.at(-1)!.message).toMatch(/^AudioWAV\/notes\.wav: not named like/);
  });

  it('uses one of two files for a clip, that in AudioWAV and spelt right first', async () => {
    const corpus = await openCremad(
      memoryFiles({
        'A/1001_IEO_ANG_LO.wav': tone(400),
        ...AUDIO,
        'AudioWAV/1040_ITH_SAD_X.wav': tone(500),
        'AudioWAV/1040_ITH_SAD_XX.wav': tone(600),
      }),
    );
    expect(corpus.clips.map((clip) => clip.path)).toEqual([...Object.keys(AUDIO), 'AudioWAV/1040_ITH_SAD_XX.wav']);
    expect(codes(corpus.problems)).toEqual(['duplicate-clip', 'duplicate-clip']);
  });

  it('reports the known defects where these files have them', async () => {
    const corpus = await openCremad(
      memoryFiles({
        '1040_ITH_SAD_X.wav': tone(100),
        '1076_MTI_SAD_XX.wav': tone(110, 1e-5),
        '1006_TIE_HAP_XX.wav': tone(120),
        '1006_TIE_NEU_XX.wav': tone(120),
        '1013_WSI_DIS_XX.wav': tone(130),
      }),
    );
    expect(corpus.clips.map((clip) => clip.id)).toContain('1040_ITH_SAD_XX');
    expect(corpus.problems.map(({ code, path }) => [code, path])).toEqual([
      ['misspelt-name', '1040_ITH_SAD_X.wav'],
      ['near-silent', '1076_MTI_SAD_XX.wav'],
      ['same-audio', '1006_TIE_HAP_XX.wav'],
    ]);
  });

  it('accuses nobody of a known defect whose files are sound', async () => {
    const names = ['1076_MTI_SAD', '1006_TIE_HAP', '1006_TIE_NEU', '1013_WSI_DIS', '1013_WSI_SAD'];
    const files = memoryFiles(Object.fromEntries(names.map((name, i) => [`${name}_XX.wav`, tone(200 + i)])));
    expect((await openCremad(files)).problems).toEqual([]);
  });

  it('names Git LFS pointers as what they are in one problem, with the command that mends it', async () => {
    const names = ['1006_TIE_HAP_XX', '1006_TIE_NEU_XX', '1076_MTI_SAD_XX', '1001_DFA_ANG_XX'];
    const corpus = await openCremad(
      memoryFiles({
        ...Object.fromEntries(names.map((name) => [`AudioWAV/${name}.wav`, LFS_POINTER])),
        'VideoDemographics.csv': LFS_POINTER,
      }),
    );
    expect(codes(corpus.problems)).toEqual(['bad-label-file', 'git-lfs-pointer']);
    expect(corpus.problems[1]!.message).toMatch(/^4 of 4 clips are Git LFS pointers, not audio .*`git lfs pull`/);
    await expect(corpus.clips[0]!.load()).rejects.toMatchObject({
      code: 'git-lfs-pointer',
      message: expect.stringMatching(/^AudioWAV\/1001_DFA_ANG_XX\.wav: .*`git lfs pull`/),
    });
  });

  it('goes on without a label file that cannot be read, naming the file and the line', async () => {
    const corpus = await openCremad(
      memoryFiles({
        ...AUDIO,
        'VideoDemographics.csv': '"ActorID","Age"\n1001,51\n',
        'processedResults/tabulatedVotes.csv': `${VOTES_HEADER}"100001",6,1,x,0,2,1,"1001_IEO_ANG_LO",10\n`,
        'SentenceFilenames.csv': '',
      }),
    );
    expect(corpus.clips).toHaveLength(2);
    expect(codes(corpus.problems)).toEqual(Array.from({ length: 3 }, () => 'bad-label-file'));
    expect(corpus.problems[0]!.message).toMatch(/VideoDemographics\.csv: expected columns "Sex", "Race", "Ethnicity"/);
    expect(corpus.problems[1]!.message).toMatch(/tabulatedVotes\.csv, line 2: .*went on without this file$/);
  });

  it('throws where no file is named as it names its clips, saying what lies there', async () => {
    await expect(openCremad(memoryFiles({}))).rejects.toMatchObject({ code: 'empty' });
    await expect(openCremad(memoryFiles({ 'a/1001_DFA_ANG_XX.flv': 'x', 'b.wav': 'x' }))).rejects.toThrow(
      /expected WAV files named like 1001_DFA_ANG_XX\.wav .* got 2 files \(1 \.flv, 1 \.wav\).*openFolder/,
    );
  });
});
