import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { renderSyntheticCorpus } from '../../src/datasets/synthetic/synthetic-corpus.ts';
import { writeDirectory } from '../../src/node/write-directory.ts';
import { ran, TINY, temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const corpus = at('corpus');
const SHORT = [...TINY, '--epochs', '1', '--workers', '0'];
const manifestOf = (run: string) => JSON.parse(readFileSync(join(at(run), 'manifest.json'), 'utf8')).recognizer;

beforeAll(async () => {
  await writeDirectory(corpus, await renderSyntheticCorpus({ speakers: 4, sentences: 1, seed: 1, sampleRate: 11025 }));
});

describe('ser-kit train', () => {
  it('takes a feature set, a scope and components, and the run folder answers with them', async () => {
    const options = ['--features', 'mfcc40.v1', '--standardize', 'speaker', '--pca', '6', ...SHORT];
    const { status, err } = await ran('train', corpus, '--out', at('six'), ...options);
    expect([status, err]).toEqual([0, expect.any(String)]);
    const { frontEnd, standardizer, pca, provenance } = manifestOf('six');
    expect(frontEnd).toEqual({ sampleRate: 16000, normalizeLevel: true, features: 'mfcc40.v1' });
    expect(standardizer).toMatchObject({ scope: 'speaker', speakers: [] });
    expect(pca.axes).toHaveLength(6);
    const evaluated = await ran('evaluate', at('six'), corpus, '--json');
    expect(JSON.parse(evaluated.out).accuracy).toBe(provenance.metrics.test.accuracy);
  });

  it('takes a share of the variance, and a feature set beside a file of other things', async () => {
    const file = at('front-end.json');
    writeFileSync(file, '{ "normalizeLevel": false, "slidingCmvn": {} }');
    const options = ['--front-end', file, '--features', 'mfcc40.v1', '--pca', '0.5', ...SHORT];
    expect((await ran('train', corpus, '--out', at('half'), ...options)).status).toBe(0);
    const { frontEnd, standardizer, pca } = manifestOf('half');
    expect(frontEnd).toMatchObject({ normalizeLevel: false, features: 'mfcc40.v1', slidingCmvn: {} });
    expect(standardizer.scope).toBe('corpus');
    const held = pca.explainedVariance.reduce((a: number, b: number) => a + b) / pca.totalVariance;
    expect(held).toBeGreaterThanOrEqual(0.5);
    writeFileSync(file, '{ "features": "mfcc40.v1" }');
    const both = await ran('train', corpus, '--out', at('both'), '--front-end', file, '--features', 'mfcc40.v1');
    expect([both.status, both.err]).toEqual([2, expect.stringMatching(/--features expected a --front-end without/)]);
  });

  it.each([
    [['--features', 'mfcc40.v9'], /--features: name expected one of mfcc40.v1, .*; got "mfcc40.v9"/],
    [['--standardize', 'everyone'], /Allowed choices are corpus, speaker, clip/],
    [['--pca', '0'], /expected a share between 0 and 1, or a whole number >= 1/],
    [['--pca', '1.5'], /expected a share between 0 and 1, or a whole number >= 1/],
    [['--pca', ''], /expected a share between 0 and 1, or a whole number >= 1/],
  ])('refuses %j', async (options, message) => {
    const { status, err } = await ran('train', corpus, '--out', at('refused'), ...options);
    expect([status, err]).toEqual([2, expect.stringMatching(message)]);
  });
});
