import { SerKitError } from '../core/errors.ts';
import { at, escapeXml, svgDocument } from './svg.ts';

/** One epoch of a learning curve; EpochRecord of ser-kit/models is one. */
export interface CurvePoint {
  readonly epoch: number;
  readonly train: { readonly unweightedAverageRecall: number; readonly loss: number };
  readonly validation: { readonly unweightedAverageRecall: number; readonly loss: number };
}

export interface LearningCurveOptions {
  readonly title?: string;
  /** The epoch whose weights were kept; marked. */
  readonly bestEpoch?: number;
  /** What always naming the most frequent label reaches; drawn as a line. */
  readonly baseline?: number;
}

const TRAIN = '#8a8f98';
const VALIDATION = '#0b63ce';

/**
 * A learning curve as an SVG document: UAR above, loss below, of training and validation clips, by epoch.
 *
 * @throws SerKitError 'empty' without epochs
 */
export function learningCurveSvg(points: readonly CurvePoint[], options: LearningCurveOptions = {}): string {
  if (points.length === 0) throw new SerKitError('empty', 'learningCurveSvg: expected at least one epoch, got none');
  const { title = 'Learning curve', bestEpoch, baseline } = options;
  const width = 720;
  const left = 64;
  const right = 130;
  const last = points[points.length - 1]!.epoch;
  const first = points[0]!.epoch;
  const x = (epoch: number): number => left + ((width - left - right) * (epoch - first)) / Math.max(1, last - first);
  const body = [`<text x="${left}" y="28" font-size="16" font-weight="bold">${escapeXml(title)}</text>`];

  const panel = (
    name: string,
    top: number,
    height: number,
    most: number,
    ticks: readonly number[],
    value: (part: CurvePoint['train']) => number,
  ): ((v: number) => number) => {
    const y = (v: number): number => top + height * (1 - v / most);
    for (const tick of ticks) {
      body.push(
        `<line x1="${left}" x2="${width - right}" y1="${at(y(tick))}" y2="${at(y(tick))}" stroke="#e4e6ea"/>`,
        `<text x="${left - 8}" y="${at(y(tick) + 4)}" text-anchor="end">${at(tick)}</text>`,
      );
    }
    const labels = [] as { text: string; colour: string; y: number }[];
    for (const [part, colour] of [
      ['train', TRAIN],
      ['validation', VALIDATION],
    ] as const) {
      const path = points.map((p, i) => `${i === 0 ? 'M' : 'L'}${at(x(p.epoch))} ${at(y(value(p[part])))}`).join('');
      body.push(`<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`);
      if (points.length === 1)
        body.push(`<circle cx="${at(x(first))}" cy="${at(y(value(points[0]![part])))}" r="3" fill="${colour}"/>`);
      labels.push({ text: part, colour, y: y(value(points[points.length - 1]![part])) });
    }
    const apart = 15 - Math.abs(labels[0]!.y - labels[1]!.y);
    if (apart > 0) {
      const upper = labels[0]!.y <= labels[1]!.y ? 0 : 1;
      labels[upper]!.y -= apart / 2;
      labels[1 - upper]!.y += apart / 2;
    }
    for (const { text, colour, y: place } of labels) {
      body.push(`<text x="${width - right + 8}" y="${at(place + 4)}" fill="${colour}">${text}</text>`);
    }
    body.push(
      `<text transform="translate(18 ${at(top + height / 2)}) rotate(-90)" text-anchor="middle">${name}</text>`,
    );
    return y;
  };

  const uar = panel('UAR', 48, 220, 1, [0, 0.2, 0.4, 0.6, 0.8, 1], (part) => part.unweightedAverageRecall);
  if (baseline !== undefined) {
    body.push(
      `<line x1="${left}" x2="${width - right}" y1="${at(uar(baseline))}" y2="${at(uar(baseline))}" stroke="#b3261e" stroke-dasharray="4 4"/>`,
      `<text x="${width - right + 8}" y="${at(uar(baseline) + 4)}" fill="#b3261e">chance ${baseline.toFixed(2)}</text>`,
    );
  }
  const best = points.find((point) => point.epoch === bestEpoch);
  if (best !== undefined) {
    const value = best.validation.unweightedAverageRecall;
    body.push(
      `<circle cx="${at(x(best.epoch))}" cy="${at(uar(value))}" r="5" fill="#fff" stroke="${VALIDATION}" stroke-width="2"/>`,
      `<text x="${at(x(best.epoch))}" y="${at(uar(value) - 11)}" text-anchor="middle" fill="${VALIDATION}">${value.toFixed(3)}</text>`,
    );
  }
  const highest = Math.max(...points.flatMap((p) => [p.train.loss, p.validation.loss]));
  const step = [0.1, 0.25, 0.5, 1, 2, 5].find((s) => highest / s <= 5) ?? highest / 4;
  const ceiling = Math.ceil(highest / step) * step || 1;
  const ticks = Array.from({ length: Math.round(ceiling / step) + 1 }, (_, i) => i * step);
  panel('loss (nats)', 300, 130, ceiling, ticks, (part) => part.loss);
  const every = Math.max(1, Math.ceil(points.length / 10));
  for (const { epoch } of points.filter((_, i) => i % every === 0)) {
    body.push(`<text x="${at(x(epoch))}" y="450" text-anchor="middle">${epoch}</text>`);
  }
  body.push(`<text x="${at((left + width - right) / 2)}" y="472" text-anchor="middle">epoch</text>`);
  return svgDocument(width, 486, title, body);
}
