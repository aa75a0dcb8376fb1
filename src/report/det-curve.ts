import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { parseOptions } from '../core/options.ts';
import { probit } from './probit.ts';
import { at, escapeXml, svgDocument, textWidth } from './svg.ts';

/** One way of telling speakers apart; `detectionErrors()` of ser-kit/metrics gives its two arrays. */
export interface DetCurve {
  /** What it is called in the picture. */
  readonly name: string;
  /** The share of different pairs let in, in [0, 1], at each threshold. */
  readonly falseAlarm: ArrayLike<number>;
  /** The share of same pairs kept out, in [0, 1]. */
  readonly miss: ArrayLike<number>;
  /** Where both are equal; marked. */
  readonly equalErrorRate?: number | undefined;
}

export interface DetCurveOptions {
  readonly title?: string | undefined;
}

const schema = /* @__PURE__ */ (() => z.strictObject({ title: z.optional(z.string()) }))();

const COLOURS = ['#0b63ce', '#b3261e', '#2e7d32', '#8a5a00', '#6a3fb5', '#5f6368'];
const TICKS = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8];
const [LEAST, MOST] = [0.0005, 0.85];
const SIZE = 440;
const LEFT = 74;
const TOP = 52;
/** Steps of the curve nearer than this on the picture are one. */
const NEAR = 0.75;

/**
 * Detection error trade-off curves as an SVG document: how often different speakers are taken for one (across), against how
 * often one is taken for two (up), as the threshold moves. Both axes are probits, so that scores which are normally distributed
 * give straight lines, and better is nearer to the lower left (Martin et al. 1997, "The DET curve in assessment of detection
 * task performance", Eurospeech). They go from 0.05 % to 85 %; what lies beyond is not drawn.
 *
 * @param curves  at most six
 * @throws SerKitError 'empty' without curves or points; 'bad-input' for unequal lengths or what is no share; 'bad-option'
 * @example
 * detCurveSvg([{ name: 'x-vector', ...detectionErrors(scores, same), equalErrorRate: equalErrorRate(scores, same) }]);
 */
export function detCurveSvg(curves: readonly DetCurve[], options: DetCurveOptions = {}): string {
  const who = 'detCurveSvg';
  const { title = 'Detection error trade-off' } = parseOptions(who, schema, options);
  if (!Array.isArray(curves) || curves.length === 0) {
    throw new SerKitError('empty', `${who}: curves expected at least one, got ${quote(curves)}`);
  }
  if (curves.length > COLOURS.length) {
    throw new SerKitError('bad-input', `${who}: curves expected at most ${COLOURS.length}, got ${curves.length}`);
  }
  for (const curve of curves) checkCurve(who, curve);
  const [low, high] = [probit(LEAST), probit(MOST)];
  const along = (share: number): number =>
    (SIZE * (probit(Math.min(MOST, Math.max(LEAST, share))) - low)) / (high - low);
  const x = (share: number): number => LEFT + along(share);
  const y = (share: number): number => TOP + SIZE - along(share);
  const body = [`<text x="${LEFT}" y="28" font-size="16" font-weight="bold">${escapeXml(title)}</text>`];
  for (const tick of TICKS) {
    const text = `${Number((100 * tick).toPrecision(2))}`;
    body.push(
      `<line x1="${LEFT}" x2="${LEFT + SIZE}" y1="${at(y(tick))}" y2="${at(y(tick))}" stroke="#e4e6ea"/>`,
      `<line y1="${TOP}" y2="${TOP + SIZE}" x1="${at(x(tick))}" x2="${at(x(tick))}" stroke="#e4e6ea"/>`,
      `<text x="${LEFT - 8}" y="${at(y(tick) + 4)}" text-anchor="end">${text}</text>`,
      `<text x="${at(x(tick))}" y="${TOP + SIZE + 20}" text-anchor="middle">${text}</text>`,
    );
  }
  body.push(
    `<line x1="${LEFT}" y1="${TOP + SIZE}" x2="${LEFT + SIZE}" y2="${TOP}" stroke="#c4c7cc" stroke-dasharray="4 4"/>`,
    `<rect x="${LEFT}" y="${TOP}" width="${SIZE}" height="${SIZE}" fill="none" stroke="#8a8f98"/>`,
  );
  const labels = curves.map(({ name, equalErrorRate }) =>
    equalErrorRate === undefined ? name : `${name}, EER ${(100 * equalErrorRate).toFixed(1)} %`,
  );
  for (const [i, curve] of curves.entries()) {
    const colour = COLOURS[i]!;
    body.push(
      `<path d="${pathOf(curve, x, y)}" fill="none" stroke="${colour}" stroke-width="2" stroke-linejoin="round"/>`,
    );
    const rate = curve.equalErrorRate;
    if (rate !== undefined && rate >= LEAST && rate <= MOST) {
      body.push(
        `<circle cx="${at(x(rate))}" cy="${at(y(rate))}" r="4.5" fill="#fff" stroke="${colour}" stroke-width="2"/>`,
      );
    }
    const line = TOP + 12 + 20 * i;
    body.push(
      `<line x1="${LEFT + SIZE + 20}" x2="${LEFT + SIZE + 44}" y1="${line}" y2="${line}" stroke="${colour}" stroke-width="2"/>`,
      `<text x="${LEFT + SIZE + 52}" y="${line + 4}">${escapeXml(labels[i]!)}</text>`,
    );
  }
  body.push(
    `<text x="${LEFT + SIZE / 2}" y="${TOP + SIZE + 42}" text-anchor="middle">different speakers taken for one (%)</text>`,
    `<text transform="translate(22 ${TOP + SIZE / 2}) rotate(-90)" text-anchor="middle">one speaker taken for two (%)</text>`,
  );
  const widest = Math.max(...labels.map((label) => textWidth(label, 13)));
  const width = Math.max(LEFT + SIZE + 52 + widest + 12, LEFT + textWidth(title, 16) + 20);
  return svgDocument(width, TOP + SIZE + 58, title, body);
}

