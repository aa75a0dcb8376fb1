import { describe, expect, it } from 'vitest';
import { resolveWrittenPaths } from '../../src/datasets/written-paths.ts';

const find = (written: string, paths: string[], folder = '') =>
  resolveWrittenPaths(folder, [written], paths).get(written);

describe('resolveWrittenPaths()', () => {
  it.each([
    ['sad/1.wav', 'sad/1.wav'],
    ['./sad/../sad//1.wav', 'sad/1.wav'],
    ['sad\\1.wav', 'sad/1.wav'],
    ['/sad/1.wav', 'sad/1.wav'],
    ['/home/anna/all/sad/1.wav', 'sad/1.wav'],
    ['C:\\all\\sad\\1.wav', 'sad/1.wav'],
    ['\\\\server\\all\\sad\\1.wav', 'sad/1.wav'],
    ['file:///home/anna/sad/1.wav', 'sad/1.wav'],
  ])('takes %j for %j', (written, path) => {
    expect(find(written, ['sad/1.wav', 'sad/11.wav'])).toEqual({ path });
  });

  it("takes relative paths from the table's folder on, and absolute ones from the top", () => {
    const paths = ['meta/1.wav', 'sad/2.wav'];
    expect(find('1.wav', paths, 'meta/')).toEqual({ path: 'meta/1.wav' });
    expect(find('../sad/2.wav', paths, 'meta/')).toEqual({ path: 'sad/2.wav' });
    expect(find('/sad/2.wav', paths, 'meta/')).toEqual({ path: 'sad/2.wav' });
    expect(find('/x/meta/1.wav', paths, 'meta/')).toEqual({ path: 'meta/1.wav' });
  });

  it('does not take a relative path by its end, nor an end that begins within a name', () => {
    expect(find('x/sad/1.wav', ['sad/1.wav'])).toEqual({ hint: 'a file of that name is sad/1.wav' });
    expect(find('/x/happysad/1.wav', ['sad/1.wav'])).toEqual({ hint: 'a file of that name is sad/1.wav' });
    expect(find('/x/3.wav', ['sad/1.wav'])).toEqual({ hint: '' });
    expect(find('SAD/1.WAV', ['sad/1.wav'])).toEqual({ hint: 'a file of that name is sad/1.wav' });
    expect(find('', ['sad/1.wav'])).toEqual({ hint: '' });
  });

  it('takes none where an absolute path ends in two files, or two absolute paths in one file', () => {
    expect(find('/x/sad/1.wav', ['1.wav', 'sad/1.wav'])?.hint).toMatch(/ends in sad\/1\.wav, 1\.wav, so which one/);
    const found = resolveWrittenPaths('', ['/x/sad/1.wav', '/x/angry/1.wav', '/x/angry/1.wav'], ['1.wav']);
    expect([...found.values()].map(({ hint }) => hint)).toEqual(
      Array(2).fill(expect.stringMatching(/^2 paths end in/)),
    );
  });

  it('counts accents as the same in either coding, but for two files that differ in nothing else', () => {
    const [composed, decomposed] = ['caf\u00e9/1.wav', 'cafe\u0301/1.wav'];
    expect(find(composed, [decomposed])).toEqual({ path: decomposed });
    expect(find(decomposed, [composed])).toEqual({ path: composed });
    expect(find(`/x/${composed}`, [decomposed])).toEqual({ path: decomposed });
    expect(find(composed, [decomposed, composed])).toEqual({ path: composed });
    const [first, second] = ['\u1e69.wav', 's\u0323\u0307.wav'];
    expect(find('s\u0307\u0323.wav', [first, second])?.hint).toMatch(/differ from it only in how accents are coded/);
  });
});
