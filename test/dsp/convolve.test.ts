import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.ts';
import { Convolver } from '../../src/dsp/convolve.ts';
import { filtersFixture, pseudoNumbers, unpack } from '../augment/filter-support.ts';

/** By the definition. */
function direct(signal: Float64Array, response: Float64Array, offset: number, length: number): Float64Array {
  const out = new Float64Array(length);
  for (let n = 0; n < length; n++) {
    for (let k = 0; k < response.length; k++) out[n]! += response[k]! * (signal[n + offset - k] ?? 0);
  }
  return out;
}

function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);
}

describe('Convolver', () => {
  it("gives numpy.convolve's numbers", () => {
    const convolver = new Convolver();
    for (const { signal, response, output } of filtersFixture().convolutions) {
      const expected = new Float64Array(unpack(output));
      const actual = new Float64Array(signal + response - 1).fill(7);
      convolver.convolve(pseudoNumbers(signal), pseudoNumbers(response, 48271), 0, actual);
      expect(largestDifference(actual, expected)).toBeLessThan(1e-12);
    }
  });

  it('gives what the definition gives, at any lengths, offsets and parts', () => {
    const random = createRandom(5);
    const upTo = (most: number): number => Math.floor(most ** random());
    const convolver = new Convolver();
    for (let turn = 0; turn < 150; turn++) {
      const signal = pseudoNumbers(upTo(3000));
      const response = pseudoNumbers(upTo(1500), 48271);
      const offset = random() < 0.3 ? 0 : Math.floor(random() * (response.length + signal.length));
      const actual = new Float64Array(upTo(4000));
      convolver.convolve(signal, response, offset, actual);
      expect(largestDifference(actual, direct(signal, response, offset, actual.length))).toBeLessThan(1e-11);
    }
  });

  it('works through a long signal in many blocks', () => {
    const signal = pseudoNumbers(50000);
    const response = pseudoNumbers(65, 48271);
    const actual = new Float64Array(signal.length);
    new Convolver().convolve(signal, response, 3, actual);
    expect(largestDifference(actual, direct(signal, response, 3, signal.length))).toBeLessThan(1e-11);
  });
});
