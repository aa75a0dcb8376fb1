import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodePng } from '../../src/report/png.ts';
import { type RecordingPicture, recordingSvg } from '../../src/report/recording.ts';
import { errorOf } from '../support/error-of.ts';
import { sizeOf, textsOf } from './svg-check.ts';

const matrix = (frames: number, dims: number, value: (t: number, d: number) => number) => ({
  frames,
  dims,
  data: Float32Array.from({ length: frames * dims }, (_, i) => value(Math.floor(i / dims), i % dims)),
});

/** One second, 100 frames, a voice at 200 Hz in its second half. */
function picture(change: Partial<RecordingPicture> = {}): RecordingPicture {
  return {
    waveform: { samples: Float32Array.from({ length: 8000 }, (_, n) => 0.5 * Math.sin(n)), sampleRate: 8000 },
    spectrogram: matrix(101, 33, (t, d) => (t < 50 ? -90 : -d)),
    mfcc: matrix(101, 13, (t, d) => t * d),
    pitch: matrix(101, 2, (t, d) => (t < 50 ? 0 : d === 0 ? 200 : 0.9)),
    rms: matrix(101, 1, () => 0.1),
    ...change,
  };
}

const options = { hopSec: 0.01, title: 'a.wav' };

/** Reads a PNG of colour type 3 without filters back: what encodePng() promises, by another's inflate. */
function readPng(bytes: Uint8Array): { width: number; height: number; rows: number[][]; palette: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let [at, width, height, palette] = [8, 0, 0, 0];
  let rows: number[][] = [];
  while (at < bytes.length) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const content = bytes.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
    if (type === 'PLTE') palette = length / 3;
    if (type === 'IDAT') {
      const raw = inflateSync(content);
      rows = Array.from({ length: height }, (_, y) => [...raw.subarray(y * (width + 1) + 1, (y + 1) * (width + 1))]);
    }
    at += 12 + length;
  }
  return { width, height, rows, palette };
}

function imagesOf(svg: string): ReturnType<typeof readPng>[] {
  return [...svg.matchAll(/href="data:image\/png;base64,([^"]+)"/g)].map((match) =>
    readPng(Buffer.from(match[1]!, 'base64')),
  );
}

describe('encodePng', () => {
  it('writes a picture that another reader takes back, checksums and all', () => {
    const pixels = Uint8Array.of(0, 1, 2, 2, 1, 0);
    const png = encodePng({
      width: 3,
      height: 2,
      pixels,
      palette: [
        [0, 0, 0],
        [9, 9, 9],
        [255, 0, 0],
      ],
    });
    expect(readPng(png)).toEqual({
      width: 3,
      height: 2,
      palette: 3,
      rows: [
        [0, 1, 2],
        [2, 1, 0],
      ],
    });
    // The end chunk is the same in every PNG file, its CRC too.
    expect([...png.subarray(-12)]).toEqual([0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]);
  });
});

