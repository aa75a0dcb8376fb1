import { describe, expect, it } from 'vitest';
import { parseTransform, type ReverbOptions, reverb } from '../../src/augment/index.ts';
import { createRandom } from '../../src/core/random.ts';
import type { Waveform } from '../../src/core/waveform.ts';
import { gainAt, power, sine, whiteNoise } from './filter-support.ts';

const random = (seed = 1) => createRandom(seed);

/** What comes of a click: the response itself. */
function responseOf(options: ReverbOptions, { sampleRate = 16000, seconds = 3, seed = 1 } = {}): Float32Array {
  const samples = new Float32Array(Math.round(seconds * sampleRate));
  samples[0] = 1;
  return reverb({ keepLevel: false, ...options })({ samples, sampleRate }, random(seed)).samples;
}

/**
 * The reverberation time by Schroeder's backward integration (1965): the energy that is still to come, in dB, and a line
 * through what lies between 5 and 35 dB under the start of the tail (T30 of ISO 3382).
 */
function reverberationTime(tail: Float32Array, sampleRate: number): number {
  const level = new Float64Array(tail.length);
  let energy = 0;
  for (let i = tail.length - 1; i >= 0; i--) {
    energy += tail[i]! ** 2;
    level[i] = 10 * Math.log10(energy);
  }
  const at = Array.from(level.keys()).filter((i) => level[i]! < level[0]! - 5 && level[i]! > level[0]! - 35);
  const meanAt = at.reduce((sum, i) => sum + i, 0) / at.length;
  const meanLevel = at.reduce((sum, i) => sum + level[i]!, 0) / at.length;
  const slope =
    at.reduce((sum, i) => sum + (i - meanAt) * (level[i]! - meanLevel), 0) /
    at.reduce((sum, i) => sum + (i - meanAt) ** 2, 0);
  return -60 / (slope * sampleRate);
}

describe('the response that reverb() makes', () => {
  it.each([0.1, 0.2, 0.35, 0.8, 1.5, 2.5])('decays by 60 dB in %d s, within a hundredth', (rt60Sec) => {
    for (const sampleRate of [8000, 16000, 44100]) {
      const tail = responseOf({ rt60Sec, preDelaySec: 0 }, { sampleRate }).subarray(1);
      expect(Math.abs(reverberationTime(tail, sampleRate) / rt60Sec - 1)).toBeLessThan(0.01);
    }
  });

  it.each([-10, 0, 7.5, 30])('has %d dB more energy in the direct sound than after it', (directToReverberantDb) => {
    for (const rt60Sec of [0.01, 0.3, 1]) {
      const [first, ...rest] = responseOf({ rt60Sec, directToReverberantDb });
      const tail = rest.reduce((sum, x) => sum + x * x, 0);
      expect(first).toBeCloseTo(1, 6);
      expect(10 * Math.log10(first! ** 2 / tail)).toBeCloseTo(directToReverberantDb, 3);
    }
  });

  it('begins to reverberate after the delay asked for', () => {
    const response = responseOf({ preDelaySec: 0.015 });
    expect(response.subarray(1, 240).every((x) => Math.abs(x) < 1e-7)).toBe(true);
    expect(Math.abs(response[240]!)).toBeGreaterThan(1e-3);
  });

  it('is white: its samples have nothing in common with those before them', () => {
    const tail = responseOf({ rt60Sec: 2, preDelaySec: 0 }).subarray(1);
    const energy = tail.reduce((sum, x) => sum + x * x, 0);
    for (const lag of [1, 2, 3, 5, 10, 50]) {
      let shared = 0;
      for (let i = lag; i < tail.length; i++) shared += tail[i]! * tail[i - lag]!;
      expect(Math.abs(shared / energy)).toBeLessThan(0.05);
    }
  });

  it('keeps its decay and its balance where the clip is shorter than it', () => {
    const whole = responseOf({ rt60Sec: 1 });
    responseOf({ rt60Sec: 1 }, { seconds: 0.1 }).forEach((x, i) => {
      expect(x).toBeCloseTo(whole[i]!, 6);
    });
  });
});

