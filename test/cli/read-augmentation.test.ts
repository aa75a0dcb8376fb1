import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeWav } from '../../src/audio/wav-writer.ts';
import { WrongUse } from '../../src/cli/failure.ts';
import { loadAugmentation, readAugmentation } from '../../src/cli/read-augmentation.ts';
import { createRandom } from '../../src/core/random.ts';
import { temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const put = (name: string, content: string | Uint8Array): string => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const wav = (level: number): Uint8Array => encodeWav({ samples: new Float32Array(8).fill(level), sampleRate: 8000 });
const gain = { transform: 'gain', gainDb: [-6, 6] };

const failureOf = (path: string): Promise<Error> =>
  readAugmentation(path).then(
    () => expect.unreachable(),
    (error) => error,
  );

describe('readAugmentation', () => {
  it('reads a list of transforms, and one alone', async () => {
    const { augmentation, json, recordings } = await readAugmentation(put('list.json', JSON.stringify([gain])));
    expect(json).toEqual([gain]);
    expect(recordings).toEqual({});
    expect(augmentation.toJSON()).toEqual([gain]);
    const input = { samples: Float32Array.of(0.5), sampleRate: 8000 };
    const one = await readAugmentation(put('one.json', `\ufeff${JSON.stringify(gain)}`));
    expect(one.augmentation.waveform!(input, createRandom(1))).toEqual(augmentation.waveform!(input, createRandom(1)));
  });

  it.each([
    ['', 'expected JSON, got an empty file; see docs/augmentation.md'],
    ['[\n  {"transform": "gain", }\n]', 'expected JSON (expected double-quoted property name at line 2, column 25)'],
    ['[NaN]', `expected JSON (unexpected token 'N' at line 1, column 2)`],
    ['[\n 1,\n {"a": [1, 2,]}]', `expected JSON (unexpected token ']' at line 3, column 14)`],
    ['[{"a": "b\\"]"},\n\n', 'expected JSON (unexpected end at line 3, column 1)'],
    [`\ufeff${'{ "transform": "gain" },\n'.repeat(9)}`, /^expected JSON \(.* at line 1, column 24\)$/],
    ['[]', 'expected at least one transform, got []; see docs/augmentation.md'],
    ['5', 'expected { transform, ...options } or a list of them, got 5; see docs/augmentation.md'],
    ['{}', 'expected a key "transform" with a transform\'s name, got none (keys: none); see docs/augmentation.md'],
    ['[{"transform": "gian"}]', /^\[0\]: transform expected one of .*gain.*, got "gian"; did you mean gain\?; see/],
    [
      JSON.stringify([gain, { transform: 'maybe', p: 0.5, of: [{ transform: 'gain', gainDb: 'loud' }] }]),
      /^\[1\]\.of\.transforms\[0\]: gain: gainDb expected .*, got "loud"; see/,
    ],
    [JSON.stringify([gain, { ...gain, db: 3 }]), /^\[1\]: gain: unknown option "db" \(known: gainDb\); see/],
  ])('says of %j where it is wrong', async (text, message) => {
    const path = put('bad.json', text);
    const error = await failureOf(path);
    expect(error).toBeInstanceOf(WrongUse);
    expect(error.message.slice(0, path.length + 2)).toBe(`${path}: `);
    const said = error.message.slice(path.length + 2);
    if (typeof message === 'string') expect(said).toBe(message);
    else expect(said).toMatch(message);
  });

  it('says that there is no such file, or a folder', async () => {
    expect((await failureOf(join(folder, 'none.json'))).message).toMatch(
      /none.json: expected a JSON file of transforms, got none that can be read$/,
    );
    expect((await failureOf(folder)).message).toMatch(/expected a JSON file of transforms, got a folder$/);
  });

  it('loads recordings by paths relative to the file, a folder as all WAV files in it, in order', async () => {
    put('noise/b.wav', wav(0.1));
    put('noise/a.WAV', wav(0.2));
    put('noise/deep/c.wav', wav(0.3));
    put('noise/readme.txt', 'no audio');
    put('single.wav', wav(0.4));
    const before = { maybe: { recordings: ['noise/', 'single.wav'] }, responses: 'single.wav', other: ['noise'] };
    const error = await loadAugmentation(before, folder, 'a.json').catch((thrown: Error) => thrown);
    expect((error as Error).message).toMatch(/^a.json: expected a key "transform"/); // which comes after the loading
    const path = put('sub/aug.json', JSON.stringify([{ ...gain, recordings: ['../noise', '../single.wav'] }]));
    const refused = await failureOf(path);
    expect(refused.message).toMatch(/\[0\]: gain: unknown option "recordings"/);
  });

  it('names the place and the file of a recording that cannot be read', async () => {
    const at = (recordings: unknown): string => put('rec.json', JSON.stringify([{ transform: 'gain', recordings }]));
    expect((await failureOf(at(['none.wav']))).message).toMatch(
      /rec\.json: \[0\]\.recordings: .*none\.wav: expected a WAV file, and there is no such file$/,
    );
    put('lfs.wav', 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 63642\n');
    expect(await failureOf(at('lfs.wav'))).toMatchObject({ code: 'git-lfs-pointer' });
    put('only/a.ogg', 'OggS');
    expect((await failureOf(at(['only']))).message).toMatch(
      /only: expected a folder with WAV files, got one without any, and 1 of other audio; .* \(ffmpeg -i IN out\.wav makes one\)$/,
    );
    put('broken/a.wav', 'RIFF');
    expect((await failureOf(at(['broken']))).message).toMatch(/got none that can be used of 1: .*a\.wav: /);
    mkdirSync(join(folder, 'empty'), { recursive: true });
    expect((await failureOf(at('empty'))).message).toMatch(/expected a folder with WAV files, got one without any$/);
  });
  it('leaves out what of a folder cannot be used, and says so', async () => {
    put('some/a.wav', wav(0.1));
    put('some/b.wav', 'RIFF');
    put('some/c.MP3', 'ID3');
    put('some/d.flac', 'fLaC');
    const path = put('some.json', JSON.stringify({ transform: 'addBackground', recordings: 'some' }));
    const { json, recordings, leftOut } = await readAugmentation(path);
    expect(json).toEqual({ transform: 'addBackground', recordings: ['some/a.wav'] });
    expect(Object.keys(recordings)).toEqual(['some/a.wav']);
    expect(leftOut).toHaveLength(2);
    expect(leftOut[0]).toMatch(/^left out: .*some\/b\.wav: /);
    expect(leftOut[1]).toMatch(/^left out: .*some: 2 of other audio; only WAV files are read/);
    const named = put('named.json', JSON.stringify({ transform: 'addBackground', recordings: ['some', 'some/b.wav'] }));
    expect((await failureOf(named)).message).toMatch(/named\.json: recordings: .*some\/b\.wav: /);
  });
});
