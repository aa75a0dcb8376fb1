import type { ConfusionMatrix } from '../metrics/confusion-matrix.ts';
import { at, escapeXml, svgDocument } from './svg.ts';

/**
 * A confusion matrix as an SVG document: rows are the truth, columns what was predicted; a cell shows the share of its
 * row and the count, and is the darker the larger the share.
 */
export function confusionMatrixSvg(matrix: ConfusionMatrix, options: { readonly title?: string } = {}): string {
  const { title = 'Confusion matrix' } = options;
  const labels = matrix.labels.map(String);
  const cell = 76;
  const left = 40 + Math.max(...labels.map((label) => label.length)) * 8;
  const top = 86;
  const width = Math.max(left + labels.length * cell + 24, 360);
  const height = top + labels.length * cell + 24;
  const body = [
    `<text x="20" y="28" font-size="16" font-weight="bold">${escapeXml(title)}</text>`,
    `<text x="${at(left + (labels.length * cell) / 2)}" y="54" text-anchor="middle" fill="#555">predicted</text>`,
    `<text transform="translate(18 ${at(top + (labels.length * cell) / 2)}) rotate(-90)" text-anchor="middle" fill="#555">truth</text>`,
  ];
  labels.forEach((label, i) => {
    const centre = i * cell + cell / 2;
    body.push(
      `<text x="${left + centre}" y="${top - 10}" text-anchor="middle">${escapeXml(label)}</text>`,
      `<text x="${left - 10}" y="${top + centre + 4}" text-anchor="end">${escapeXml(label)}</text>`,
    );
  });
  matrix.counts.forEach((row, r) => {
    const total = row.reduce((sum, n) => sum + n, 0);
    row.forEach((count, c) => {
      const share = total === 0 ? 0 : count / total;
      const x = left + c * cell;
      const y = top + r * cell;
      const ink = share > 0.55 ? '#fff' : '#222';
      body.push(
        `<rect x="${x}" y="${y}" width="${cell}" height="${cell}" fill="#0b63ce" fill-opacity="${at(share)}" stroke="#d5d8de"/>`,
        `<text x="${x + cell / 2}" y="${y + cell / 2}" text-anchor="middle" fill="${ink}">${Math.round(share * 100)} %</text>`,
        `<text x="${x + cell / 2}" y="${y + cell / 2 + 18}" text-anchor="middle" font-size="11" fill="${ink}">${count}</text>`,
      );
    });
  });
  return svgDocument(width, height, title, body);
}
