import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { resample } from '../../src/audio/resample.ts';
import { decodeWav } from '../../src/audio/wav-reader.ts';
import { encodeWav } from '../../src/audio/wav-writer.ts';
import { renderSyntheticCorpus } from '../../src/datasets/synthetic/synthetic-corpus.ts';
import { writeDirectory } from '../../src/node/write-directory.ts';
import { cosineScore } from '../../src/xvector/cosine.ts';
import { createXvector } from '../../src/xvector/create-xvector.ts';
import { encodeXvector } from '../../src/xvector/own-format.ts';
import { fitScoring, plainCosine } from '../../src/xvector/scoring.ts';
import { embeddingDims } from '../../src/xvector/weights.ts';
import { tinyWeights } from '../xvector/tiny-weights.ts';
import { ran, temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const at = (...parts: string[]): string => join(folder, ...parts);
const corpus = at('corpus');
const network = at('tiny.xvector');
let wavs: string[];

/** A network file whose card says this. */
async function withCard(name: string, card: Record<string, unknown>): Promise<string> {
  await writeFile(at(name), encodeXvector({ ...tinyWeights(), card }));
  return at(name);
}

beforeAll(async () => {
  const files = await renderSyntheticCorpus({ speakers: 3, sentences: 2, seed: 1, sampleRate: 16000 });
  await writeDirectory(corpus, files);
  wavs = [...files.keys()].filter((path) => path.endsWith('.wav')).map((path) => join(corpus, path));
  await writeFile(network, encodeXvector(tinyWeights()));
  await mkdir(at('empty'));
  await writeFile(at('broken.wav'), 'no recording');
});

describe('ser-kit xvector embed', () => {
  it('gives the numbers that extract() gives, and an error for each file that cannot be read', async () => {
    const { status, out, err } = await ran(
      'xvector',
      'embed',
      wavs[0]!,
      at('broken.wav'),
      at('none.wav'),
      '--xvector',
      network,
      '--json',
    );
    expect(err).toBe('');
    expect(status).toBe(1);
    const answers = JSON.parse(out);
    const xvector = createXvector(tinyWeights());
    const expected = await xvector.extract(decodeWav(await readFile(wavs[0]!)));
    xvector.dispose();
    expect(answers[0]).toEqual({ file: wavs[0], embedding: Array.from(expected), warnings: [] });
    expect(answers[1]).toMatchObject({ file: at('broken.wav'), error: { code: 'bad-format' } });
    expect(answers[2]).toMatchObject({ file: at('none.wav'), error: { code: 'not-found' } });
    for (const { file, error } of answers.slice(1)) expect(error.message.startsWith(`${file}: `)).toBe(true);
  });
  it('takes the network that comes with ser-kit where none is named', async () => {
    const { status, out } = await ran('xvector', 'embed', wavs[0]!, '--json');
    expect(status).toBe(0);
    expect(JSON.parse(out)[0].embedding).toHaveLength(128);
  });
  it('says which network is missing or broken', async () => {
    const broken = await ran('xvector', 'embed', wavs[0]!, '--xvector', at('broken.wav'));
    expect(broken).toMatchObject({ status: 1, out: '' });
    expect(broken.err).toMatch(/^ser-kit: .*broken\.wav: /);
    const none = await ran('xvector', 'embed', wavs[0]!, '--xvector', at('none.xvector'));
    expect(none.err).toMatch(/none\.xvector: expected the weights of an x-vector network, and there is no such file/);
  });
});

describe('ser-kit xvector compare', () => {
  const verification = { method: 'cosine', equalErrorRate: 0.12, low: 0.09, high: 0.15, speakers: 16, clips: 900 };
  it('gives the cosine of the two embeddings, and no judgement where nothing was measured', async () => {
    const embedded = JSON.parse(
      (await ran('xvector', 'embed', wavs[0]!, wavs[1]!, '--xvector', network, '--json')).out,
    );
    const { status, out } = await ran('xvector', 'compare', wavs[0]!, wavs[1]!, '--xvector', network, '--json');
    expect(status).toBe(0);
    const answer = JSON.parse(out);
    expect(answer).toMatchObject({ method: 'cosine', same: null, verification: null });
    expect(answer.score).toBeCloseTo(cosineScore(embedded[0].embedding, embedded[1].embedding), 6);
    const text = await ran('xvector', 'compare', wavs[0]!, wavs[1]!, '--xvector', network);
    expect(text.out).toMatch(/^cosine -?\d\.\d{3}\nwhat that means is not known: .* `ser-kit xvector evaluate`/);
  });
  it('decides nothing by what the card says of other recordings, and says what that was', async () => {
    const card = { of: 'its twin', threshold: -1, corpus: 'CREMA-D' };
    const easy = await withCard('easy.xvector', { verification: { ...verification, ...card }, limits: 'one studio' });
    const { out } = await ran('xvector', 'compare', wavs[0]!, wavs[1]!, '--xvector', easy);
    expect(out).not.toMatch(/likely|the same speaker/);
    expect(out).toContain('on 16 speakers of CREMA-D (its twin) the line between one speaker and two was at -1.000');
    expect(out).toMatch(/12\.0 % \(95 % interval 9\.0 % to 15\.0 %\) of the pairs of either kind/);
    expect(out).toMatch(/on other recordings the line lies elsewhere: .*\nlimits: one studio\n$/);
    const json = await ran('xvector', 'compare', wavs[0]!, wavs[1]!, '--xvector', easy, '--json');
    expect(JSON.parse(json.out)).toMatchObject({
      same: null,
      threshold: null,
      verification: { ...verification, ...card },
      limits: 'one studio',
    });
  });
  it("decides by the caller's own threshold", async () => {
    const args = ['xvector', 'compare', wavs[0]!, wavs[1]!, '--xvector', network, '--threshold'];
    expect((await ran(...args, '-1')).out).toMatch(/: by your threshold the same speaker, at or above -1\n$/);
    expect((await ran(...args, '1.1')).out).toMatch(/: by your threshold different speakers, below 1.1\n$/);
    expect(JSON.parse((await ran(...args, '1.1', '--json')).out)).toMatchObject({ same: false, threshold: 1.1 });
    expect(await ran(...args, 'high')).toMatchObject({ status: 2, out: '' });
  });
  it.each([
    ['silent', (samples: Float32Array<ArrayBuffer>) => samples.fill(0)],
    ['near-silent', (samples: Float32Array<ArrayBuffer>) => samples.map((x) => x * 1e-5)],
    ['short', (samples: Float32Array<ArrayBuffer>) => samples.subarray(2000, 6000)],
  ])('warns of a %s recording, and decides nothing', async (code, change) => {
    const { samples, sampleRate } = decodeWav(await readFile(wavs[0]!));
    const file = at(`${code}.wav`);
    await writeFile(file, encodeWav({ samples: change(samples), sampleRate }, { encoding: 'float32' }));
    const args = ['xvector', 'compare', wavs[1]!, file, '--xvector', network, '--threshold', '-1'];
    const { out, err } = await ran(...args);
    expect(err).toContain(`${file}: warning (${code}): `);
    expect(out).toMatch(new RegExp(`^cosine .*, which says nothing: .*/${code}.wav is ${code}\n$`));
    const { files, same } = JSON.parse((await ran(...args, '--json')).out);
    expect(same).toBeNull();
    expect(files).toMatchObject([{ warnings: [] }, { warnings: [{ code }] }]);
    const embedded = await ran('xvector', 'embed', file, '--xvector', network, '--json');
    expect(JSON.parse(embedded.out)).toMatchObject([{ file, warnings: [{ code }] }]);
  });
  it('warns of a rate below what the network listens to', async () => {
    const file = at('telephone.wav');
    await writeFile(file, encodeWav(resample(decodeWav(await readFile(wavs[0]!)), 8000)));
    const { err, status } = await ran('xvector', 'embed', file, wavs[0]!);
    expect(status).toBe(0);
    expect(err).toBe(
      `${file}: warning (band-limited): at 8000 Hz nothing is above 4000 Hz; the model listens up to 5000 Hz\n`,
    );
  });
  it("scores as the card says, and does not judge by another scoring's threshold", async () => {
    const embedded = JSON.parse((await ran('xvector', 'embed', ...wavs, '--xvector', network, '--json')).out);
    const scoring = fitScoring(
      embedded.map(({ embedding }: { embedding: number[] }) => embedding),
      wavs.map((path) => path.replace(/^.*\/(\d{4})_[^/]*$/, '$1')),
      { method: 'lda' },
    );
    const file = await withCard('lda.xvector', {
      scoring: scoring.toJSON(),
      verification: { ...verification, threshold: 0 },
    });
    const answer = JSON.parse((await ran('xvector', 'compare', wavs[0]!, wavs[1]!, '--xvector', file, '--json')).out);
    expect(answer).toMatchObject({ method: 'lda', same: null });
    expect(answer.score).toBeCloseTo(scoring.score(embedded[0].embedding, embedded[1].embedding), 6);
    const wrong = await withCard('wrong.xvector', { scoring: { kind: 'scoring' } });
    const refused = await ran('xvector', 'compare', wavs[0]!, wavs[1]!, '--xvector', wrong);
    expect(refused.err).toMatch(/^ser-kit: .*wrong\.xvector: version expected 1/);
    const other = { ...plainCosine().toJSON(), mean: [0, 0] };
    const unfit = await withCard('unfit.xvector', { scoring: other });
    const found = await ran('xvector', 'compare', wavs[0]!, wavs[1]!, '--xvector', unfit);
    expect(found.status).toBe(1);
    expect(found.err).toMatch(/^ser-kit: .*unfit\.xvector: card\.scoring expected one of \d+ numbers, got one of 2\n$/);
  });
  it('believes an error rate of the scoring alone that it was measured with', async () => {
    const dims = embeddingDims(tinyWeights());
    const scoring = { ...plainCosine().toJSON(), mean: Array.from({ length: dims }, () => 0.1) };
    const measured = async (file: string): Promise<object> =>
      JSON.parse((await ran('xvector', 'evaluate', file, corpus, '--json')).out);
    const verificationOf = async (file: string): Promise<object | null> =>
      JSON.parse((await ran('xvector', 'compare', wavs[0]!, wavs[1]!, '--xvector', file, '--json')).out).verification;
    const plain = await measured(network);
    const centred = await measured(await withCard('centred.xvector', { scoring }));
    expect(await verificationOf(await withCard('1.xvector', { verification: plain }))).toMatchObject({ speakers: 3 });
    expect(await verificationOf(await withCard('2.xvector', { verification: plain, scoring }))).toBeNull();
    expect(await verificationOf(await withCard('3.xvector', { verification: centred, scoring }))).toMatchObject({
      speakers: 3,
    });
    expect(await verificationOf(await withCard('4.xvector', { verification: centred }))).toBeNull();
  });
  it('names the file that cannot be read', async () => {
    const { status, out, err } = await ran(
      'xvector',
      'compare',
      wavs[0]!,
      at('broken.wav'),
      '--xvector',
      network,
      '--json',
    );
    expect(status).toBe(1);
    expect(err).toMatch(/broken\.wav: /);
    expect(JSON.parse(out).files).toMatchObject([{ file: wavs[0] }, { error: { code: 'bad-format' } }]);
  });
});

describe('ser-kit xvector evaluate', () => {
  it("gives the error rate with its interval over the corpus's pairs", async () => {
    const { status, out, err } = await ran('xvector', 'evaluate', network, corpus, '--json');
    expect(status).toBe(0);
    const result = JSON.parse(out);
    const each = wavs.length / 3;
    expect(result).toMatchObject({
      method: 'cosine',
      speakers: 3,
      clips: wavs.length,
      pairs: { same: (3 * each * (each - 1)) / 2, different: 3 * each * each },
    });
    expect(result).toMatchObject({ low: null, high: null, scoring: null, warnings: [] });
    expect(err).toContain('note: 3 speakers: too few for an interval');
  });
  it('takes x-vectors from a cache, and counts what speaks against clips', async () => {
    const cache = at('cache');
    const first = await ran('xvector', 'evaluate', 'compact', corpus, '--cache', cache, '--json');
    expect((await readdir(cache)).some((name) => name.startsWith('xvector-'))).toBe(true);
    const again = await ran('xvector', 'evaluate', 'compact', corpus, '--cache', cache, '--json');
    expect(JSON.parse(again.out)).toEqual(JSON.parse(first.out));
    const telephone = at('telephone');
    const options = { speakers: 4, sentences: 1, seed: 1, sampleRate: 8000 };
    await writeDirectory(telephone, await renderSyntheticCorpus(options));
    const { out, err } = await ran('xvector', 'evaluate', 'compact', telephone, '--json');
    const { low, high, warnings, clips } = JSON.parse(out);
    expect(high).toBeGreaterThanOrEqual(low);
    expect(warnings).toMatchObject([{ code: 'band-limited', clips }]);
    expect(err).toContain(`warning (band-limited): ${clips} of ${clips} clips; `);
  });
  it('takes the speakers and the pairs of other sentences that are asked for, and says who was heard', async () => {
    const ids = [...new Set(wavs.map((path) => path.replace(/^.*\/(\d{4})_[^/]*$/, '$1')))].slice(0, 2);
    const heard = await withCard('heard.xvector', { speakers: { train: ids.slice(0, 1) } });
    const args = ['--speakers', ids.join(','), '--other-sentences', '--format', 'cremad'];
    const { status, out } = await ran('xvector', 'evaluate', heard, corpus, ...args);
    expect(status).toBe(0);
    expect(out).toMatch(/^equal error rate [\d.]+ % at a score of /);
    expect(out).toContain('of 2 speakers');
    expect(out).toContain('note: it learnt from 1 of these speakers');
    const missing = await ran('xvector', 'evaluate', network, corpus, '--speakers', '9999');
    expect(missing).toMatchObject({ status: 2, out: '' });
    expect(missing.err).toMatch(/got 9999/);
  });
  it('refuses a folder without recordings and one of a single speaker', async () => {
    expect(await ran('xvector', 'evaluate', network, at('empty'))).toMatchObject({ status: 1, out: '' });
    const one = await ran(
      'xvector',
      'evaluate',
      network,
      corpus,
      '--speakers',
      wavs[0]!.replace(/^.*\/(\d{4})_[^/]*$/, '$1'),
    );
    expect(one.status).toBe(1);
    expect(one.err).toMatch(/corpus: expected recordings of two known speakers or more, got \d+ clips of 1 speaker\n$/);
    expect(one.err).not.toContain('embedding clips');
  });
});