describe('reverb()', () => {
  it('keeps the mean power, the length and the rate', () => {
    for (const length of [2, 3, 100, 4999, 48000]) {
      const noise = whiteNoise(length);
      const out = reverb()(noise, random(length));
      expect([out.samples.length, out.sampleRate]).toEqual([length, 16000]);
      expect(10 * Math.log10(power(out.samples) / power(noise.samples))).toBeCloseTo(0, 4);
    }
  });

  it('leaves the direct sound in its place', () => {
    const samples = new Float32Array(8000);
    samples[3000] = 0.5;
    const out = reverb({ directToReverberantDb: 0 })({ samples, sampleRate: 16000 }, random()).samples;
    expect(out.subarray(0, 3000).every((x) => Math.abs(x) < 1e-7)).toBe(true);
    expect(out.reduce((best, x, i) => (x > out[best]! ? i : best), 0)).toBe(3000);
  });

  it('draws within its ranges, gives the same bytes for the same seed and draw, and others for others', () => {
    const transform = parseTransform(JSON.parse(JSON.stringify(reverb({ rt60Sec: [0.3, 0.6] }))));
    const noise = whiteNoise(2000);
    const before = noise.samples.slice();
    const seen = new Set<string>();
    for (let seed = 0; seed < 30; seed++) {
      const { output, drawn } = transform.run(noise, random(seed));
      const { rt60Sec, directToReverberantDb, preDelaySec } = drawn as Record<string, number>;
      expect(rt60Sec! >= 0.3 && rt60Sec! <= 0.6).toBe(true);
      expect(directToReverberantDb! >= 0 && directToReverberantDb! <= 15).toBe(true);
      expect(preDelaySec! >= 0 && preDelaySec! <= 0.02).toBe(true);
      expect(transform.apply(noise, JSON.parse(JSON.stringify(drawn)))).toEqual(output);
      expect(reverb({ rt60Sec: [0.3, 0.6] })(noise, random(seed))).toEqual(output);
      seen.add(output.samples.join());
    }
    expect(seen.size).toBe(30);
    expect(noise.samples).toEqual(before);
  });

  it('is finite at any rate, of silence, one sample and the largest samples', () => {
    for (const sampleRate of [1000, 8000, 11025, 48000, 384000]) {
      for (const values of [[0, 0, 0, 0], [0.5], [-2], Array<number>(300).fill(3.4e38)]) {
        const samples = Float32Array.from(values);
        const out = reverb()({ samples, sampleRate }, random()).samples;
        expect(out.length).toBe(samples.length);
        expect(out.every(Number.isFinite)).toBe(true);
        if (values.length < 5) expect(out).toEqual(samples);
      }
    }
  });

  it('refuses rooms that there are not', () => {
    expect(() => reverb({ rt60Sec: 0 })).toThrow('reverb: rt60Sec expected >= 0.01');
    expect(() => reverb({ preDelaySec: -1 })).toThrow('reverb: preDelaySec expected >= 0');
    expect(() => reverb({ size: 3 } as never)).toThrow('unknown option "size" (known: rt60Sec,');
    expect(() => reverb(null as never)).toThrow('reverb: options expected object, got null');
    expect(() => reverb().apply(whiteNoise(9), { rt60Sec: 99 } as never)).toThrow('reverb.apply: drawn');
  });
});

