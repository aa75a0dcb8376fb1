import * as z from 'zod/mini';
import { SerKitError } from '../core/errors.ts';
import { count, parseOptions } from '../core/options.ts';
import { at, escapeXml, svgDocument, textWidth } from './svg.ts';

/** One epoch of a learning curve; EpochRecord of ser-kit/models is one. */
export interface CurvePoint {
  readonly epoch: number;
  readonly train: { readonly unweightedAverageRecall: number; readonly loss: number };
  readonly validation: { readonly unweightedAverageRecall: number; readonly loss: number };
}

export interface LearningCurveOptions {
  readonly title?: string | undefined;
  /** The epoch whose weights were kept; marked. */
  readonly bestEpoch?: number | undefined;
  /** What always naming the most frequent label reaches; drawn as a line. */
  readonly baseline?: number | undefined;
}

const schema = z.strictObject({
  title: z.optional(z.string()),
  bestEpoch: z.optional(count),
  baseline: z.optional(z.number()),
});

const TRAIN = '#8a8f98';
const VALIDATION = '#0b63ce';
const CHANCE = '#b3261e';
const LEFT = 64;
const RIGHT = 130;
const LINE_HEIGHT = 15;

/** A text at the right end of what it names. */
interface EndLabel {
  readonly text: string;
  readonly colour: string;
  /** Where it belongs, from the top. */
  readonly y: number;
}

/** One of the two pictures, above one another. */
interface Panel {
  readonly name: string;
  readonly top: number;
  readonly height: number;
  /** The value at the upper edge; the lower one is 0. */
  readonly most: number;
  readonly ticks: readonly number[];
  readonly value: (part: CurvePoint['train']) => number;
  /** Whether the best epoch is marked. */
  readonly showsBest?: boolean;
}

/**
 * A learning curve as an SVG document: UAR above, loss below, of training and validation clips, by epoch. Values that
 * are not finite leave a gap.
 *
 * @throws SerKitError 'empty' without epochs; 'bad-option'
 * @example
 * learningCurveSvg(history.epochs, { bestEpoch: history.bestEpoch, baseline: 1 / labels.length });
 */
