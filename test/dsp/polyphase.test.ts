import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { resample } from '../../src/audio/resample.ts';
import { polyphase, type Ratio } from '../../src/dsp/kernel/polyphase.ts';
import { expectCompiled } from '../support/compiled.ts';

/** Numbers of all sizes, both zeros among them. */
function numbers(length: number, seed: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const value = (state / 2 ** 32 - 0.5) * 2 ** ((state >>> 5) % 40);
    return state % 7 === 0 ? Math.sign(value) * 0 : value;
  });
}

/** What the kernel promises, sum by sum. */
function expected({ up, down, taps, rows }: Ratio, phase: number, inputs: Float64Array, at: number, n: number) {
  return Float32Array.from({ length: n }, (_, i) => {
    const place = phase + i * down;
    const [h, x] = [(place % up) * taps, at + Math.floor(place / up)];
    let sum = 0;
    for (let tap = 0; tap < taps; tap += 2) {
      sum += rows[h + tap]! * inputs[x + tap]! + rows[h + tap + 1]! * inputs[x + tap + 1]!;
    }
    return sum;
  });
}

const bits = (values: Float32Array) => new Uint32Array(values.buffer);

describe('polyphase-bytes.ts', () => {
  it('is what its source compiles to', () => expectCompiled('polyphase'), 60_000);
});

describe('polyphase', () => {
  const ratio = (up: number, down: number, taps: number): Ratio => {
    return { up, down, taps, rows: numbers(up * taps, up + down) };
  };

  it('sums in the order of the formula, bit by bit, for any ratio, place and length', () => {
    const sizes = fc.record({
      up: fc.integer({ min: 1, max: 50 }),
      down: fc.integer({ min: 1, max: 50 }),
      half: fc.integer({ min: 1, max: 20 }),
      phase: fc.nat(49),
      at: fc.nat(9),
      n: fc.integer({ min: 100, max: 1500 }),
    });
    fc.assert(
      fc.property(sizes, ({ up, down, half, phase, at, n }) => {
        const of = ratio(up, down, 2 * half);
        const first = phase % up;
        const inputs = numbers(at + Math.floor((first + (n - 1) * down) / up) + of.taps, n);
        const out = new Float32Array(n);
        expect(polyphase(of, first, inputs, at, n, out)).toBe(true);
        expect(bits(out)).toEqual(bits(expected(of, first, inputs, at, n)));
      }),
    );
  });

  it('goes on from call to call of its memory, and two tables in turn give what each gives alone', () => {
    const [a, b] = [ratio(1, 3, 384), ratio(640, 441, 128)];
    for (const of of [a, b, b, a]) {
      const n = 60_000;
      const inputs = numbers(Math.ceil((n * of.down) / of.up) + of.taps, 1);
      const out = new Float32Array(n);
      expect(polyphase(of, 0, inputs, 0, n, out)).toBe(true);
      expect(bits(out)).toEqual(bits(expected(of, 0, inputs, 0, n)));
    }
  });

  it('leaves to JavaScript what is too short for it', () => {
    expect(polyphase(ratio(640, 441, 128), 0, numbers(1000, 1), 0, 640, new Float32Array(640))).toBe(false);
  });
});

describe('resample, where WebAssembly does not run', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  it.each([
    [11025, 16000],
    [44100, 16000],
    [48000, 16000],
    [16000, 8000],
    [16000, 44100],
    [384000, 1000],
  ])('gives the same bytes from %i to %i Hz', async (from, to) => {
    const clip = { samples: Float32Array.from(numbers(30_000, 3)), sampleRate: from };
    const fast = resample(clip, to).samples;
    vi.resetModules();
    vi.stubGlobal('WebAssembly', undefined);
    const { resample: plain } = await import('../../src/audio/resample.ts');
    const { polyphase: absent } = await import('../../src/dsp/kernel/polyphase.ts');
    expect(absent(ratioOfOne, 0, numbers(100, 1), 0, 50, new Float32Array(50))).toBe(false);
    expect(bits(plain(clip, to).samples)).toEqual(bits(fast));
  });
});

const ratioOfOne: Ratio = { up: 1, down: 1, taps: 2, rows: numbers(2, 1) };