/** Within the picture, and without steps that nobody could see. */
function pathOf({ falseAlarm, miss }: DetCurve, x: (s: number) => number, y: (s: number) => number): string {
  const path: string[] = [];
  let [lastX, lastY] = [Number.NaN, Number.NaN];
  for (let i = 0; i < falseAlarm.length; i++) {
    const [p, q] = [falseAlarm[i]!, miss[i]!];
    const next = i + 1 < falseAlarm.length && falseAlarm[i + 1]! >= LEAST && miss[i]! <= MOST;
    // The point before the first and that after the last within it lead to the edge.
    if ((p < LEAST || q > MOST) && !next) continue;
    const [px, py] = [x(p), y(q)];
    if (!(Math.hypot(px - lastX, py - lastY) < NEAR)) {
      path.push(`${path.length === 0 ? 'M' : 'L'}${at(px)} ${at(py)}`);
      [lastX, lastY] = [px, py];
    }
    if (q < LEAST || p > MOST) break;
  }
  return path.join('');
}

function checkCurve(who: string, curve: DetCurve): void {
  if (curve === null || typeof curve !== 'object' || typeof curve.name !== 'string') {
    throw new SerKitError('bad-input', `${who}: curves expected { name, falseAlarm, miss }, got ${quote(curve)}`);
  }
  const { name, falseAlarm, miss, equalErrorRate } = curve;
  if (equalErrorRate !== undefined && !(equalErrorRate >= 0 && equalErrorRate <= 1)) {
    throw new SerKitError(
      'bad-input',
      `${who}: ${quote(name)}: equalErrorRate expected a share in [0, 1], got ${quote(equalErrorRate)}`,
    );
  }
  if (!(falseAlarm?.length > 0)) {
    throw new SerKitError('empty', `${who}: ${quote(name)}: falseAlarm expected at least one point, got none`);
  }
  if (miss?.length !== falseAlarm.length) {
    throw new SerKitError(
      'bad-input',
      `${who}: ${quote(name)}: miss expected as many as falseAlarm (${falseAlarm.length}), got ${quote(miss?.length)}`,
    );
  }
  for (const [what, list] of Object.entries({ falseAlarm, miss })) {
    const wrong = Array.from(list).find((share) => !(share >= 0 && share <= 1));
    if (wrong === undefined) continue;
    throw new SerKitError(
      'bad-input',
      `${who}: ${quote(name)}: ${what} expected shares in [0, 1], got ${quote(wrong)}`,
    );
  }
}
