import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeWav } from '../../src/audio/wav-reader.ts';
import { coloredNoise, type NoiseColor } from '../../src/augment/colored-noise.ts';
import { GaussianSource } from '../../src/augment/gaussian-source.ts';
import { addNoise, parseTransform } from '../../src/augment/index.ts';
import { createRandom } from '../../src/core/random.ts';
import type { Waveform } from '../../src/core/waveform.ts';
import { RealFft } from '../../src/dsp/fft.ts';
import { corporaFolder } from '../support/corpora.ts';

const COLORS: readonly NoiseColor[] = ['white', 'pink', 'brown'];

/** Vowel-like: harmonics of 140 Hz in bursts, with pauses between, at a level. */
function voice(length: number, sampleRate: number, level = 0.3): Waveform {
  const samples = Float32Array.from({ length }, (_, n) => {
    const t = (n + 1) / sampleRate;
    const burst = Math.max(0, Math.sin(2 * Math.PI * 2 * t + 0.1));
    return level * burst * (Math.sin(2 * Math.PI * 140 * t) + 0.5 * Math.sin(2 * Math.PI * 420 * t));
  });
  return { samples, sampleRate };
}

/** 10 log10(P(clip) / P(noisy - clip)), summed here by itself, the plain way. */
function measuredSnrDb(clip: Waveform, noisy: Waveform): number {
  let signal = 0;
  let noise = 0;
  clip.samples.forEach((x, i) => {
    signal += x * x;
    noise += (noisy.samples[i]! - x) ** 2;
  });
  return 10 * Math.log10(signal / noise);
}

function worstError(clips: readonly Waveform[], ratios: readonly number[]): number {
  let worst = 0;
  clips.forEach((clip, i) => {
    for (const snrDb of ratios) {
      const color = COLORS[i % 3]!;
      const noisy = addNoise({ color, snrDb })(clip, createRandom(i));
      expect(noisy.samples.length).toBe(clip.samples.length);
      worst = Math.max(worst, Math.abs(measuredSnrDb(clip, noisy) - snrDb));
    }
  });
  return worst;
}

/** Mean power per Hz in the bands between the edges (Hz), by Hann-windowed spectra over half-overlapping frames. */
function bandPowers(samples: Float32Array, sampleRate: number, edges: readonly number[]): number[] {
  const size = 2 ** Math.round(Math.log2(sampleRate / 5));
  const fft = new RealFft(size);
  const frame = new Float64Array(size);
  const power = new Float64Array(fft.bins);
  const total = new Float64Array(fft.bins);
  for (let at = 0; at + size <= samples.length; at += size / 2) {
    for (let i = 0; i < size; i++) frame[i] = samples[at + i]! * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));
    fft.power(frame, power);
    for (let k = 0; k < fft.bins; k++) total[k]! += power[k]!;
  }
  return edges.slice(1).map((high, i) => {
    let sum = 0;
    let count = 0;
    for (let k = Math.ceil((edges[i]! * size) / sampleRate); (k * sampleRate) / size < high; k++, count++) {
      sum += total[k]!;
    }
    return sum / count;
  });
}

/** The slope in dB an octave of a line through octave bands' powers, and how far the bands lie off that colour's law. */
function slope(color: NoiseColor, sampleRate: number, top: number): { dbPerOctave: number; worstDb: number } {
  const edges = [50, 100, 200, 400, 800, 1600, 3200, 6400, 12800].filter((hz) => hz < top * 0.8).concat(top);
  const powers = bandPowers(coloredNoise(color, 60 * sampleRate, sampleRate, 9), sampleRate, edges);
  const exponent = COLORS.indexOf(color);
  // The mean of 1/f^a over a band, and the frequency at which it has it.
  const mean = (low: number, high: number): number =>
    [high - low, Math.log(high / low), 1 / low - 1 / high][exponent]! / (high - low);
  const law = edges.slice(1).map((high, i) => mean(edges[i]!, high));
  const off = powers.map((power, i) => 10 * Math.log10(power / law[i]!));
  const middle = [...off].sort((a, b) => a - b)[off.length >> 1]!;
  const x = edges.slice(1).map((high, i) => Math.log2(Math.sqrt(high * edges[i]!)));
  const mx = x.reduce((a, b) => a + b) / x.length;
  const tilt =
    x.reduce((sum, each, i) => sum + (each - mx) * off[i]!, 0) / x.reduce((sum, each) => sum + (each - mx) ** 2, 0);
  return {
    dbPerOctave: tilt - exponent * 10 * Math.log10(2),
    worstDb: Math.max(...off.map((db) => Math.abs(db - middle))),
  };
}

