import * as z from 'zod/mini';
import { SerKitError } from '../core/errors.ts';
import { parseOptions } from '../core/options.ts';
import type { ConfusionMatrix } from '../metrics/confusion-matrix.ts';
import { at, escapeXml, svgDocument, textWidth } from './svg.ts';

export interface ConfusionMatrixSvgOptions {
  readonly title?: string | undefined;
}

const schema = z.strictObject({ title: z.optional(z.string()) });

const CELL_HEIGHT = 64;
const FONT = 13;

/**
 * A confusion matrix as an SVG document: rows are the truth, columns what was predicted; a cell shows the share of its
 * row and the count, and is the darker the larger the share.
 *
 * @throws SerKitError 'empty' without labels; 'bad-option'
 * @example
 * confusionMatrixSvg(confusionMatrix(truth, predicted), { title: 'unseen speakers' });
 */
export function confusionMatrixSvg(matrix: ConfusionMatrix, options: ConfusionMatrixSvgOptions = {}): string {
  const who = 'confusionMatrixSvg';
  const { title = 'Confusion matrix' } = parseOptions(who, schema, options);
  const labels = matrix.labels.map(String);
  if (labels.length === 0) throw new SerKitError('empty', `${who}: expected at least one label, got none`);
  const widest = Math.max(...labels.map((label) => textWidth(label, FONT)));
  const cell = Math.max(76, widest + 12);
  const left = 48 + widest;
  const top = 86;
  const width = Math.max(left + labels.length * cell + 24, 20 + textWidth(title, 16) + 20);
  const height = top + labels.length * CELL_HEIGHT + 24;
  const body = [
    `<text x="20" y="28" font-size="16" font-weight="bold">${escapeXml(title)}</text>`,
    `<text x="${at(left + (labels.length * cell) / 2)}" y="54" text-anchor="middle" fill="#555">predicted</text>`,
    `<text transform="translate(18 ${at(top + (labels.length * CELL_HEIGHT) / 2)}) rotate(-90)" text-anchor="middle" fill="#555">truth</text>`,
  ];
  labels.forEach((label, i) => {
    body.push(
      `<text x="${at(left + (i + 0.5) * cell)}" y="${top - 10}" text-anchor="middle">${escapeXml(label)}</text>`,
      `<text x="${left - 10}" y="${at(top + (i + 0.5) * CELL_HEIGHT + 4)}" text-anchor="end">${escapeXml(label)}</text>`,
    );
  });
  matrix.counts.forEach((row, r) => {
    const total = row.reduce((sum, n) => sum + n, 0);
    row.forEach((count, c) => {
      const share = total === 0 ? 0 : count / total;
      const x = left + c * cell;
      const y = top + r * CELL_HEIGHT;
      // Dark ink is the better contrast up to here.
      const ink = share > 0.8 ? '#fff' : '#222';
      body.push(
        `<rect x="${x}" y="${y}" width="${cell}" height="${CELL_HEIGHT}" fill="#0b63ce" fill-opacity="${at(share)}" stroke="#d5d8de"/>`,
        `<text x="${at(x + cell / 2)}" y="${y + CELL_HEIGHT / 2 - 2}" text-anchor="middle" fill="${ink}">${total === 0 ? '-' : `${Math.round(share * 100)} %`}</text>`,
        `<text x="${at(x + cell / 2)}" y="${y + CELL_HEIGHT / 2 + 16}" text-anchor="middle" font-size="11" fill="${ink}">${count}</text>`,
      );
    });
  });
  return svgDocument(width, height, title, body);
}
