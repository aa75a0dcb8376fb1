import { expect, it } from 'vitest';

const script = new URL('../../scripts/browser-answer.mjs', import.meta.url).href;
const { apart, passes } = await import(/* @vite-ignore */ script);

/** As check-browser.mjs receives it. */
const posted = (answer: object): unknown => JSON.parse(JSON.stringify(answer));
const compare = (actual: number[][], expected: number[][]): unknown =>
  posted({ about: 'wasm', checks: [{ title: 'LSTM', difference: apart(actual, expected), tolerance: 1e-5 }] });

it('a page that checks a browser passes where all differences are within their tolerance', () => {
  expect(passes(compare([[1, 2], [3]], [[1, 2 + 1e-6], [3]]))).toBe(true);
  expect(passes(compare([[1, 2], [3]], [[1, 2.1], [3]]))).toBe(false);
});

it('a page that checks a browser fails where a number is none, or is missing', () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(passes(compare([[1, bad, 1]], [[1, 1, 1]]))).toBe(false);
    expect(passes(compare([[1, 1, 1]], [[1, bad, 1]]))).toBe(false);
  }
  expect(passes(compare([[1]], [[1, 2]]))).toBe(false);
  expect(passes(compare([[1, 2]], [[1]]))).toBe(false);
  expect(passes(compare([], [[1]]))).toBe(false);
});

it('a page that checks a browser fails where it checked nothing, or ended with an error', () => {
  expect(passes(posted({ about: 'wasm', checks: [] }))).toBe(false);
  expect(passes(posted({ about: 'wasm' }))).toBe(false);
  expect(passes(posted({ error: 'no answer' }))).toBe(false);
});
