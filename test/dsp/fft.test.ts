import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.ts';
import { createComplexFft, RealFft } from '../../src/dsp/fft.ts';
import { WindowedPower } from '../../src/dsp/windowed-power.ts';

/** The definition, with the angle reduced so that it is exact to rounding. */
function definition(input: Float64Array): Float64Array {
  const size = input.length / 2;
  const output = new Float64Array(2 * size);
  for (let k = 0; k < size; k++) {
    for (let n = 0; n < size; n++) {
      const angle = (-2 * Math.PI * ((k * n) % size)) / size;
      output[2 * k] += input[2 * n] * Math.cos(angle) - input[2 * n + 1] * Math.sin(angle);
      output[2 * k + 1] += input[2 * n] * Math.sin(angle) + input[2 * n + 1] * Math.cos(angle);
    }
  }
  return output;
}

function noise(length: number, seed: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length }, () => random() - 0.5);
}

function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((largest, x, i) => Math.max(largest, Math.abs(x - b[i])), 0);
}

describe('createComplexFft', () => {
  const sizes = [
    ...Array.from({ length: 130 }, (_, i) => i + 1),
    200,
    243,
    251,
    256,
    360,
    400,
    509,
    512,
    600,
    625,
    1024,
  ];

  it('agrees with the definition to 1e-12 at every size up to 130 and at larger powers, products and primes', () => {
    for (const size of sizes) {
      const input = noise(2 * size, size);
      const output = new Float64Array(2 * size);
      createComplexFft(size).run(input, output);
      expect(largestDifference(output, definition(input)), `size ${size}`).toBeLessThan(1e-12);
    }
  });

  it('leaves its input as it is and gives the same output twice', () => {
    for (const size of [1, 8, 16, 60, 101]) {
      const input = noise(2 * size, 7);
      const before = input.slice();
      const transform = createComplexFft(size);
      const first = new Float64Array(2 * size);
      const second = new Float64Array(2 * size);
      transform.run(input, first);
      transform.run(input, second);
      expect(input).toEqual(before);
      expect(second).toEqual(first);
    }
  });
});

describe('RealFft', () => {
  const sizes = [2, 3, 4, 5, 6, 7, 9, 10, 15, 22, 64, 94, 101, 202, 400, 441, 512, 1103, 2048];

  it('gives the first half of the complex spectrum, and its power, at even, odd and prime sizes', () => {
    for (const size of sizes) {
      const input = noise(size, size);
      const complex = new Float64Array(2 * size);
      for (let n = 0; n < size; n++) complex[2 * n] = input[n];
      const fft = new RealFft(size);
      const expected = definition(complex).subarray(0, 2 * fft.bins);
      const spectrum = new Float64Array(2 * fft.bins);
      const power = new Float64Array(fft.bins);
      fft.spectrum(input, spectrum);
      fft.power(input, power);
      expect(fft.bins).toBe(Math.floor(size / 2) + 1);
      expect(largestDifference(spectrum, expected), `spectrum of ${size}`).toBeLessThan(2e-12);
      const squares = Float64Array.from(power, (_, k) => expected[2 * k] ** 2 + expected[2 * k + 1] ** 2);
      expect(largestDifference(power, squares), `power of ${size}`).toBeLessThan(1e-10);
    }
  });

  it('keeps a weak bin right beside a strong one at the mirrored place', () => {
    // 1 at bin 3 and 1e-9 at bin 29 of 64: the two share one value of the half-length transform.
    const size = 64;
    const wave = (k: number, n: number): number => Math.cos((2 * Math.PI * k * n) / size);
    const input = Float64Array.from({ length: size }, (_, n) => wave(3, n) + 1e-9 * wave(29, n));
    const power = new Float64Array(33);
    new RealFft(size).power(input, power);
    expect(Math.sqrt(power[29]) / 32 / 1e-9).toBeCloseTo(1, 5);
  });

  it.each([1, 0, -4, 2.5, Number.NaN])('refuses the size %s', (size) => {
    expect(() => new RealFft(size)).toThrow(/RealFft: size expected a whole number >= 2, got/);
  });
});

describe('WindowedPower', () => {
  // Middle passes: none, [8], [8, 8], [3], [5].
  const sizes = [64, 512, 4096, 192, 320];

  it("gives RealFft's powers of the weighted frame, with windows of half the size and longer", () => {
    for (const size of sizes) {
      for (const length of [size / 2, (3 * size) / 4 + 2, size - 2, size]) {
        expect(WindowedPower.takes(size, length), `${size}, ${length}`).toBe(true);
        const window = noise(length, size);
        const samples = Float32Array.from(noise(length + 7, length));
        const frame = new Float64Array(size);
        for (let n = 0; n < length; n++) frame[n] = window[n] * samples[n + 7];
        const expected = new Float64Array(size / 2 + 1);
        new RealFft(size).power(frame, expected);
        const power = new Float64Array(size / 2 + 1);
        const windowedPower = new WindowedPower(size, window);
        for (let times = 0; times < 2; times++) {
          // Samples before the frame do not count, and there are none behind it to read.
          windowedPower.run(samples, 7, power);
          expect(largestDifference(power, expected), `${size}, ${length}`).toBeLessThan(1e-11);
        }
      }
    }
  });

  it('does not take odd windows, windows shorter than half the size, and sizes that its passes do not fit', () => {
    for (const [size, length] of [
      [512, 401],
      [512, 254],
      [400, 400],
      [1024, 1024],
      [2048, 2048],
      [48, 48],
      [32, 32],
      [511, 400],
    ]) {
      expect(WindowedPower.takes(size, length), `${size}, ${length}`).toBe(false);
    }
  });

  it('keeps a weak bin right beside a strong one at the mirrored place', () => {
    const wave = (k: number, n: number): number => Math.cos((2 * Math.PI * k * n) / 512);
    const window = Float64Array.from({ length: 512 }, (_, n) => wave(3, n) + 1e-9 * wave(253, n));
    const power = new Float64Array(257);
    new WindowedPower(512, window).run(new Float32Array(512).fill(1), 0, power);
    expect(Math.sqrt(power[253]) / 256 / 1e-9).toBeCloseTo(1, 5);
  });
});
