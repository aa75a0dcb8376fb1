import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeWav } from '../../src/audio/wav-reader.ts';
import { encodeWav } from '../../src/audio/wav-writer.ts';
import { synthesize } from '../../src/datasets/synthetic/synthesize.ts';
import { checkSvg } from '../report/svg-check.ts';
import { ran, temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const at = (...parts: string[]): string => join(folder, ...parts);
const put = (name: string, content: string | Uint8Array): string => {
  writeFileSync(at(name), content);
  return at(name);
};
const spoken = synthesize({ seed: 1, speaker: 0, emotion: 'happy', sentence: 'DFA', sampleRate: 8000 });
const voice = put('voice.wav', encodeWav(spoken, { encoding: 'float32' }));
const other = put('other.wav', encodeWav(synthesize({ seed: 2, speaker: 1, emotion: 'sad', sentence: 'IEO' })));
mkdirSync(at('noises'));
put(
  'noises/hum.wav',
  encodeWav({ samples: Float32Array.from({ length: 4000 }, (_, n) => 0.3 * Math.sin(n)), sampleRate: 8000 }),
);
const config = (name: string, json: unknown): string => put(name, JSON.stringify(json));
const mixed = config('mixed.json', [
  { transform: 'maybe', p: 0.5, of: { transform: 'gain', gainDb: [-6, 6] } },
  { transform: 'addBackground', recordings: 'noises', snrDb: [5, 20] },
  { transform: 'crop', share: [0.6, 0.9] },
  { transform: 'maskTime', maxFrames: 20 },
]);
const soft = config('soft.json', { transform: 'gain', gainDb: -6 });
const bytesOf = (dir: string): [string, string][] =>
  readdirSync(dir)
    .sort()
    .map((name) => [name, readFileSync(join(dir, name)).toString('base64')]);

describe('ser-kit augment', () => {
  it('writes versions, a picture and a record of what was drawn', async () => {
    const out = at('first');
    const { status, out: said, err } = await ran('augment', voice, '--config', mixed, '--count', '3', '--out', out);
    expect(status).toBe(0);
    expect(readdirSync(out).sort()).toEqual([
      'voice-1.wav',
      'voice-2.wav',
      'voice-3.wav',
      'voice.draws.json',
      'voice.svg',
    ]);
    expect(said).toMatch(/voice\.wav: 3 versions in .*\n {2}voice-1\.wav {2}gain: /);
    expect(said).toContain('recording noises/hum.wav');
    expect(err).toContain('the picture shows them on log-mel features, the WAV files are without');
    const lengths = [1, 2, 3].map((i) => decodeWav(readFileSync(join(out, `voice-${i}.wav`))).samples.length);
    expect(new Set(lengths).size).toBe(3);
    for (const length of lengths) {
      expect(length / spoken.samples.length).toBeGreaterThan(0.59);
      expect(length / spoken.samples.length).toBeLessThan(0.91);
    }
    const svg = readFileSync(join(out, 'voice.svg'), 'utf8');
    checkSvg(svg);
    for (const words of ['original', 'voice-3.wav', 'maskTime: ', 'SNR', 'log-mel']) expect(svg).toContain(words);
    const record = JSON.parse(readFileSync(join(out, 'voice.draws.json'), 'utf8'));
    expect(record).toMatchObject({ file: '../voice.wav', config: '../mixed.json', seed: 1, encoding: 'float32' });
    expect(record.augmentation[1]).toEqual({
      transform: 'addBackground',
      recordings: ['noises/hum.wav'],
      snrDb: [5, 20],
    });
    expect(record.versions[0].waveform).toHaveLength(3);
  });

  it('does it again from the record, to the byte, also elsewhere and by the name of another file', async () => {
    const again = await ran('augment', '--replay', at('first', 'voice.draws.json'), '--out', at('again'));
    expect(again.status).toBe(0);
    expect(again.err).not.toContain('warning');
    expect(bytesOf(at('again'))).toEqual(bytesOf(at('first')));
    const copy = put('copy.wav', readFileSync(voice));
    const replayed = await ran('augment', copy, '--replay', at('first', 'voice.draws.json'), '--out', at('third'));
    expect(replayed.status).toBe(0);
    for (const name of ['voice-1.wav', 'voice-2.wav', 'voice.svg']) {
      expect(readFileSync(at('third', name)).equals(readFileSync(at('first', name)))).toBe(true);
    }
  });

  it('draws by the seed, the file name and the number of the version, whatever else is asked for', async () => {
    const made = async (out: string, ...more: string[]): Promise<Map<string, string>> => {
      expect((await ran('augment', voice, '--config', mixed, '--out', at(out), ...more)).status).toBe(0);
      return new Map(bytesOf(at(out)));
    };
    const five = await made('five');
    expect(five.size).toBe(7);
    expect(five.get('voice-3.wav')).toBe(readFileSync(at('first', 'voice-3.wav')).toString('base64'));
    const withOther = await made('both', other);
    expect(withOther.get('voice-5.wav')).toBe(five.get('voice-5.wav'));
    const seeded = await made('seeded', '--seed', '2');
    expect(seeded.get('voice-1.wav')).not.toBe(five.get('voice-1.wav'));
  });

  it('keeps what is beyond full scale unless it is told to clip, and says so either way', async () => {
    const loud = config('loud.json', { transform: 'gain', gainDb: 30 });
    const kept = await ran('augment', voice, '--config', loud, '--count', '1', '--out', at('kept'), '--json');
    expect(kept.err).toMatch(
      /voice-1\.wav: warning: \d+ samples lie beyond full scale \(up to \d.*\): kept in the file/,
    );
    const [answer] = JSON.parse(kept.out);
    expect(answer).toMatchObject({
      file: voice,
      picture: at('kept', 'voice.svg'),
      draws: at('kept', 'voice.draws.json'),
    });
    const [version] = answer.versions;
    expect(version).toMatchObject({ file: at('kept', 'voice-1.wav'), waveform: { gainDb: 30 }, features: null });
    const peak = decodeWav(readFileSync(version.file)).samples.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    expect(peak).toBe(version.peak);
    expect(peak).toBeGreaterThan(1);
    const clip = ['--encoding', 'pcm16', '--count', '1', '--out', at('clipped')];
    const clipped = await ran('augment', voice, '--config', loud, ...clip);
    expect(clipped.err).toContain('clipped in the file; --encoding float32 keeps them');
    expect(Math.max(...decodeWav(readFileSync(at('clipped', 'voice-1.wav'))).samples)).toBeLessThanOrEqual(1);
  });

  it('overwrites nothing without --force, and never what it reads', async () => {
    const before = bytesOf(at('first'));
    const refused = await ran('augment', voice, '--config', soft, '--count', '9', '--out', at('first'));
    expect(refused).toMatchObject({ status: 1, out: '' });
    expect(refused.err).toMatch(/first\/voice-1\.wav: expected no such file; --force overwrites it/);
    expect(bytesOf(at('first'))).toEqual(before);
    put('voice-2.wav', readFileSync(voice));
    const itself = await ran('augment', voice, at('voice-2.wav'), '--config', soft, '--out', folder, '--force');
    expect(itself.status).toBe(2);
    expect(itself.err).toContain('voice-2.wav is read and would be overwritten; choose another --out');
    const hum = readFileSync(at('noises/hum.wav'));
    mkdirSync(at('in'), { recursive: true });
    writeFileSync(at('in/hum.wav'), readFileSync(voice));
    symlinkSync(at('noises'), at('link'));
    writeFileSync(at('noises/hum-1.wav'), hum);
    const back = config('back.json', { transform: 'addBackground', recordings: 'noises/hum-1.wav' });
    for (const out of ['noises', 'link']) {
      const read = await ran('augment', at('in/hum.wav'), '--config', back, '--out', at(out), '--force');
      expect(read.status).toBe(2);
      expect(read.err).toContain('hum-1.wav is read and would be overwritten');
    }
    expect(readFileSync(at('noises/hum-1.wav')).equals(hum)).toBe(true);
    rmSync(at('noises/hum-1.wav'));
    const forced = await ran('augment', voice, '--config', soft, '--count', '1', '--out', at('five'), '--force');
    expect(forced.status).toBe(0);
  });

  it('goes on after a recording that cannot be used, and names it', async () => {
    const lfs = put('lfs.wav', 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 63642\n');
    const nan = encodeWav({ samples: new Float32Array(4), sampleRate: 8000 }, { encoding: 'float32' });
    new DataView(nan.buffer).setFloat32(nan.length - 8, Number.NaN, true);
    const files = [lfs, put('nan.wav', nan), at('none.wav'), voice];
    const { status, out, err } = await ran('augment', ...files, '--config', soft, '--out', at('rest'), '--json');
    expect(status).toBe(1);
    const answers = JSON.parse(out);
    expect(answers.map((answer: { error?: { code: string } }) => answer.error?.code)).toEqual([
      'git-lfs-pointer',
      'not-finite',
      'not-found',
      undefined,
    ]);
    expect(err).not.toMatch(/\n\s+at /);
    expect(readdirSync(at('rest'))).toHaveLength(7);
  });

  it.each([
    [['--config', 'CONFIG', '--out', 'OUT'], 2, /augment expected at least one WAV file/],
    [['FILE', '--out', 'OUT'], 2, /augment expected --config FILE: JSON with the transforms, or --replay/],
    [['FILE', '--config', 'CONFIG'], 2, /required option '--out <dir>' not specified/],
    [['FILE', '--config', 'CONFIG', '--out', 'OUT', '--count', '0'], 2, /expected a whole number >= 1/],
    [
      ['FILE', '--config', 'CONFIG', '--out', 'OUT', '--encoding', 'mp3'],
      2,
      /Allowed choices are float32, pcm24, pcm16/,
    ],
    [['FILE', 'FILE', '--config', 'CONFIG', '--out', 'OUT'], 2, /voice\.wav is given twice; --count makes more/],
    [['FILE', 'NAMESAKE', '--config', 'CONFIG', '--out', 'OUT'], 2, /same names; give each an --out of its own/],
    [['FILE', '--config', 'NONE.json', '--out', 'OUT'], 1, /NONE.json: expected a JSON file of transforms, got none/],
    [['FOLDER', '--config', 'CONFIG', '--out', 'OUT'], 1, /expected a WAV file, and it is a folder/],
    [['--replay', 'RECORD', '--seed', '3', '--out', 'OUT'], 2, /--replay takes --seed from .*; leave it out/],
    [
      ['--replay', 'CONFIG', '--out', 'OUT'],
      1,
      /expected a .draws.json that ser-kit augment wrote, got something else/,
    ],
    [
      ['OTHER', '--replay', 'RECORD', '--out', 'OUT'],
      1,
      /expected the recording that was there for the draws, got other samples/,
    ],
  ])('says what is wrong with %j', async (args, status, message) => {
    const paths: Record<string, string> = {
      FILE: voice,
      NAMESAKE: at('noises', 'voice.wav'),
      OTHER: other,
      FOLDER: folder,
      CONFIG: soft,
      RECORD: at('first', 'voice.draws.json'),
      OUT: at('nothing'),
    };
    const result = await ran('augment', ...args.map((arg) => paths[arg] ?? arg));
    expect(result).toMatchObject({ status, out: '' });
    expect(result.err).toMatch(message);
    expect(result.err).not.toMatch(/\n\s+at /);
    expect(existsSync(at('nothing'))).toBe(false);
  });

  it('refuses a record that writes beside its folder, one of a newer version and one of a lost recording', async () => {
    const record = JSON.parse(readFileSync(at('first', 'voice.draws.json'), 'utf8'));
    const replay = (change: object) =>
      ran(
        'augment',
        '--replay',
        config(`first/${basename('x.draws.json')}`, { ...record, ...change }),
        '--out',
        at('no'),
      );
    const outside = await replay({ versions: [{ ...record.versions[0], file: '../x.wav' }] });
    expect(outside.status).toBe(1);
    expect(outside.err).toContain('versions[0].file expected');
    expect((await replay({ version: 2 })).err).toContain('a newer ser-kit wrote it');
    expect((await replay({ file: '../gone.wav' })).err).toContain('there is no such file');
    expect((await replay({ seed: 'one' })).err).toContain('seed expected');
    expect(existsSync(at('no'))).toBe(false);
  });

  it('takes one sample, and silence', async () => {
    const one = put(
      'one.wav',
      encodeWav({ samples: Float32Array.of(0.5), sampleRate: 16000 }, { encoding: 'float32' }),
    );
    const silence = put('silence.wav', encodeWav({ samples: new Float32Array(8000), sampleRate: 8000 }));
    const { status } = await ran('augment', one, silence, '--config', mixed, '--count', '2', '--out', at('short'));
    expect(status).toBe(0);
    for (const name of ['one.svg', 'silence.svg']) checkSvg(readFileSync(at('short', name), 'utf8'));
  });

  it('ends with 130 where it is interrupted, with no file of what was not done', async () => {
    const before = process.listenerCount('SIGINT');
    const running = ran('augment', voice, '--config', mixed, '--count', '500', '--out', at('cut'));
    while (process.listenerCount('SIGINT') === before) await new Promise((done) => setImmediate(done));
    process.emit('SIGINT');
    const { status, err } = await running;
    expect(status).toBe(130);
    expect(err).toMatch(/ser-kit: interrupted; recordings that were done have their files, others none\n$/);
    expect(existsSync(at('cut'))).toBe(false);
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});

describe('ser-kit augment, of what is unusual', () => {
  const sine = (peak: number, length = 800): Uint8Array =>
    encodeWav(
      { samples: Float32Array.from({ length }, (_, n) => peak * Math.sin(n + 1)), sampleRate: 8000 },
      { encoding: 'float32' },
    );

  it('writes recordings too loud for a picture without one, and none where none is wanted', async () => {
    const huge = put('huge.wav', sine(1e30));
    const { status, err, out } = await ran('augment', huge, '--config', soft, '--count', '2', '--out', at('huge'));
    expect(status).toBe(0);
    expect(err).toMatch(/huge\.wav: warning: no picture was made: /);
    expect(err).toMatch(/huge-1\.wav, huge-2\.wav: warning: up to 800 samples lie beyond full scale/);
    expect(err.match(/warning: up to/g)).toHaveLength(1);
    expect(out).not.toContain('huge.svg');
    expect(readdirSync(at('huge')).sort()).toEqual(['huge-1.wav', 'huge-2.wav', 'huge.draws.json']);
    const plain = put('plain.wav', sine(0.5));
    const without = ['--config', soft, '--count', '1', '--out', at('plain'), '--no-picture', '--json'];
    const answer = await ran('augment', plain, ...without);
    expect(JSON.parse(answer.out)[0].picture).toBe(null);
    expect(readdirSync(at('plain')).sort()).toEqual(['plain-1.wav', 'plain.draws.json']);
  });

  it('says where nothing is random, once, and what of a folder was left out', async () => {
    const files = [put('one.wav', sine(0.5)), put('two.wav', sine(0.5))];
    const alike = await ran('augment', ...files, '--config', soft, '--count', '2', '--out', at('alike'));
    expect(alike.err).toBe('note: nothing is random here: all versions are alike\n');
    mkdirSync(at('mixed-noises'));
    put('mixed-noises/a.wav', sine(0.1));
    put('mixed-noises/b.ogg', 'OggS');
    const some = config('some.json', { transform: 'addBackground', recordings: 'mixed-noises' });
    const { err, status } = await ran('augment', files[0]!, '--config', some, '--count', '2', '--out', at('some'));
    expect(status).toBe(0);
    expect(err).toMatch(/^left out: .*mixed-noises: 1 of other audio/);
    expect(err).not.toContain('nothing is random');
  });
});
