import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeWav } from '../../src/audio/wav-reader.ts';
import { renderSyntheticCorpus } from '../../src/datasets/synthetic/synthetic-corpus.ts';
import { writeDirectory } from '../../src/node/write-directory.ts';
import { cosineScore } from '../../src/xvector/cosine.ts';
import { createXvector } from '../../src/xvector/create-xvector.ts';
import { encodeXvector } from '../../src/xvector/own-format.ts';
import { fitScoring } from '../../src/xvector/scoring.ts';
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
  const files = await renderSyntheticCorpus({ speakers: 3, sentences: 2, seed: 1, sampleRate: 11025 });
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
    expect(answers[0]).toEqual({ file: wavs[0], embedding: Array.from(expected) });
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
    expect(text.out).toMatch(/^cosine -?\d\.\d{3}\nwhat it means is not known/);
  });
  it('says on which side of the threshold a score is, and how often that was wrong', async () => {
    const easy = await withCard('easy.xvector', {
      verification: { ...verification, threshold: -1, corpus: 'CREMA-D' },
    });
    const yes = await ran('xvector', 'compare', wavs[0]!, wavs[1]!, '--xvector', easy);
    expect(yes.out).toMatch(/: likely the same speaker, at or above the threshold of -1\.000\n/);
    expect(yes.out).toMatch(/12\.0 % of same and of different pairs .* 9\.0 % to 15\.0 %, 16 speakers of CREMA-D/);
    const hard = await withCard('hard.xvector', { verification: { ...verification, threshold: 1.1 } });
    const no = await ran('xvector', 'compare', wavs[0]!, wavs[1]!, '--xvector', hard, '--json');
    expect(JSON.parse(no.out)).toMatchObject({ same: false, verification: { threshold: 1.1 } });
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
    expect(result.low).toBeLessThanOrEqual(result.equalErrorRate);
    expect(result.high).toBeGreaterThanOrEqual(result.equalErrorRate);
    expect(err).toContain('note: 3 speakers: with so few the interval is too narrow');
  });
  it('takes the speakers and the pairs of other sentences that are asked for, and says who was heard', async () => {
    const ids = [...new Set(wavs.map((path) => path.replace(/^.*\/(\d{4})_[^/]*$/, '$1')))].slice(0, 2);
    const heard = await withCard('heard.xvector', { speakers: { train: ids.slice(0, 1) } });
    const args = ['--speakers', ids.join(','), '--other-sentences', '--format', 'cremad'];
    const { status, out } = await ran('xvector', 'evaluate', heard, corpus, ...args);
    expect(status).toBe(0);
    expect(out).toMatch(/^equal error rate [\d.]+ % \(95 % interval /);
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
    expect(one.err).toMatch(/ser-kit: expected pairs of clips of the same speaker and of different ones/);
  });
});
