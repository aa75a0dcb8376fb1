import { readFileSync, writeFileSync } from 'node:fs';
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
    expect(first).toMatchObject({ status: 0, err: '' });
    expect(JSON.parse(first.out)).toMatchObject({
      out: at('a.xvector'),
      bytes: readFileSync(at('a.xvector')).length,
      values: 'float32',
      frontEnd: 'speechbrain',
      inputs: 24,
      dims: 6,
      leastFrames: 4,
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
