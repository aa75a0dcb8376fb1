import { describe, expect, it } from 'vitest';
import { confusionMatrixSvg } from '../../src/report/confusion-matrix.ts';
import { type CurvePoint, learningCurveSvg } from '../../src/report/learning-curve.ts';
import { checkSvg, sizeOf, textsOf } from './svg-check.ts';

const point = (epoch: number, uar: number, loss: number, valUar = uar, valLoss = loss): CurvePoint => ({
  epoch,
  train: { unweightedAverageRecall: uar, loss },
  validation: { unweightedAverageRecall: valUar, loss: valLoss },
});
const HOSTILE = 'a <b> & "c" \u0000 \ud800 </svg><script>alert(1)</script>';

describe('checkSvg, which the tests below lean on,', () => {
  const svg = (inside: string): string =>
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" >${inside}</svg>\n`;
  it('takes what is well formed and nothing else', () => {
    checkSvg(svg('<text x="1">a &amp; b</text><rect/>'));
    for (const bad of [
      '<text>',
      '</text>',
      '<text>a & b</text>',
      '<a x="1" x="2"/>',
      '<a x="<"/>',
      '<a x=1/>',
      'NaN',
      '<a><b></a></b>',
    ]) {
      expect(() => checkSvg(svg(bad)), bad).toThrow();
    }
  });
});

describe('learningCurveSvg', () => {
  const epochs = Array.from({ length: 31 }, (_, i) => point(i + 1, 0.2 + 0.01 * i, 2 - 0.03 * i, 0.2 + 0.008 * i, 1.9));

  it('draws both curves through every epoch, higher values higher up', () => {
    const svg = learningCurveSvg(epochs, { bestEpoch: 31, baseline: 1 / 6 });
    checkSvg(svg);
    const paths = [...svg.matchAll(/<path d="([^"]+)"/g)].map((match) => match[1]!);
    expect(paths).toHaveLength(4);
    for (const path of paths) expect(path.match(/[ML]/g)).toHaveLength(31);
    const heights = paths[0]!.match(/ [\d.]+/g)!.map(Number);
    expect(heights).toEqual(heights.slice().sort((a, b) => b - a));
    const texts = textsOf(svg).map(({ text }) => text);
    expect(texts).toEqual(expect.arrayContaining(['○ best 0.440', 'chance 0.17', 'train', 'validation', 'epoch']));
  });

  it.each([
    ['one epoch', [point(1, 0.166, 1.79)], { bestEpoch: 1, baseline: 1 / 6 }],
    ['equal curves at the top', [point(1, 1, 0.001), point(2, 1, 0.001)], { bestEpoch: 1, baseline: 0.5 }],
    ['curves that lie on chance', [point(1, 0.5, 0.7), point(2, 0.5, 0.7)], { bestEpoch: 2, baseline: 0.5 }],
    ['losses of 0', [point(1, 0.5, 0), point(2, 0.5, 0)], {}],
    ['huge losses', [point(1, 0.5, 120), point(2, 0.5, 9000)], {}],
    ['losses that are no numbers', [point(1, 0.5, Number.NaN), point(2, 0.5, 1, 0.4, Infinity)], { bestEpoch: 7 }],
    ['200 epochs', Array.from({ length: 200 }, (_, i) => point(i + 1, 0.5, 1)), { bestEpoch: 120 }],
    ['a title with everything in it', [point(1, 0.5, 1)], { title: HOSTILE }],
  ])('of %s is well formed, and its texts stand apart and inside', (_, points, options) => {
    const svg = learningCurveSvg(points, options);
    checkSvg(svg);
    const [width, height] = sizeOf(svg);
    const texts = textsOf(svg);
    for (const { x, y } of texts) expect(x > 0 && x < width && y > 8 && y < height).toBe(true);
    // The labels at the right: no two nearer than a line.
    const ends = texts.filter(({ x }) => x === width - 118).map(({ y }) => y);
    ends.sort((a, b) => a - b);
    ends.slice(1).forEach((y, i) => {
      expect(y - ends[i]!).toBeGreaterThanOrEqual(14.9);
    });
    // The epochs below: few enough to stand side by side.
    expect(texts.filter(({ y }) => y === 454).length).toBeLessThanOrEqual(10);
  });

  it('writes the best value into the margin, where no curve runs through it', () => {
    const points = [point(1, 0.3, 1.5, 0.4), point(2, 0.72, 1, 0.688), point(3, 0.8, 0.7, 0.66)];
    const svg = learningCurveSvg(points, { bestEpoch: 2, baseline: 1 / 6 });
    const best = textsOf(svg).find(({ text }) => text.includes('best'))!;
    expect(best.text).toBe('○ best 0.688');
    expect(best.x).toBeGreaterThan(sizeOf(svg)[0] - 130);
    expect(svg.match(/<circle [^>]*r="5"/g)).toHaveLength(1);
  });

  it('refuses no epochs and unknown options', () => {
    expect(() => learningCurveSvg([])).toThrow(expect.objectContaining({ code: 'empty' }));
    expect(() => learningCurveSvg(epochs, { best: 3 } as never)).toThrow(
      /unknown option "best" \(known: title, bestEpoch/,
    );
  });
});

describe('confusionMatrixSvg', () => {
  it('shows each count and its share of its row', () => {
    const svg = confusionMatrixSvg({
      labels: ['calm', 'angry'],
      counts: [
        [3, 1],
        [0, 12],
      ],
    });
    checkSvg(svg);
    const texts = textsOf(svg).map(({ text }) => text);
    expect(texts.slice(-8)).toEqual(['75 %', '3', '25 %', '1', '0 %', '0', '100 %', '12']);
    expect([...svg.matchAll(/fill-opacity="([\d.]+)"/g)].map((match) => match[1])).toEqual(['0.75', '0.25', '0', '1']);
  });

  it('shows no share for a label that never occurs', () => {
    const svg = confusionMatrixSvg({
      labels: ['a', 'b'],
      counts: [
        [0, 0],
        [1, 1],
      ],
    });
    checkSvg(svg);
    expect(textsOf(svg).filter(({ text }) => text === '-')).toHaveLength(2);
  });

  it('makes room for long labels and a long title', () => {
    const labels = ['calm and contented', 'b', 'thoroughly and utterly exhausted'];
    const counts = labels.map(() => [1, 2, 3]);
    const svg = confusionMatrixSvg(
      { labels, counts },
      { title: 'a title that is longer than the picture of it '.repeat(2) },
    );
    checkSvg(svg);
    const [width] = sizeOf(svg);
    const heads = textsOf(svg).filter(({ anchor, y }) => anchor === 'middle' && y === 76);
    // Half of each text beside half of the next, at 6.6 pixels a letter on average.
    heads.slice(1).forEach((head, i) => {
      expect(head.x - heads[i]!.x).toBeGreaterThan(((head.text.length + heads[i]!.text.length) / 2) * 6.6);
    });
    expect(width).toBeGreaterThan(92 * 8);
  });

  it('escapes what labels and titles hold', () => {
    checkSvg(
      confusionMatrixSvg(
        {
          labels: [HOSTILE, '__proto__'],
          counts: [
            [1, 2],
            [3, 4],
          ],
        },
        { title: HOSTILE },
      ),
    );
  });

  it('refuses no labels and unknown options', () => {
    expect(() => confusionMatrixSvg({ labels: [], counts: [] })).toThrow(expect.objectContaining({ code: 'empty' }));
    expect(() => confusionMatrixSvg({ labels: ['a'], counts: [[1]] }, { name: 'x' } as never)).toThrow(
      /unknown option "name"/,
    );
  });
});
