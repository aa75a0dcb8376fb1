import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.ts';
import { RealFft } from '../../src/dsp/fft.ts';
import { InverseRealFft } from '../../src/dsp/inverse-fft.ts';
import { errorOf } from '../support/error-of.ts';

function noise(length: number, seed: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length }, () => random() - 0.5);
}

function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((largest, x, i) => Math.max(largest, Math.abs(x - b[i]!)), 0);
}

/** The definition; imaginary parts at 0 Hz and at half the rate have no say. */
function definition(spectrum: Float64Array, size: number): Float64Array {
  const bins = Math.floor(size / 2) + 1;
  return Float64Array.from({ length: size }, (_, n) => {
    let sum = 0;
    for (let k = 0; k < bins; k++) {
      const alone = k === 0 || 2 * k === size;
      const angle = (2 * Math.PI * ((k * n) % size)) / size;
      const re = spectrum[2 * k]! * Math.cos(angle);
      sum += alone ? re : 2 * (re - spectrum[2 * k + 1]! * Math.sin(angle));
    }
    return sum / size;
  });
}

describe('InverseRealFft', () => {
  const sizes = [...Array.from({ length: 69 }, (_, i) => i + 2), 101, 202, 441, 512, 640, 1000, 2048];

  it('agrees with the definition to 1e-13, at even, odd and prime sizes', () => {
    for (const size of sizes) {
      const spectrum = noise(2 * (Math.floor(size / 2) + 1), size);
      const before = spectrum.slice();
      const output = new Float64Array(size);
      new InverseRealFft(size).frame(spectrum, output);
      expect(largestDifference(output, definition(spectrum, size)), `size ${size}`).toBeLessThan(1e-13);
      expect(spectrum).toEqual(before);
    }
  });

  it('undoes RealFft to 1e-14', () => {
    for (const size of sizes) {
      const frame = noise(size, size);
      const forward = new RealFft(size);
      const spectrum = new Float64Array(2 * forward.bins);
      forward.spectrum(frame, spectrum);
      const back = new Float64Array(size);
      new InverseRealFft(size).frame(spectrum, back);
      expect(largestDifference(back, frame), `size ${size}`).toBeLessThan(1e-14);
    }
  });

  it('refuses sizes that are no whole number from 2 on', () => {
    for (const size of [1, 0, 2.5, Number.NaN]) {
      expect(errorOf(() => new InverseRealFft(size)).message).toContain('InverseRealFft: size expected');
    }
  });
});