export function learningCurveSvg(points: readonly CurvePoint[], options: LearningCurveOptions = {}): string {
  const who = 'learningCurveSvg';
  const { title = 'Learning curve', bestEpoch, baseline } = parseOptions(who, schema, options);
  if (points.length === 0) throw new SerKitError('empty', `${who}: expected at least one epoch, got none`);
  const width = Math.max(720, LEFT + textWidth(title, 16) + 20);
  const last = points[points.length - 1]!.epoch;
  const first = points[0]!.epoch;
  const plotWidth = width - LEFT - RIGHT;
  const x = (epoch: number): number =>
    LEFT + (last === first ? plotWidth / 2 : (plotWidth * (epoch - first)) / (last - first));
  const body = [`<text x="${LEFT}" y="28" font-size="16" font-weight="bold">${escapeXml(title)}</text>`];

  const best = points.find((point) => point.epoch === bestEpoch);
  const draw = ({ name, top, height, most, ticks, value, showsBest = false }: Panel, chance?: number): void => {
    const y = (v: number): number => top + height * (1 - v / most);
    for (const tick of ticks) {
      body.push(
        `<line x1="${LEFT}" x2="${width - RIGHT}" y1="${at(y(tick))}" y2="${at(y(tick))}" stroke="#e4e6ea"/>`,
        `<text x="${LEFT - 8}" y="${at(y(tick) + 4)}" text-anchor="end">${at(tick)}</text>`,
      );
    }
    const labels: EndLabel[] = [];
    if (chance !== undefined) {
      body.push(
        `<line x1="${LEFT}" x2="${width - RIGHT}" y1="${at(y(chance))}" y2="${at(y(chance))}" stroke="${CHANCE}" stroke-dasharray="4 4"/>`,
      );
      labels.push({ text: `chance ${chance.toFixed(2)}`, colour: CHANCE, y: y(chance) });
    }
    // In the margin, because within the plot a curve may run through it wherever it stands.
    if (showsBest && best !== undefined) {
      const v = value(best.validation);
      labels.push({ text: `\u25cb best ${v.toFixed(3)}`, colour: VALIDATION, y: y(v) });
    }
    for (const [part, colour] of [
      ['train', TRAIN],
      ['validation', VALIDATION],
    ] as const) {
      const known = points
        .map((point) => ({ epoch: point.epoch, v: value(point[part]) }))
        .filter(({ v }) => Number.isFinite(v));
      if (known.length === 0) continue;
      const path = known.map(({ epoch, v }, i) => `${i === 0 ? 'M' : 'L'}${at(x(epoch))} ${at(y(v))}`).join('');
      body.push(`<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`);
      if (known.length === 1) {
        body.push(`<circle cx="${at(x(known[0]!.epoch))}" cy="${at(y(known[0]!.v))}" r="3" fill="${colour}"/>`);
      }
      labels.push({ text: part, colour, y: y(known[known.length - 1]!.v) });
    }
    if (showsBest && best !== undefined) {
      body.push(
        `<circle cx="${at(x(best.epoch))}" cy="${at(y(value(best.validation)))}" r="5" fill="#fff" stroke="${VALIDATION}" stroke-width="2"/>`,
      );
    }
    for (const label of spread(labels)) {
      body.push(
        `<text x="${width - RIGHT + 12}" y="${at(label.y + 4)}" fill="${label.colour}">${escapeXml(label.text)}</text>`,
      );
    }
    body.push(
      `<text transform="translate(18 ${at(top + height / 2)}) rotate(-90)" text-anchor="middle">${name}</text>`,
    );
  };

  const uarTicks = [0, 0.2, 0.4, 0.6, 0.8, 1];
  draw(
    {
      name: 'UAR',
      top: 52,
      height: 220,
      most: 1,
      ticks: uarTicks,
      value: (part) => part.unweightedAverageRecall,
      showsBest: true,
    },
    baseline,
  );
  const losses = points.flatMap((p) => [p.train.loss, p.validation.loss]).filter(Number.isFinite);
  draw({
    name: 'loss (nats)',
    top: 304,
    height: 130,
    ...lossScale(Math.max(0.1, ...losses)),
    value: (part) => part.loss,
  });
  const every = Math.ceil(points.length / 10);
  // Counted from the last epoch back, which so always has its number.
  for (const { epoch } of points.filter((_, i) => (points.length - 1 - i) % every === 0)) {
    body.push(`<text x="${at(x(epoch))}" y="454" text-anchor="middle">${epoch}</text>`);
  }
  body.push(`<text x="${at(LEFT + plotWidth / 2)}" y="476" text-anchor="middle">epoch</text>`);
  return svgDocument(width, 490, title, body);
}

/** Round ticks, at most six, up to the first that is no less than the highest value. */
function lossScale(highest: number): { readonly most: number; readonly ticks: readonly number[] } {
  const power = 10 ** Math.floor(Math.log10(highest));
  const step = [0.2, 0.25, 0.5, 1, 2].map((s) => s * power).find((s) => highest / s <= 5) ?? power;
  const steps = Math.ceil(highest / step);
  return { most: steps * step, ticks: Array.from({ length: steps + 1 }, (_, i) => i * step) };
}

/** The labels moved apart, no two nearer than a line's height, their order and middle kept. */
function spread(labels: readonly EndLabel[]): EndLabel[] {
  const groups: EndLabel[][] = [];
  const middle = (group: readonly EndLabel[]): number => group.reduce((sum, { y }) => sum + y, 0) / group.length;
  for (const label of labels.slice().sort((a, b) => a.y - b.y)) {
    groups.push([label]);
    // A group that touches the one above it is laid out together with it.
    for (let g = groups.length - 1; g > 0; g--) {
      const [above, below] = [groups[g - 1]!, groups[g]!];
      if (middle(below) - middle(above) >= ((above.length + below.length) / 2) * LINE_HEIGHT) break;
      groups.splice(g - 1, 2, [...above, ...below]);
    }
  }
  return groups.flatMap((group) =>
    group.map((label, i) => ({ ...label, y: middle(group) + (i - (group.length - 1) / 2) * LINE_HEIGHT })),
  );
}