describe('reverb() with responses that are given', () => {
  const response = (samples: number[], sampleRate = 16000): Waveform => ({
    samples: Float32Array.from(samples),
    sampleRate,
  });
  const given = (one: Waveform, options: ReverbOptions = {}) => reverb({ responses: { one }, ...options });

  it('convolves with them, the main peak at delay 0', () => {
    const noise = whiteNoise(500);
    const taps = [0.1, 0, -1, 0.5, 0.25];
    const out = given(response(taps), { keepLevel: false })(noise, random()).samples;
    const x = (n: number): number => noise.samples[n] ?? 0;
    out.forEach((y, n) => {
      expect(y).toBeCloseTo(0.1 * x(n + 2) - x(n) + 0.5 * x(n - 1) + 0.25 * x(n - 2), 6);
    });
    const level = given(response(taps))(noise, random()).samples;
    expect(power(level) / power(noise.samples)).toBeCloseTo(1, 5);
  });

  it('resamples those of another rate, and keeps their gain', () => {
    const taps = new Float32Array(4410);
    for (let i = 0; i < taps.length; i++) taps[i] = Math.exp(-i / 300) * Math.cos(0.05 * i);
    const tone = sine(440, { sampleRate: 44100 });
    const slow = sine(440, { sampleRate: 16000 });
    const transform = given({ samples: taps, sampleRate: 44100 }, { keepLevel: false });
    const expected = gainAt(440, tone, transform(tone, random()));
    expect(Math.abs(expected)).toBeGreaterThan(3);
    expect(gainAt(440, slow, transform(slow, random()))).toBeCloseTo(expected, 1);
    // Shorter than one sample of the new rate.
    const click = given(response([1], 48000))(slow, random()).samples;
    expect(power(click) / power(slow.samples)).toBeCloseTo(1, 5);
  });

  it.each([
    [16000, 48000],
    [16000, 44100],
    [44100, 48000],
    [48000, 16000],
  ])('keeps the gain of a direct sound at their first sample, from %i to %i Hz', (from, to) => {
    const click = new Float32Array(400);
    click[0] = 1;
    const transform = given({ samples: click, sampleRate: from }, { keepLevel: false });
    for (const hz of [440, 3000]) {
      const tone = sine(hz, { sampleRate: to });
      expect(Math.abs(gainAt(hz, tone, transform(tone, random())))).toBeLessThan(0.05);
    }
  });

  it('chooses among them, by names that JSON holds', () => {
    const recordings = { near: response([1, 0.1]), far: response([0.2, 1, 0.7]), other: response([1]) };
    const { near, far } = recordings;
    const transform = reverb({ responses: { near, far } });
    const json = JSON.parse(JSON.stringify(transform));
    expect(json).toEqual({ transform: 'reverb', responses: ['near', 'far'], keepLevel: true });
    const again = parseTransform(json, { recordings });
    const noise = whiteNoise(300);
    const counts = { near: 0, far: 0 };
    for (let seed = 0; seed < 200; seed++) {
      const { output, drawn } = transform.run(noise, random(seed));
      counts[(drawn as { response: 'near' | 'far' }).response]++;
      expect(again.apply(noise, JSON.parse(JSON.stringify(drawn)))).toEqual(output);
      expect(again(noise, random(seed))).toEqual(output);
    }
    expect(Math.min(counts.near, counts.far)).toBeGreaterThan(70);
    expect(() => parseTransform(json, { recordings: { near } })).toThrow(
      'parseTransform: reverb: responses expected names of options.recordings (near), got "far"',
    );
    expect(() => parseTransform({ transform: 'reverb', responses: 'near' }, { recordings })).toThrow('a list of names');
  });

  it('refuses those that are none, and options of the other kind', () => {
    expect(() => reverb({ responses: {} })).toThrow('reverb: responses expected at least one, got');
    expect(() => given(response([0, 0]))).toThrow('reverb: responses.one expected a response, got silence');
    expect(() => given(response([Number.NaN]))).toThrow('reverb: responses.one: samples expected finite numbers');
    expect(() => given(3 as never)).toThrow('reverb: responses.one: waveform expected');
    expect(() => given(response([1]), { rt60Sec: 1 })).toThrow(
      'unknown option "rt60Sec" (known: responses, keepLevel)',
    );
    expect(() => given(response([1])).apply(whiteNoise(9), { response: 'two' })).toThrow('"one"');
  });
});