describe('addNoise() asked for a signal-to-noise ratio', () => {
  it('gives it within 0.01 dB, from one sample up, at any rate and level', () => {
    const clips = [
      voice(1, 16000),
      voice(2, 16000),
      voice(3, 8000),
      voice(4095, 11025),
      voice(48000, 16000),
      voice(16000, 44100, 1e-4),
      voice(9600, 48000, 30),
      voice(9600, 1000, 1e-30),
      voice(20000, 384000),
    ];
    for (let shift = 0; shift < 3; shift++) {
      const turned = clips.map((_, i) => clips[(i + shift) % clips.length]!);
      expect(worstError(turned, [-60, -10, 0, 9.75, 40, 80])).toBeLessThan(0.01);
    }
  });

  it('draws it evenly from the range, over the seeds', () => {
    const clip = voice(100, 16000);
    const values = Array.from({ length: 500 }, (_, seed) =>
      addNoise({ snrDb: [-10, 40] }).draw(clip, createRandom(seed)),
    );
    const mean = values.reduce((sum, { snrDb }) => sum + snrDb, 0) / 500;
    expect(Math.abs(mean - 15)).toBeLessThan(2.5);
    expect(Math.min(...values.map(({ snrDb }) => snrDb))).toBeGreaterThanOrEqual(-10);
    expect(Math.max(...values.map(({ snrDb }) => snrDb))).toBeLessThanOrEqual(40);
  });

  const corpora = corporaFolder();
  it.skipIf(corpora === undefined)('gives it over clips of CREMA-D and EmoDB', { timeout: 120_000 }, () => {
    for (const folder of ['cremad/AudioWAV', 'emodb/wav'].map((each) => join(corpora!, each))) {
      const names = readdirSync(folder).filter((name) => name.endsWith('.wav'));
      const some = Array.from({ length: 40 }, (_, i) => names[Math.floor((i * names.length) / 40)]!);
      const clips = some
        .map((name) => decodeWav(readFileSync(join(folder, name))))
        .filter(({ samples }) => samples.some((x) => x !== 0));
      expect(clips.length).toBeGreaterThan(30);
      expect(worstError(clips, [-10, 0, 7.3, 20, 40])).toBeLessThan(1e-3);
    }
  });
});

