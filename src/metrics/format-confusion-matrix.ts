import type { ConfusionMatrix } from './confusion-matrix.ts';
import type { Label } from './labels.ts';
import { padStart, textWidth } from './text-width.ts';

/**
 * The matrix as a table of text: a row a class in truth, a column a class predicted. Ends in a line feed.
 *
 * @example
 * console.log(formatConfusionMatrix(confusionMatrix(['sad', 'sad', 'happy'], ['sad', 'happy', 'happy'])));
 * // truth \ predicted  happy  sad
 * //             happy      1    0
 * //               sad      1    1
 */
export function formatConfusionMatrix<L extends Label>({ labels, counts }: ConfusionMatrix<L>): string {
  const corner = 'truth \\ predicted';
  const names = labels.map(String);
  const first = Math.max(textWidth(corner), ...names.map(textWidth));
  const widths = names.map((name, column) =>
    Math.max(textWidth(name), ...counts.map((row) => String(row[column]).length)),
  );
  const line = (head: string, cells: readonly string[]): string =>
    `${padStart(head, first)}${cells.map((cell, column) => `  ${padStart(cell, widths[column]!)}`).join('')}\n`;
  return line(corner, names) + names.map((name, i) => line(name, counts[i]!.map(String))).join('');
}
