import { describe, expect, it } from 'vitest';
import { muLaw, parseTransform } from '../../src/augment/index.ts';
import { createRandom } from '../../src/core/random.ts';
import { filtersFixture, power, sine, unpack } from './filter-support.ts';

const random = () => createRandom(1);
const through = (...samples: number[]): number[] =>
  Array.from(muLaw()({ samples: Float32Array.from(samples), sampleRate: 8000 }, random()).samples);

describe('muLaw()', () => {
  it("gives what Python's audioop gives, for each of the 16,384 numbers of G.711's scale", () => {
    const { first, output } = filtersFixture().muLaw;
    const begins = new Int16Array(unpack(first));
    const outputs = new Int16Array(unpack(output));
    const expected = new Float32Array(16384);
    begins.forEach((begin, i) => {
      expected.fill(outputs[i]! / 8192, begin + 8192, (begins[i + 1] ?? 8192) + 8192);
    });
    const samples = Float32Array.from({ length: 16384 }, (_, i) => (i - 8192) / 8192);
    const actual = muLaw()({ samples, sampleRate: 8000 }, random()).samples;
    expect(actual.every((x, i) => x === expected[i])).toBe(true);
    expect(new Set(actual).size).toBe(255);
  });

  it("has the outputs of G.711's table between its decision values, alike on both sides of 0", () => {
    // From table 2: decision values 0, 1, 3, ..., 31, 35, ..., 4063, 4319, ..., 7903; outputs 0, 2, ..., 33, ..., 4191, ..., 8031.
    const cases = [
      [0.99, 0],
      [1, 2],
      [2.99, 2],
      [30.9, 30],
      [31, 33],
      [34.9, 33],
      [4063, 4191],
      [4318.9, 4191],
      [7903, 8031],
      [8158, 8031],
    ];
    for (const [input, output] of cases as [number, number][]) {
      expect(through(input / 8192)).toEqual([output / 8192]);
      expect(through(-input / 8192)[0]).toBeCloseTo(-output / 8192, 12);
    }
  });

  it('clips beyond [-1, 1]', () => {
    expect(through(1, 1.5, 1e30, -1, -7)).toEqual([1, 1, 1, -1, -1].map((sign) => (sign * 8031) / 8192));
  });

  it('changes nothing the second time, and leaves silence silent', () => {
    const tone = sine(440);
    const once = muLaw()(tone, random());
    expect(muLaw()(once, random())).toEqual(once);
    expect(once.samples).not.toEqual(tone.samples);
    expect(through(0, -0, 0)).toEqual([0, 0, 0]);
  });

  it('keeps its noise 35 to 40 dB under tones that differ by 30 dB', () => {
    for (const amplitude of [0.9, 0.3, 0.1, 0.03]) {
      const tone = sine(443.7, { amplitude });
      const noise = muLaw()(tone, random()).samples.map((y, i) => y - tone.samples[i]!);
      const snrDb = 10 * Math.log10(power(tone.samples) / power(noise));
      expect(snrDb).toBeGreaterThan(35);
      expect(snrDb).toBeLessThan(40);
    }
  });

  it('goes over JSON, and refuses options', () => {
    const tone = sine(440);
    const transform = parseTransform(JSON.parse(JSON.stringify(muLaw())));
    const { output, drawn } = transform.run(tone, random());
    expect(transform.apply(tone, JSON.parse(JSON.stringify(drawn)))).toEqual(output);
    expect(() => muLaw({ bits: 8 } as never)).toThrow('muLaw: unknown option "bits"');
  });
});