describe('recordingSvg', () => {
  it('has five strips on one axis of time, from the waveform down to the energy', () => {
    const svg = recordingSvg(picture(), options);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    for (const name of ['Waveform', 'Spectrogram', 'MFCC', 'Pitch (f0)', 'Energy (RMS)', 'time (s)', 'a.wav']) {
      expect(svg).toContain(name);
    }
    const [width, height] = sizeOf(svg);
    expect([width, height]).toEqual([960, 786]);
    for (const { x, y } of textsOf(svg)) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(width);
      expect(y).toBeLessThanOrEqual(height);
    }
  });

  it('draws the spectrogram with low bands at the bottom and loud ones black', () => {
    const [spectrogram] = imagesOf(recordingSvg(picture(), options));
    expect([spectrogram!.width, spectrogram!.height]).toEqual([101, 33]);
    expect(spectrogram!.rows[32]![0]).toBe(0); // 90 dB below: white
    expect(spectrogram!.rows[32]![100]).toBe(255); // band 0 is the loudest: black
    expect(spectrogram!.rows[0]![100]).toBeLessThan(128); // band 32 is 32 dB below
  });

  it('draws digital silence white, not black', () => {
    const silent = picture({ spectrogram: matrix(101, 33, () => -100) });
    const [spectrogram] = imagesOf(recordingSvg(silent, options));
    expect(Math.max(...spectrogram!.rows.flat())).toBe(0);
    expect(recordingSvg(silent, options)).toContain('>-40 dB<');
  });

  it('shows the bands up to maxHz, at their places, and no tick beyond', () => {
    const whole = recordingSvg(picture(), options);
    expect(recordingSvg(picture(), { ...options, maxHz: 20_000 })).toBe(whole);
    const svg = recordingSvg(picture(), { ...options, maxHz: 1100 }); // bands are 125 Hz apart
    const [spectrogram] = imagesOf(svg);
    expect(spectrogram!.height).toBe(10); // up to 1,125 Hz, of which the last 25 are clipped
    expect(spectrogram!.rows[9]).toEqual(imagesOf(whole)[0]!.rows[32]);
    const [, y, height] = /<image x="[^"]*" y="([^"]*)" width="[^"]*" height="([^"]*)"/.exec(svg)!.map(Number);
    expect(height).toBeCloseTo((170 * 1125) / 1100, 1);
    expect(y! + height!).toBeCloseTo(172 + 170, 1); // 0 Hz is at the bottom of the strip
    const ticks = [...svg.matchAll(/text-anchor="end" font-size="11">([-\d.]+)</g)].map((match) => Number(match[1]));
    expect(ticks.slice(3, 8)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(errorOf(() => recordingSvg(picture(), { ...options, maxHz: 0 })).code).toBe('bad-option');
  });

  it('says that a recording below -80 dB is silence, and of no other', () => {
    const soft = (peak: number) => ({
      waveform: { samples: Float32Array.from({ length: 8000 }, (_, n) => peak * Math.sin(n)), sampleRate: 8000 },
    });
    expect(recordingSvg(picture(soft(0)), options)).toContain('>silence<');
    expect(recordingSvg(picture(soft(0.00009)), options)).toContain('>silence<');
    expect(recordingSvg(picture(soft(0.00011)), options)).not.toContain('silence');
  });

  it('tells the time of a short recording in milliseconds', () => {
    const ofOneSample = picture({
      waveform: { samples: Float32Array.of(0.5), sampleRate: 16000 },
      spectrogram: matrix(1, 33, () => -10),
      mfcc: matrix(1, 13, () => 0),
      pitch: matrix(1, 2, () => 0),
      rms: matrix(1, 1, () => 0.1),
    });
    const svg = recordingSvg(ofOneSample, options);
    expect(svg).toContain('time (ms)');
    expect(svg).toContain('font-size="11">0.06<');
    expect(svg).toContain('>one frame<');
    expect(recordingSvg(picture(), options)).toContain('time (s)');
  });

  it('has a dot for every voiced frame and none for the others', () => {
    const svg = recordingSvg(picture(), options);
    expect(svg.match(/<circle/g)).toHaveLength(51);
    const silent = recordingSvg(picture({ pitch: matrix(101, 2, () => 0) }), options);
    expect(silent.match(/<circle/g)).toBeNull();
    expect(silent).toContain('no voiced frames');
  });

  it('of silence, of one sample and of an hour is a picture all the same', () => {
    const silence = picture({
      waveform: { samples: new Float32Array(1), sampleRate: 8000 },
      spectrogram: matrix(1, 33, () => -100),
      mfcc: matrix(1, 13, () => 0),
      pitch: matrix(1, 2, () => 0),
      rms: matrix(1, 1, () => 0),
    });
    expect(recordingSvg(silence, options)).not.toMatch(/NaN|Infinity/);
    const frames = 20_000;
    const long = picture({
      waveform: { samples: new Float32Array(frames * 80), sampleRate: 8000 },
      spectrogram: matrix(frames, 33, (t) => -t % 50),
      mfcc: matrix(frames, 13, (t) => t % 7),
      pitch: matrix(frames, 2, () => 0),
      rms: matrix(frames, 1, () => 0.2),
    });
    const svg = recordingSvg(long, options);
    expect(imagesOf(svg)[0]!.width).toBe(1600);
    expect(svg.length).toBeLessThan(300_000);
  });

  it('takes a recording of more frames than a function has arguments', () => {
    const frames = 200_000;
    const long = picture({
      waveform: { samples: new Float32Array(frames), sampleRate: 100 },
      pitch: matrix(frames, 2, (t, d) => (d === 0 ? 100 + (t % 300) : 1)),
    });
    expect(recordingSvg(long, options)).toContain('<circle');
  });

  it('escapes its title, and refuses matrices of another shape and unknown options', () => {
    expect(recordingSvg(picture(), { ...options, title: '<b>&' })).toContain('&lt;b&gt;&amp;');
    expect(errorOf(() => recordingSvg(picture({ pitch: matrix(3, 1, () => 0) }), options)).message).toBe(
      'recordingSvg: pitch expected 2 dims, got 1',
    );
    expect(errorOf(() => recordingSvg(picture({ mfcc: matrix(0, 5, () => 0) }), options)).code).toBe('empty');
    expect(errorOf(() => recordingSvg(picture({ rms: matrix(2, 1, () => Number.NaN) }), options)).code).toBe(
      'not-finite',
    );
    expect(errorOf(() => recordingSvg(picture(), { hopSec: 0.01, colour: 1 } as never)).code).toBe('bad-option');
  });
});
