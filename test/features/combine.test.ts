import { describe, expect, it } from 'vitest';
import type { FeatureMatrix } from '../../src/core/feature-matrix.ts';
import { asMatrix, deltas, type JoinableVector, join, stack } from '../../src/features/index.ts';

const matrix = (dims: number, values: readonly number[], names?: string[]): FeatureMatrix => ({
  data: Float32Array.from(values),
  frames: values.length / dims,
  dims,
  ...(names && { names }),
});
const near = (values: readonly number[], digits = 6) => values.map((x) => expect.closeTo(x, digits));

describe('deltas', () => {
  it('of a line is its slope, and the second of a parabola its curvature, up to the ends', () => {
    const line = matrix(
      2,
      Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? 3 * (i >> 1) : -(i >> 1))),
    );
    expect(Array.from(deltas(line).data)).toEqual(near(Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? 3 : -1))));
    const parabola = matrix(
      1,
      Array.from({ length: 9 }, (_, t) => 5 * t * t - t),
    );
    expect(Array.from(deltas(parabola, { order: 2 }).data)).toEqual(near(new Array(9).fill(10), 4));
  });

  it('names what it made', () => {
    const m = matrix(1, new Array(9).fill(0), ['rms']);
    expect(deltas(m).names).toEqual(['delta rms']);
    expect(deltas(m, { order: 2 }).names).toEqual(['delta2 rms']);
    expect(deltas(matrix(1, new Array(9).fill(0)))).not.toHaveProperty('names');
  });

  it('refuses too few frames, even and small widths, other orders, unknown options, NaN', () => {
    const m = matrix(1, new Array(8).fill(0));
    expect(() => deltas(m)).toThrow(
      expect.objectContaining({ code: 'too-short', message: 'deltas: expected at least width = 9 frames, got 8' }),
    );
    expect(() => deltas(m, { width: 4 })).toThrow(/width expected an odd number, got 4/);
    expect(() => deltas(m, { width: 1 })).toThrow(/width expected >= 3, got 1/);
    expect(() => deltas(m, { order: 3 as never })).toThrow(/order expected 1 \| 2, got 3/);
    expect(() => deltas(m, { mode: 'nearest' } as never)).toThrow(/unknown option "mode"/);
    expect(() => deltas(matrix(1, new Array(9).fill(Number.NaN)))).toThrow(
      expect.objectContaining({ code: 'not-finite' }),
    );
  });
});

describe('stack', () => {
  it('puts frames side by side in the order given, with their names', () => {
    const stacked = stack([matrix(2, [1, 2, 3, 4], ['a', 'b']), matrix(1, [5, 6], ['c'])]);
    expect(stacked).toEqual(matrix(3, [1, 2, 5, 3, 4, 6], ['a', 'b', 'c']));
    expect(stack([matrix(2, [1, 2], ['a', 'b']), matrix(1, [5])])).not.toHaveProperty('names');
    expect(stack([matrix(1, [])])).toEqual(matrix(1, []));
  });

  it('says that frame rates differ where the frames do by far, and that hops or centring do where they do by few', () => {
    const of = (frames: number) => matrix(1, new Array(frames).fill(0));
    expect(() => stack([of(301), of(150), of(301)])).toThrow(
      'stack: expected equally many frames, got 301, 150, 301: their frame rates differ, about 2.0 to 1; give every feature the same hopLength',
    );
    expect(() => stack([of(301), of(298)])).toThrow(/got 301, 298; give every feature the same hopLength and center$/);
  });

  it('refuses unequal frames, nothing, and what is no matrix', () => {
    expect(() => stack([matrix(1, [1, 2]), matrix(1, [1, 2, 3])])).toThrow(
      'stack: expected equally many frames, got 2, 3; give every feature the same hopLength and center',
    );
    expect(() => stack([])).toThrow(expect.objectContaining({ code: 'empty' }));
    expect(() => stack(undefined as never)).toThrow(expect.objectContaining({ code: 'bad-input' }));
    expect(() => stack([{ data: [1], frames: 1, dims: 1 } as never])).toThrow(
      expect.objectContaining({ code: 'bad-input' }),
    );
  });
});

describe('join', () => {
  it('puts vectors end to end in the order given, and names what has no name by its place', () => {
    const named = { values: Float32Array.of(1, 2), names: ['mean f0', 'mean rms'] };
    const unnamed = { values: Float32Array.of(6) };
    expect(join([named, Float32Array.of(3, 4, 5), unnamed])).toEqual({
      values: Float32Array.of(1, 2, 3, 4, 5, 6),
      names: ['mean f0', 'mean rms', 'vector1[0]', 'vector1[1]', 'vector1[2]', 'vector2[0]'],
    });
    expect(join([named])).toEqual(named);
  });

  it('gives numbers of its own', () => {
    const values = Float32Array.of(1);
    const [joined, asOne] = [join([values]), asMatrix(values)];
    values[0] = 2;
    expect([joined.values[0], asOne.data[0]]).toEqual([1, 1]);
  });

  it.each<[string, unknown, string, string | RegExp]>([
    ['nothing', [], 'empty', 'join: expected at least one vector, got none'],
    ['what is no list', undefined, 'bad-input', 'join: expected an array of vectors, got undefined'],
    ['plain arrays', [[1, 2]], 'bad-input', /^join: vectors\[0\] expected \{ values, names \} or a Float32Array, got/],
    ['null', [null], 'bad-input', /vectors\[0\] expected .* got null/],
    [
      'a vector without values',
      [new Float32Array(0)],
      'empty',
      'join: vectors[0] expected at least one value, got none',
    ],
    ['NaN', [new Float32Array(1), Float32Array.of(0, Number.NaN)], 'not-finite', /vectors\[1\] .* got NaN at 1/],
    [
      'names that are not as many',
      [{ values: new Float32Array(2), names: ['a'] }],
      'bad-input',
      'join: vectors[0].names expected 2 names, got ["a"]',
    ],
  ])('refuses %s', (_, vectors, code, message) => {
    expect(() => join(vectors as JoinableVector[])).toThrow(
      expect.objectContaining({
        code,
        message: typeof message === 'string' ? message : expect.stringMatching(message),
      }),
    );
  });
});

describe('asMatrix', () => {
  it('makes a vector a matrix of one frame', () => {
    expect(asMatrix({ values: Float32Array.of(1, 2), names: ['a', 'b'] })).toEqual(matrix(2, [1, 2], ['a', 'b']));
    expect(asMatrix(Float32Array.of(7))).toEqual(matrix(1, [7], ['vector0[0]']));
    expect(() => asMatrix(new Float32Array(0))).toThrow('asMatrix: vector expected at least one value, got none');
  });
});
