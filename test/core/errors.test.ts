import { describe, expect, it } from 'vitest';
import { isSerKitError, quote, SerKitError } from '../../src/core/errors.ts';

describe('quote', () => {
  it.each([
    ['text', '"text"'],
    ['two\nlines', '"two\\nlines"'],
    ['x'.repeat(70), `"${'x'.repeat(57)}..."`],
    [1.5, '1.5'],
    [Number.NaN, 'NaN'],
    [-Infinity, '-Infinity'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'undefined'],
    [12n, '12n'],
    [Symbol('s'), 'Symbol(s)'],
    [() => {}, 'function (anonymous)'],
    [parseInt, 'function parseInt'],
    [new Float32Array(3), 'Float32Array(3)'],
    [new DataView(new ArrayBuffer(5)), 'DataView(5)'],
    [new ArrayBuffer(4), 'ArrayBuffer(4)'],
    [[1, 'a', Number.NaN], '[1,"a",NaN]'],
    [[1n, [2]], '[1n,[...]]'],
    [new Array(29).fill(7), `[${new Array(29).fill(7)}]`],
    [new Array(30).fill(7), 'an array of 30'],
    [new Array(99).fill(7), 'an array of 99'],
    [new Map(), 'a Map'],
    [{}, 'an object with keys (none)'],
    [{ a: 1, b: 2 }, 'an object with keys a, b'],
    [Object.create(null), 'an object with keys (none)'],
  ])('of %o is short and on one line', (value, text) => {
    expect(quote(value)).toBe(text);
  });

  it('of an array that holds itself ends', () => {
    const array: unknown[] = [1];
    array.push(array);
    expect(quote(array)).toBe('[1,[...]]');
  });
});

describe('SerKitError', () => {
  it('keeps its code and the error underneath', () => {
    const cause = new Error('underneath');
    const error = new SerKitError('not-found', 'x: expected a file', { cause });
    expect(error).toMatchObject({ name: 'SerKitError', code: 'not-found', message: 'x: expected a file', cause });
    expect(error).toBeInstanceOf(Error);
  });

  it('is known also when a second copy of the package threw it', () => {
    const foreign = Object.assign(new Error('x'), { name: 'SerKitError', code: 'empty' });
    expect(isSerKitError(foreign)).toBe(true);
    expect(isSerKitError(new SerKitError('empty', 'x'))).toBe(true);
    expect(isSerKitError(Object.assign(new Error('x'), { code: 'ENOENT' }))).toBe(false);
    expect(isSerKitError({ name: 'SerKitError', code: 'empty' })).toBe(false);
  });
});
