import { describe, expect, it } from 'vitest';
import { openFolder } from '../../src/datasets/folder.ts';
import { LFS_POINTER, memoryFiles, tone } from './memory-files.ts';

const codes = (problems: readonly { code: string }[]): string[] => problems.map((problem) => problem.code);

describe('openFolder() on a folder a label', () => {
  it('takes labels from the first level and speakers from the second, and loads the audio', async () => {
    const corpus = await openFolder(
      memoryFiles({
        'sad/anna/1.wav': tone(200),
        'angry/ben/session/2.WAV': tone(300),
        'angry/anna/1.wav': tone(400),
        'angry/notes.txt': 'x',
        'angry/anna/._1.wav': 'x',
      }),
    );
    expect(corpus.clips.map(({ id, label, speakerId }) => [id, label, speakerId])).toEqual([
      ['angry/anna/1.wav', 'angry', 'anna'],
      ['angry/ben/session/2.WAV', 'angry', 'ben'],
      ['sad/anna/1.wav', 'sad', 'anna'],
    ]);
    expect(corpus).toMatchObject({ name: 'own recordings', problems: [], unknownSpeakers: 0 });
    const waveform = await corpus.clips[0]!.load();
    expect(waveform.sampleRate).toBe(8000);
    expect(waveform.samples).toHaveLength(800);
  });

  it('says that speakers are not known, and lets each clip count as its own', async () => {
    const corpus = await openFolder(memoryFiles({ 'sad/1.wav': tone(200), 'angry/2.wav': tone(300) }));
    expect(corpus.clips.map((clip) => clip.speakerId)).toEqual(['angry/2.wav', 'sad/1.wav']);
    expect(corpus.clips.map((clip) => clip.speakerKnown)).toEqual([false, false]);
    expect(corpus.unknownSpeakers).toBe(2);
    expect(corpus.problems).toMatchObject([
      { code: 'no-speaker', message: expect.stringContaining('2 of 2 clips without a known speaker') },
    ]);
  });

  it('asks speakerOf who speaks, and takes name and attribution', async () => {
    const corpus = await openFolder(memoryFiles({ 'sad/anna_1.wav': tone(200), 'sad/x/2.wav': tone(210) }), {
      speakerOf: (path) => /([a-z]+)_/.exec(path)?.[1],
      name: 'mine',
      attribution: 'by me',
    });
    expect(corpus.clips.map((clip) => clip.speakerId)).toEqual(['anna', 'sad/x/2.wav']);
    expect(corpus).toMatchObject({ name: 'mine', attribution: 'by me', unknownSpeakers: 1 });
  });

  it('names WAV files outside a label, audio of other kinds and Git LFS pointers', async () => {
    const corpus = await openFolder(
      memoryFiles({ 'x.wav': tone(200), 'sad/a/1.mp3': 'ID3', 'sad/a/2.flac': 'fLaC', 'sad/a/3.wav': LFS_POINTER }),
    );
    expect(codes(corpus.problems)).toEqual(['no-label', 'unsupported-audio', 'git-lfs-pointer']);
    expect(corpus.problems[1]!.message).toMatch(/^2 files passed over \(.mp3, .flac.*ffmpeg/);
    expect(corpus.problems[2]!.message).toMatch(/git lfs pull/);
    await expect(corpus.clips[0]!.load()).rejects.toMatchObject({
      code: 'git-lfs-pointer',
      message: expect.stringMatching(/^sad\/a\/3\.wav: .*git lfs pull/),
    });
  });

  it('throws where nothing is found, saying what lies there', async () => {
    await expect(openFolder(memoryFiles({}))).rejects.toMatchObject({ code: 'empty' });
    await expect(openFolder(memoryFiles({ 'a/x.mp3': 'x', 'a/y.mp3': 'x', readme: 'x' }))).rejects.toThrow(
      /expected WAV files in a folder a label .* got 3 files \(2 \.mp3, 1 without an ending\)/,
    );
  });

  it('refuses an option that it does not know, and one of a wrong type', async () => {
    const files = memoryFiles({ 'sad/a/1.wav': tone(200) });
    await expect(openFolder(files, { speakers: 1 } as never)).rejects.toMatchObject({ code: 'bad-option' });
    await expect(openFolder(files, { columns: { file: 'x' } } as never)).rejects.toMatchObject({ code: 'bad-option' });
    await expect(openFolder(files, { speakerOf: 'x' } as never)).rejects.toThrow(/speakerOf expected a function/);
  });
});

describe('openFolder() on a CSV', () => {
  it('finds labels.csv with columns in any order, others passed over, either slash, and paths from its folder', async () => {
    const corpus = await openFolder(
      memoryFiles({
        'labels.csv':
          '\ufeffspeaker;age;LABEL;path\r\nanna;5;sad;clips\\1.wav\r\nben;6;"very; angry";./clips/2.wav\r\n',
        'clips/1.wav': tone(200),
        'clips/2.wav': tone(300),
        'clips/not-named.wav': tone(400),
      }),
    );
    expect(corpus.clips.map(({ id, label, speakerId }) => [id, label, speakerId])).toEqual([
      ['clips/1.wav', 'sad', 'anna'],
      ['clips/2.wav', 'very; angry', 'ben'],
    ]);
    expect(corpus.problems).toEqual([]);
  });

  it('reports rows that cannot be used, with their line, and goes on', async () => {
    const corpus = await openFolder(
      memoryFiles({
        'labels.csv':
          'path,label,speaker\na.wav,sad,anna\nb.wav,sad,anna\na.wav,angry,anna\nc.wav,,anna\n,sad,anna\nd.wav,sad,\n',
        'a.wav': tone(200),
        'c.wav': tone(300),
        'd.wav': tone(400),
      }),
    );
    expect(corpus.clips.map((clip) => clip.id)).toEqual(['a.wav', 'd.wav']);
    expect(corpus.clips.map((clip) => clip.speakerKnown)).toEqual([undefined, false]);
    expect(codes(corpus.problems)).toEqual(['missing-file', 'duplicate-clip', 'no-label', 'bad-row', 'no-speaker']);
    expect(corpus.problems[0]).toMatchObject({ path: 'b.wav', message: expect.stringContaining('labels.csv, line 3') });
  });

  it('takes a named CSV in a folder with other column names, and a table without speakers', async () => {
    const files = memoryFiles({ 'meta/all.tsv': 'file\temotion\n../a.wav\tsad\n', 'a.wav': tone(200) });
    const corpus = await openFolder(files, { csv: 'meta/all.tsv', columns: { path: 'file', label: 'emotion' } });
    expect(corpus.clips.map(({ id, label }) => [id, label])).toEqual([['a.wav', 'sad']]);
    expect(corpus.unknownSpeakers).toBe(1);
    const told = await openFolder(files, {
      csv: 'meta/all.tsv',
      columns: { path: 'file', label: 'emotion' },
      speakerOf: () => 'me',
    });
    expect(told.clips[0]!.speakerId).toBe('me');
  });

  it('finds files by absolute paths of another machine, and by names whose accents are coded otherwise', async () => {
    const decomposed = 'c\u0327a/e\u0301te\u0301.wav'; // as macOS lists it
    const corpus = await openFolder(
      memoryFiles({
        'labels.csv': `path,label,speaker\n/home/anna/recordings/clips/1.wav,sad,anna\nD:\\recordings\\clips\\2.wav,sad,ben\n${decomposed.normalize('NFC')},angry,anna\n`,
        'clips/1.wav': tone(200),
        'clips/2.wav': tone(300),
        [decomposed]: tone(400),
      }),
    );
    expect(corpus.problems).toEqual([]);
    expect(corpus.clips.map((clip) => clip.id)).toEqual(['clips/1.wav', 'clips/2.wav', decomposed]);
    expect((await corpus.clips[2]!.load()).samples).toHaveLength(800);
  });

  it('says where a file of that name lies when it cannot tell which is meant', async () => {
    const files = memoryFiles({
      'labels.csv': 'path,label\n1.wav,sad\n/x/clips/1.wav,sad\nclips/2.wav,sad\n',
      'clips/1.wav': tone(200),
      'other/clips/2.wav': tone(300),
    });
    const { clips, problems } = await openFolder(files);
    expect(clips.map((clip) => clip.id)).toEqual(['clips/1.wav']);
    expect(problems.slice(0, 2).map(({ code, message }) => [code, message])).toEqual([
      ['missing-file', 'labels.csv, line 2: no such file 1.wav (a file of that name is clips/1.wav); passed over'],
      [
        'missing-file',
        'labels.csv, line 4: no such file clips/2.wav (a file of that name is other/clips/2.wav); passed over',
      ],
    ]);
  });

  it('goes by folders, and says so, where metadata.csv is about something else; not where it is asked not to', async () => {
    const files = memoryFiles({ 'metadata.csv': 'when,where\n1,2\n', 'sad/anna/1.wav': tone(200) });
    const corpus = await openFolder(files);
    expect(corpus.clips).toHaveLength(1);
    expect(codes(corpus.problems)).toEqual(['bad-label-file']);
    expect((await openFolder(files, { csv: false })).problems).toEqual([]);
  });

  it('throws for a named CSV that is not there, lacks a column, or names no file that is', async () => {
    const files = memoryFiles({ 'x.csv': 'path,emotion\na,b\n', 'y.csv': 'path,label\nz.wav,sad\n' });
    await expect(openFolder(files, { csv: 'no.csv' })).rejects.toMatchObject({ code: 'not-found' });
    await expect(openFolder(files, { csv: 'x.csv' })).rejects.toThrow(/x\.csv: expected a column "label"/);
    await expect(openFolder(files, { csv: 'y.csv' })).rejects.toThrow(
      /the first problem: y\.csv, line 2: no such file/,
    );
    await expect(openFolder(files, { csv: 'y.csv', columns: { speaker: 'who' } })).rejects.toThrow(
      /expected a column "who"/,
    );
  });
});
