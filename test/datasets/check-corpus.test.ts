import { describe, expect, it } from 'vitest';
import { encodeWav } from '../../src/audio/wav-writer.ts';
import type { Waveform } from '../../src/core/waveform.ts';
import { checkCorpus } from '../../src/datasets/check-corpus.ts';
import { openFolder } from '../../src/datasets/folder.ts';
import { LFS_POINTER, memoryFiles, tone } from './memory-files.ts';

const floatWav = (samples: number[]): Uint8Array => {
  const bytes = encodeWav({ samples: new Float32Array(samples.length), sampleRate: 8000 }, { encoding: 'float32' });
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  samples.forEach((sample, i) => {
    view.setFloat32(bytes.length - 4 * (samples.length - i), sample, true);
  });
  return bytes;
};

describe('checkCorpus()', () => {
  it('keeps the clips that can be used, and lists every other one with its reason', async () => {
    const files = memoryFiles({
      'sad/a/good.wav': tone(200),
      'sad/b/good.wav': encodeWav({ samples: Float32Array.of(0.1, -0.1, 0.2), sampleRate: 16000 }),
      'sad/a/empty.wav': '',
      'sad/a/lfs.wav': LFS_POINTER,
      'sad/b/lfs.wav': LFS_POINTER,
      'sad/a/nan.wav': floatWav([0.5, Number.NaN]),
      'sad/a/quiet.wav': tone(250, 1e-4),
      'sad/a/silent.wav': tone(250, 0),
      'sad/a/text.wav': 'this is no audio',
      'sad/a/truncated.wav': tone(300).slice(0, 500),
    });
    const progress: string[] = [];
    const checked = await checkCorpus(await openFolder(files), {
      onProgress: (done, total) => progress.push(`${done}/${total}`),
    });
    expect(checked.clips.map((clip) => clip.id)).toEqual(['sad/a/good.wav', 'sad/b/good.wav']);
    expect(checked.problems.map(({ code, path }) => [code, path])).toEqual([
      ['git-lfs-pointer', 'sad/a/lfs.wav'],
      ['empty', 'sad/a/empty.wav'],
      ['not-finite', 'sad/a/nan.wav'],
      ['near-silent', 'sad/a/quiet.wav'],
      ['near-silent', 'sad/a/silent.wav'],
      ['bad-format', 'sad/a/text.wav'],
      ['truncated', 'sad/a/truncated.wav'],
    ]);
    expect(checked.problems[0]!.message).toMatch(/^2 of 10 clips are Git LFS pointers.*git lfs pull/);
    for (const { message } of checked.problems) expect(message).not.toContain('\n');
    expect(checked.skipped).toBe(8);
    expect(checked.seconds).toBeCloseTo(0.1 + 3 / 16000, 12);
    expect(checked.sampleRates).toEqual(
      new Map([
        [8000, 1],
        [16000, 1],
      ]),
    );
    expect(progress).toEqual(Array.from({ length: 10 }, (_, i) => `${i + 1}/10`));
  });

  it('keeps one of several clips with the same audio and label, and none where labels differ', async () => {
    const checked = await checkCorpus(
      await openFolder(
        memoryFiles({
          'sad/a/1.wav': tone(200),
          'sad/b/2.wav': tone(200),
          'sad/b/3.wav': tone(201),
          'sad/a/4.wav': tone(300),
          'angry/a/4.wav': tone(300),
        }),
      ),
    );
    expect(checked.clips.map((clip) => clip.id)).toEqual(['sad/a/1.wav', 'sad/b/3.wav']);
    expect(checked.problems.map((problem) => [problem.code, problem.path])).toEqual([
      ['same-audio', 'angry/a/4.wav'],
      ['same-audio', 'sad/a/1.wav'],
    ]);
    expect(checked.problems[0]!.message).toContain('angry/a/4.wav (angry), sad/a/4.wav (sad)');
  });

  it('tells apart waveforms that differ in one sample, in their order or in their rate', async () => {
    const variants: Waveform[] = [
      { samples: Float32Array.of(0.1, 0.2, 0.3), sampleRate: 8000 },
      { samples: Float32Array.of(0.1, 0.2, 0.30001), sampleRate: 8000 },
      { samples: Float32Array.of(0.2, 0.1, 0.3), sampleRate: 8000 },
      { samples: Float32Array.of(0.1, 0.2, 0.3), sampleRate: 16000 },
      { samples: Float32Array.of(0.1, 0.2, 0.3, 0), sampleRate: 8000 },
    ];
    const clips = variants.map((waveform, i) => ({
      id: `${i}`,
      speakerId: 'a',
      label: 'x',
      load: async () => waveform,
    }));
    expect((await checkCorpus({ name: 'x', clips, problems: [] })).problems).toEqual([]);
  });

  it('keeps the problems of opening, without repeating what it finds again', async () => {
    const corpus = await openFolder(
      memoryFiles({ 'x.wav': tone(200), 'sad/a/1.wav': LFS_POINTER, 'sad/a/2.wav': tone(9) }),
    );
    expect(corpus.problems.map((problem) => problem.code)).toEqual(['no-label', 'git-lfs-pointer']);
    const checked = await checkCorpus(corpus);
    expect(checked.problems.map((problem) => problem.code)).toEqual(['no-label', 'git-lfs-pointer']);
  });

  it('answers a corpus without clips, reports an error that is not ours, and ends when aborted', async () => {
    expect(await checkCorpus({ name: 'x', clips: [], problems: [] })).toMatchObject({
      clips: [],
      seconds: 0,
      skipped: 0,
    });
    const broken = { id: '1', speakerId: 'a', label: 'x', load: () => Promise.reject(new TypeError('fetch failed')) };
    const corpus = { name: 'x', clips: [broken], problems: [] };
    expect((await checkCorpus(corpus)).problems).toEqual([
      { code: 'not-found', path: '1', message: '1: cannot be loaded (fetch failed)' },
    ]);
    await expect(checkCorpus(corpus, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    await expect(checkCorpus(corpus, { progress: 1 } as never)).rejects.toThrow(/unknown option "progress"/);
    await expect(checkCorpus(corpus, { onProgress: 1 } as never)).rejects.toThrow(/onProgress expected a function/);
  });
});
