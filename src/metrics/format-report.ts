import * as z from 'zod/mini';
import { parseOptions } from '../core/options.ts';
import type { Scores } from './class-counts.ts';
import type { ClassificationReport } from './classification-report.ts';
import type { Label } from './labels.ts';
import { padStart, textWidth } from './text-width.ts';

export interface FormatReportOptions {
  /**
   * Digits after the point, 0 to 20.
   *
   * @default 2
   */
  readonly digits?: number | undefined;
}

const optionsSchema = z.strictObject({ digits: z.optional(z.int().check(z.minimum(0), z.maximum(20))) });

/**
 * A number in [0, 1] with so many digits, rounded as Python rounds: what lies exactly half-way goes to the even digit
 * (0.125 is 0.12), where toFixed goes up.
 */
function fixed(value: number, digits: number): string {
  const up = value.toFixed(digits);
  const tail = value.toFixed(100).slice(digits === 0 ? 2 : 2 + digits);
  const halfWay = /^50*$/.test(tail);
  if (!halfWay) return up;
  // toFixed gave the upper neighbour (or, in some engines at 0 digits, the lower); the even one of the two is wanted.
  const lower = digits === 0 ? '0' : value.toFixed(100).slice(0, 2 + digits);
  return Number(lower.at(-1)) % 2 === 0 ? lower : up;
}

/**
 * The report as text, character for character as scikit-learn's `classification_report` prints it (without the unweighted
 * average recall, which equals its macro recall where every class occurs in truth). Ends in a line feed.
 *
 * @throws SerKitError 'bad-option'
 * @example
 * console.log(formatReport(classificationReport(truth, predicted), { digits: 3 }));
 */
export function formatReport<L extends Label>(
  report: ClassificationReport<L>,
  options: FormatReportOptions = {},
): string {
  const { digits = 2 } = parseOptions('formatReport', optionsSchema, options);
  const names = report.labels.map(String);
  const width = Math.max('weighted avg'.length, digits, ...names.map(textWidth));

  // scikit-learn counts in floats where not one sample was hit, and it shows.
  const samples = (support: number): string => (report.accuracy === 0 ? `${support}.0` : `${support}`);
  const line = (name: string, cells: readonly string[]): string =>
    `${padStart(name, width)} ${cells.map((cell) => ` ${cell.padStart(9)}`).join('')}\n`;
  const row = (name: string, { precision, recall, f1, support }: Scores): string =>
    line(name, [fixed(precision, digits), fixed(recall, digits), fixed(f1, digits), samples(support)]);

  const { micro, macro, weighted, accuracy } = report;
  return [
    line('', ['precision', 'recall', 'f1-score', 'support']),
    '\n',
    ...report.labels.map((label, i) => row(names[i]!, report.perClass[label])),
    '\n',
    micro === undefined
      ? line('accuracy', ['', '', fixed(accuracy, digits), samples(macro.support)])
      : row('micro avg', micro),
    row('macro avg', macro),
    row('weighted avg', weighted),
  ].join('');
}
