// The answer that the page of check-browser.mjs posts, `{ error }` or `{ about, checks }`: its differences, and what is made of it.

/** The largest difference of two lists of arrays, as a share of the largest value where that is above 1; Infinity where there is none. */
export function apart(actual, expected) {
  const sizes = (lists) => JSON.stringify(lists.map((list) => list.length));
  let most = sizes(actual) === sizes(expected) ? 0 : Number.POSITIVE_INFINITY;
  let largest = 1;
  expected.forEach((list, i) => {
    list.forEach((value, j) => {
      const difference = Math.abs(value - (actual[i]?.[j] ?? Number.NaN));
      most = Number.isFinite(difference) ? Math.max(most, difference) : Number.POSITIVE_INFINITY;
      largest = Math.max(largest, Math.abs(value));
    });
  });
  return most / largest;
}

/** Whether a difference is a number, and within its tolerance. JSON makes null of NaN and Infinity, and null is below 1. */
export const holds = ({ difference, tolerance }) => Number.isFinite(difference) && difference <= tolerance;

/** Whether a page's answer is a pass: no error, and at least one check, all of which hold. */
export const passes = ({ error, checks = [] }) => error === undefined && checks.length > 0 && checks.every(holds);
