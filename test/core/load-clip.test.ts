import { describe, expect, it } from 'vitest';
import { SerKitError } from '../../src/core/errors.ts';
import { loadClip } from '../../src/core/load-clip.ts';
import type { Waveform } from '../../src/core/waveform.ts';

const clip = (load: () => Promise<unknown>) => ({
  id: 'a/1.wav',
  speakerId: 'a',
  label: 'x',
  load: load as () => Promise<Waveform>,
});
const failing = (error: unknown) => clip(() => Promise.reject(error));

describe('loadClip()', () => {
  it('gives the waveform that load gives', async () => {
    const waveform = { samples: Float32Array.of(0.5), sampleRate: 8000 };
    expect(await loadClip(clip(async () => waveform))).toBe(waveform);
  });

  it("says 'not-found' with the clip's id and the reason for an error that is not ours, and keeps it as the cause", async () => {
    const cause = new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND x') });
    await expect(loadClip(failing(cause))).rejects.toMatchObject({
      name: 'SerKitError',
      code: 'not-found',
      message: 'a/1.wav: cannot be loaded (fetch failed: getaddrinfo ENOTFOUND x)',
      cause,
    });
    await expect(loadClip(failing(new RangeError('')))).rejects.toThrow('a/1.wav: cannot be loaded (RangeError)');
    await expect(loadClip(failing('gone'))).rejects.toThrow('a/1.wav: cannot be loaded ("gone")');
    await expect(loadClip(failing(undefined))).rejects.toThrow('a/1.wav: cannot be loaded (undefined)');
  });

  it('says the same where load throws before it gives a promise', async () => {
    const throwing = clip(() => {
      throw new TypeError('no url');
    });
    await expect(loadClip(throwing)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('leaves a SerKitError as it is', async () => {
    const error = new SerKitError('truncated', 'x.wav: ends early');
    await expect(loadClip(failing(error))).rejects.toBe(error);
  });

  it.each([
    [undefined, 'bad-input', 'a/1.wav: waveform expected { samples, sampleRate }, got undefined'],
    [{ samples: new Float32Array(0), sampleRate: 1 }, 'empty', 'a/1.wav: waveform expected at least one sample'],
    [{ samples: Float32Array.of(Number.NaN), sampleRate: 1 }, 'not-finite', 'a/1.wav: samples expected finite'],
  ])('refuses %o, which is no waveform to work on, naming the clip', async (value, code, message) => {
    await expect(loadClip(clip(async () => value))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});