describe('the noise of addNoise()', () => {
  it('has the spectrum of its colour in Hz, whatever the rate', () => {
    for (const color of COLORS) {
      for (const [sampleRate, top] of [
        [16000, 7000],
        [11025, 4900],
        [44100, 7000],
        [44100, 19000],
        [8000, 3600],
      ] as const) {
        const { dbPerOctave, worstDb } = slope(color, sampleRate, top);
        const expected = -COLORS.indexOf(color) * 10 * Math.log10(2);
        expect(Math.abs(dbPerOctave - expected), `${color} at ${sampleRate} Hz: ${dbPerOctave} dB`).toBeLessThan(0.1);
        expect(worstDb, `${color} at ${sampleRate} Hz`).toBeLessThan(0.5);
      }
    }
  });

  it('does not drift, and is no softer at its beginning', () => {
    for (const color of COLORS) {
      let early = 0;
      let late = 0;
      for (let seed = 0; seed < 400; seed++) {
        const noise = coloredNoise(color, 4000, 16000, seed);
        for (let i = 0; i < 800; i++) {
          early += noise[i]! ** 2;
          late += noise[3200 + i]! ** 2;
        }
      }
      expect(Math.abs(10 * Math.log10(early / late)), color).toBeLessThan(0.8);
      const long = coloredNoise(color, 320000, 16000, 7);
      const mean = long.reduce((sum, x) => sum + x, 0) / long.length;
      const deviation = Math.sqrt(long.reduce((sum, x) => sum + x * x, 0) / long.length);
      expect(Math.abs(mean / deviation), color).toBeLessThan(color === 'white' ? 0.008 : 0.002);
    }
  });

  it('is gaussian: moments, tails and neighbours as they should be', () => {
    const values = new Float32Array(2_000_000);
    new GaussianSource(11).fill(values, 0, values.length);
    const moments = [0, 0, 0, 0, 0];
    let beyond = 0;
    let neighbours = 0;
    let previous = 0;
    for (const x of values) {
      for (let k = 1; k <= 4; k++) moments[k]! += x ** k / values.length;
      // Where the lowest strip's tail begins: 2.58e-4 of all lie farther out.
      if (Math.abs(x) > 3.6541528853610088) beyond++;
      neighbours += (x * previous) / values.length;
      previous = x;
    }
    expect(Math.abs(moments[1]!)).toBeLessThan(0.003);
    expect(Math.abs(moments[2]! - 1)).toBeLessThan(0.004);
    expect(Math.abs(moments[3]!)).toBeLessThan(0.009);
    expect(Math.abs(moments[4]! - 3)).toBeLessThan(0.03);
    expect(Math.abs(beyond / values.length / 2.58e-4 - 1)).toBeLessThan(0.15);
    expect(Math.abs(neighbours)).toBeLessThan(0.003);
  });

  it('is the same in whatever pieces the source is asked', () => {
    const whole = new Float32Array(5000);
    new GaussianSource(3).fill(whole, 0, 5000);
    const pieces = new Float32Array(5000);
    const source = new GaussianSource(3);
    for (let at = 0; at < 5000; at += 7) source.fill(pieces, at, Math.min(5000, at + 7));
    expect(pieces).toEqual(whole);
  });

  it('has the bits that it always had', () => {
    const values = new Float32Array(100_000);
    new GaussianSource(1).fill(values, 0, values.length);
    let hash = 0;
    for (const word of new Uint32Array(values.buffer)) hash = (Math.imul(hash, 31) + word) >>> 0;
    expect([values[0], hash]).toEqual([-0.5722910761833191, 2583745352]);
  });
});

describe('addNoise()', () => {
  it('gives the same bytes for the same seed, and for what was drawn, over JSON', () => {
    const clip = voice(3000, 16000);
    const before = clip.samples.slice();
    for (const color of COLORS) {
      const transform = addNoise({ color });
      expect(transform.toJSON()).toEqual({ transform: 'addNoise', color, snrDb: [5, 30] });
      const { output, drawn } = transform.run(clip, createRandom(5));
      expect(transform(clip, createRandom(5))).toEqual(output);
      expect(transform(clip, createRandom(6))).not.toEqual(output);
      expect(parseTransform(transform.toJSON()).apply(clip, JSON.parse(JSON.stringify(drawn)))).toEqual(output);
    }
    expect(clip.samples).toEqual(before);
  });

  it('leaves silence as it is, and stays finite at the ends of float32', () => {
    const silence = { samples: new Float32Array(100), sampleRate: 16000 };
    expect(addNoise()(silence, createRandom(1))).toBe(silence);
    for (const level of [3e38, 1e-45]) {
      const clip = { samples: new Float32Array(500).fill(level), sampleRate: 16000 };
      for (const color of COLORS) {
        expect(addNoise({ color, snrDb: -60 })(clip, createRandom(1)).samples.every(Number.isFinite)).toBe(true);
      }
    }
  });

  it('refuses what it does not know', () => {
    expect(() => addNoise({ color: 'blue' as never })).toThrow(
      'addNoise: color expected "white" | "pink" | "brown", got "blue"',
    );
    expect(() => addNoise({ snrDb: [10, 5] })).toThrow('addNoise: snrDb expected');
    expect(() => addNoise({ snrDb: 101 })).toThrow('addNoise: snrDb expected');
    expect(() => addNoise({ snr: 3 } as never)).toThrow('unknown option "snr" (known: color, snrDb)');
    expect(() => addNoise().apply(voice(9, 8000), { snrDb: 3, seed: -1 })).toThrow('addNoise.apply: drawn: seed');
  });
});
