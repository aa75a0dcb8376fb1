import type { LabelledClip } from '../core/labelled-clip.ts';
import { formatConfusionMatrix } from '../metrics/format-confusion-matrix.ts';
import { formatReport } from '../metrics/format-report.ts';
import type { Provenance } from '../recognizer/provenance.ts';
import { confusionMatrixSvg } from '../report/confusion-matrix.ts';
import { type CurvePoint, learningCurveSvg } from '../report/learning-curve.ts';
import { clipsOf, curveLines, resultLine, smallTestNotes } from './text.ts';

/** A training's outcome, for people and for programs. */
export interface TrainReport {
  /** report.txt, learning-curve.svg and confusion-matrix.svg. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** What report.txt says. */
  readonly text: string;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** @param doubts  what speaks against the figures, in lines */
export function trainReport(
  title: string,
  { provenance, labels }: { readonly provenance: Provenance; readonly labels: readonly string[] },
  testPart: readonly LabelledClip[],
  doubts: readonly string[],
): TrainReport {
  const { history, metrics } = provenance;
  const judged = metrics.test ?? metrics.validation;
  const tested = new Set(provenance.clips.test);
  const testClips = testPart.filter((clip) => tested.has(clip.id));
  const judgedClips = metrics.test === undefined ? 'validation' : `test, ${clipsOf(testClips)}`;
  const text = [
    title,
    '',
    ...curveLines(history),
    '',
    resultLine(`train (${provenance.clips.train} clips)`, metrics.train),
    resultLine(`validation (${provenance.clips.validation.length} clips)`, metrics.validation),
    ...(metrics.test === undefined ? [] : [resultLine(judgedClips, metrics.test)]),
    ...doubts,
    ...smallTestNotes(testClips, judged),
    '',
    formatReport(judged),
    '',
    'confusion matrix, rows the truth and columns what was predicted',
    formatConfusionMatrix(provenance.confusionMatrix),
    '',
  ].join('\n');
  const matrix = confusionMatrixSvg(provenance.confusionMatrix, { title: `${title}: ${judgedClips}` });
  return {
    text,
    files: new Map([
      ['learning-curve.svg', learningCurve(title, history.epochs, history.bestEpoch, labels.length)],
      ['confusion-matrix.svg', encode(matrix)],
      ['report.txt', encode(text)],
    ]),
  };
}

/** learning-curve.svg, at the end of a training or as far as it is. */
export function learningCurve(
  title: string,
  epochs: readonly CurvePoint[],
  bestEpoch: number,
  labels: number,
): Uint8Array {
  return encode(learningCurveSvg(epochs, { title, bestEpoch, baseline: 1 / labels }));
}

/** What `--json` prints. */
export function trainResult(out: string, { history, metrics }: Pick<Provenance, 'history' | 'metrics'>): object {
  return {
    out,
    epochs: history.epochs.length,
    bestEpoch: history.bestEpoch,
    train: metrics.train,
    validation: metrics.validation,
    test: metrics.test ?? null,
  };
}
