import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeWav } from '../../src/audio/wav-writer.ts';
import { ran, temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);

/** A WAV file of a 200 Hz voice with overtones. */
function voice(name: string, sampleRate: number, length: number): string {
  const samples = Float32Array.from({ length }, (_, n) => {
    const turn = (2 * Math.PI * 200 * n) / sampleRate;
    return 0.2 * Math.sin(turn) + 0.1 * Math.sin(2 * turn) + 0.05 * Math.sin(3 * turn);
  });
  writeFileSync(at(name), encodeWav({ samples, sampleRate }));
  return at(name);
}

describe('ser-kit features FILE --picture', () => {
  it.each([
    [8000, 8000],
    [11025, 5000],
    [48000, 48000],
    [16000, 1],
  ])('draws a recording at %d Hz of %d samples, and prints nothing else', async (sampleRate, length) => {
    const svg = at(`${sampleRate}.svg`);
    const result = await ran('features', voice(`${sampleRate}.wav`, sampleRate, length), '--picture', svg);
    expect(result).toEqual({ status: 0, out: '', err: `${svg}: ${sampleRate}.wav drawn\n` });
    const text = readFileSync(svg, 'utf8');
    expect(text).toContain(`${sampleRate}.wav`);
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
    expect(/<circle/.test(text)).toBe(length > 1);
  });

  it('draws and prints where features are asked for too', async () => {
    const { status, out } = await ran('features', voice('a.wav', 16000, 8000), '--picture', at('a.svg'), '--json');
    expect(status).toBe(0);
    expect(JSON.parse(out).names[0]).toBe('mfcc0');
    expect(existsSync(at('a.svg'))).toBe(true);
    const options = await ran('features', at('a.wav'), '--picture', at('a.svg'), '--option', 'nMfcc=3');
    expect(options.out.split('\n')[0]).toBe('mfcc0,mfcc1,mfcc2');
  });

  it('shows speech, up to 8 kHz, of a recording whose rate reaches far beyond', async () => {
    await ran('features', voice('high.wav', 96000, 48000), '--picture', at('high.SVG'));
    const text = readFileSync(at('high.SVG'), 'utf8');
    const strip = text.slice(text.indexOf('Spectrogram'), text.indexOf('MFCC'));
    const kHz = [...strip.matchAll(/text-anchor="end" font-size="11">([\d.]+)</g)].map((match) => Number(match[1]));
    expect(kHz).toEqual([0, 2, 4, 6, 8]);
  });

  it('refuses names that do not end in .svg, before anything is read', async () => {
    expect(await ran('features', at('none.wav'), '--picture', at('d.png'))).toEqual({
      status: 2,
      out: '',
      err: `ser-kit: --picture expected a file whose name ends in .svg, as SVG is what is drawn, got ${at('d.png')}\n`,
    });
  });

  it('refuses a folder, and a place that cannot be written', async () => {
    expect((await ran('features', folder, '--picture', at('b.svg'))).status).toBe(2);
    const result = await ran('features', voice('c.wav', 16000, 8000), '--picture', join(folder, 'none', 'c.svg'));
    expect(result.status).toBe(1);
    expect(result.err).toContain('cannot be written');
  });
});
