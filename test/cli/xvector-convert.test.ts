import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseXvector } from '../../src/xvector/parse-xvector.ts';
import { ran, temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const fixtures = new URL('../xvector/fixtures/', import.meta.url);
const checkpoint = new URL('tiny-speechbrain.ckpt', fixtures).pathname;
const at = (name: string): string => join(folder, name);
const weightsIn = (path: string) => parseXvector(readFileSync(path));

describe('ser-kit xvector convert', () => {
  it("makes ser-kit's own file and safetensors of SpeechBrain's checkpoint, and each of the other, to the bit", async () => {
    const first = await ran('xvector', 'convert', checkpoint, at('a.xvector'), '--json');
    expect(first.status).toBe(0);
    expect(JSON.parse(first.out)).toMatchObject({
      out: at('a.xvector'),
      bytes: readFileSync(at('a.xvector')).length,
      values: 'float32',
      frontEnd: 'speechbrain',
      inputs: 24,
      dims: 6,
      leastFrames: 4,
      assumed: { dilations: [1, 2, 3, 1, 1] },
    });
    const second = await ran('xvector', 'convert', at('a.xvector'), at('new/b.safetensors'));
    expect(second.out).toContain('layers of 10, 9, 8, 7, 11, x-vectors of 6');
    await ran('xvector', 'convert', at('new/b.safetensors'), at('c.xvector'));
    expect(readFileSync(at('c.xvector'))).toEqual(readFileSync(at('a.xvector')));
    expect(weightsIn(at('new/b.safetensors'))).toEqual(weightsIn(checkpoint));
  });

  it("reads Kaldi's files, and what it writes of them gives the same network", async () => {
    const kaldi = new URL('kaldi-narrow6.raw', fixtures).pathname;
    expect(await ran('xvector', 'convert', kaldi, at('k.xvector'))).toMatchObject({ status: 0 });
    expect(weightsIn(at('k.xvector'))).toEqual(weightsIn(kaldi));
  });

  it('says what it assumed of what a file does not say, and takes it where it is told', async () => {
    const guessed = await ran('xvector', 'convert', checkpoint, at('guessed.xvector'));
    expect(guessed.err).toContain('assumed dilations of 1, 2, 3, 1, 1');
    const told = await ran('xvector', 'convert', checkpoint, at('told.xvector'), '--dilations', '1,1,4,1,1', '--json');
    expect(told).toMatchObject({ status: 0, err: '' });
    expect(JSON.parse(told.out)).toMatchObject({ assumed: {} });
    expect(weightsIn(at('told.xvector'))).toMatchObject({
      card: { source: 'SpeechBrain Xvector', dilations: [1, 1, 4, 1, 1] },
      frameLayers: [{}, { offsets: [-1, 0, 1] }, { offsets: [-4, 0, 4] }, {}, {}],
    });
    const few = await ran('xvector', 'convert', checkpoint, at('few.xvector'), '--dilations', '1,2');
    expect(few).toMatchObject({ status: 2, out: '' });
    expect(few.err).toContain('; give --dilations');
    await ran('xvector', 'convert', checkpoint, at('own.safetensors'));
    expect((await ran('xvector', 'convert', at('own.safetensors'), at('own.xvector'))).err).toBe('');
  });

  it("takes the node and the front end of a Kaldi network, and refuses what its file or another's says", async () => {
    const kaldi = new URL('kaldi-narrow7.raw', fixtures).pathname;
    const telephone = at('telephone.json');
    writeFileSync(telephone, JSON.stringify({ sampleRate: 8000, fMax: 3700 }));
    const options = ['--embedding-node', 'tdnn7.affine', '--front-end', telephone];
    const { status, err, out } = await ran('xvector', 'convert', kaldi, at('t.xvector'), ...options, '--json');
    expect(status).toBe(0);
    expect(err).toContain('assumed nMels 30, fMin 20, cmnWindow 300, vad true');
    expect(JSON.parse(out)).toMatchObject({ assumed: { frontEnd: { nMels: 30, fMin: 20 } } });
    expect(weightsIn(at('t.xvector'))).toMatchObject({
      frontEnd: { sampleRate: 8000, fMax: 3700, nMels: 30 },
      card: { embeddingNode: 'tdnn7.affine' },
    });
    const refused = async (from: string, ...more: string[]): Promise<string> => {
      const result = await ran('xvector', 'convert', from, at('never.xvector'), ...more);
      expect(result).toMatchObject({ status: 2, out: '' });
      return result.err;
    };
    writeFileSync(telephone, JSON.stringify({ sampleRate: 8000 }));
    expect(await refused(kaldi, '--front-end', telephone)).toContain('got 20, 7600 and 8000; give --front-end');
    writeFileSync(telephone, '[8000]');
    expect(await refused(kaldi, '--front-end', telephone)).toContain('expected JSON of a Kaldi front end');
    expect(await refused(kaldi, '--embedding-node', 'tdnn9.affine')).toContain('; give --embedding-node');
    expect(await refused(kaldi, '--dilations', '1,2,3,1,1')).toContain("--dilations is for SpeechBrain's");
    expect(await refused(checkpoint, '--embedding-node', 'x')).toContain("--embedding-node is for Kaldi's");
    expect(await refused(at('t.xvector'), '--dilations', '1')).toContain("--dilations is for SpeechBrain's");
    expect(await refused('compact', '--dilations', '1')).toContain("--dilations is for SpeechBrain's");
  });

  it('keeps kernels in fewer bytes where asked to', async () => {
    const sizes: number[] = [];
    for (const values of ['float32', 'float16', 'int8']) {
      const { out } = await ran(
        'xvector',
        'convert',
        checkpoint,
        at(`${values}.xvector`),
        '--values',
        values,
        '--json',
      );
      sizes.push((JSON.parse(out) as { bytes: number }).bytes);
    }
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    const refused = await ran('xvector', 'convert', checkpoint, at('x.safetensors'), '--values', 'int8');
    expect(refused).toMatchObject({ status: 2, out: '' });
  });

  it('overwrites nothing unless told to', async () => {
    writeFileSync(at('kept.xvector'), 'mine');
    const refused = await ran('xvector', 'convert', checkpoint, at('kept.xvector'));
    expect(refused).toMatchObject({ status: 1, out: '' });
    expect(refused.err).toContain('--force overwrites it');
    expect(readFileSync(at('kept.xvector'), 'utf8')).toBe('mine');
    expect(await ran('xvector', 'convert', checkpoint, at('kept.xvector'), '--force')).toMatchObject({ status: 0 });
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(weightsIn(at('kept.xvector'))).toEqual(weightsIn(checkpoint));
  });

  it('names the file that cannot be used, and what it is', async () => {
    writeFileSync(at('page.ckpt'), '<!DOCTYPE html><html>');
    const page = await ran('xvector', 'convert', at('page.ckpt'), at('y.xvector'));
    expect(page.status).toBe(1);
    expect(page.err).toContain(`ser-kit: ${at('page.ckpt')}: expected one of`);
    expect(page.err).toContain('got an HTML page');
    expect((await ran('xvector', 'convert', at('none.ckpt'), at('y.xvector'))).err).toContain('there is no such file');
    expect(await ran('xvector', 'convert', checkpoint, at('y.bin'))).toMatchObject({ status: 2, out: '' });
    expect(await ran('xvector', 'convert', checkpoint)).toMatchObject({ status: 2 });
  });
});
