import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failureOf, missingPackage, WrongUse, withoutFunction } from '../../src/cli/failure.ts';
import { shareOrCount } from '../../src/cli/options.ts';
import { duration, Progress } from '../../src/cli/progress.ts';
import { clipsOf, curveLines, majorityBaseline, problemLines, resultLine } from '../../src/cli/text.ts';
import { SerKitError } from '../../src/core/errors.ts';
import { classificationReport } from '../../src/metrics/classification-report.ts';

function terminal(interactive: boolean, columns = 40) {
  const written: string[] = [];
  return { written, out: () => {}, err: (text: string) => void written.push(text), interactive, columns };
}

describe('--pca', () => {
  it('takes a share or a whole number, and guesses neither from 1.0', () => {
    expect(shareOrCount('0.95')).toEqual({ share: 0.95 });
    expect(shareOrCount('5e-1')).toEqual({ share: 0.5 });
    expect(['1', '40', '1e2'].map(shareOrCount)).toEqual([{ components: 1 }, { components: 40 }, { components: 100 }]);
    for (const text of ['1.0', '1.', '40.0', '100e-2', '1.5', '0', '-1', '', 'all']) {
      expect(() => shareOrCount(text)).toThrow(/expected a share between 0 and 1, or a whole number >= 1/);
    }
  });
});

describe('Progress', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('writes plain lines in a log, seconds apart, and always the last', () => {
    const log = terminal(false);
    const progress = new Progress(log, 'reading clips');
    for (let done = 1; done <= 100; done++) {
      vi.advanceTimersByTime(400);
      progress.update(done, 100);
    }
    progress.close();
    expect(log.written[0]).toBe('reading clips 5/100, 38 s left\n');
    expect(log.written.at(-1)).toBe('reading clips 100/100\n');
    expect(log.written.length).toBeLessThan(6);
    for (const line of log.written) expect(line).toMatch(/^[ -~]+\n$/);
  });

  it('writes one line over on a terminal, never wider than it, and takes it away', () => {
    const screen = terminal(true, 30);
    const progress = new Progress(screen, 'reading clips');
    for (let done = 1; done <= 20; done++) {
      vi.advanceTimersByTime(60);
      progress.update(done, 20, 'a note that is much too long for this');
    }
    progress.say('a line that stays');
    progress.close();
    const moving = screen.written.slice(0, -2);
    expect(moving.length).toBeLessThan(15);
    for (const text of moving) {
      expect(text.startsWith('\r\u001b[K')).toBe(true);
      expect(text.length).toBeLessThan(4 + 30);
      expect(text).not.toContain('\n');
    }
    expect(screen.written.slice(-2)).toEqual(['\r\u001b[K', 'a line that stays\n']);
  });

  it.each([
    [400, '0 s'],
    [59_000, '59 s'],
    [65_000, '1 min 5 s'],
    [3_599_600, '1 h 0 min'],
    [3_660_000, '1 h 1 min'],
    [7_199_000, '2 h 0 min'],
  ])('names %i ms', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});

describe('failureOf', () => {
  const missing = (name: string): Error =>
    Object.assign(new Error(`Cannot find package '${name}' imported from x.js`), { code: 'ERR_MODULE_NOT_FOUND' });

  it.each([
    [new WrongUse('a'), 'a', 2],
    [new SerKitError('bad-option', 'createMfcc: nMfcc expected > 0, got 0'), 'nMfcc expected > 0, got 0', 2],
    [new SerKitError('aborted', 'checkCorpus: aborted after 3 clips'), 'aborted after 3 clips', 130],
    [new SerKitError('empty', 'myRun: expected'), 'myRun: expected', 1],
    [new Error('first\n    at somewhere'), 'first', 1],
    [new Error('Aborted(OOM)'), /^out of memory: take a smaller --batch-size, or shorter recordings$/, 1],
    [new WebAssembly.RuntimeError('divide by zero'), /^out of memory: /, 1],
    [new WebAssembly.RuntimeError('memory access out of bounds'), /^out of memory: /, 1],
    [new RangeError('Array buffer allocation failed'), /^out of memory: /, 1],
    [new RangeError('Invalid typed array length: 1e12'), /^out of memory: /, 1],
    [new SerKitError('out-of-memory', 'trainRecognizer: out of memory; take'), /^out of memory: take a smaller --b/, 1],
    [new RangeError('Invalid time value'), 'Invalid time value', 1],
    ['a text', 'a text', 1],
    [
      missing('@tensorflow/tfjs-node'),
      /needs TensorFlow.js, and @tensorflow\/tfjs-node is not installed; .*npm install @tensorflow\/tfjs-node$/,
      1,
    ],
    [
      missing('@tensorflow/tfjs-core'),
      /npm install @tensorflow\/tfjs-core @tensorflow\/tfjs-layers @tensorflow\/tfjs-backend-wasm/,
      1,
    ],
  ])('makes one line and a status of %o', (error, message, status) => {
    const found = failureOf(error);
    expect(found.status).toBe(status);
    if (typeof message === 'string') expect(found.message).toBe(message);
    else expect(found.message).toMatch(message);
    expect(found.message).not.toContain('\n');
  });

  it('takes no other missing module for TensorFlow.js', () => {
    expect(missingPackage(missing('commander'))).toBeUndefined();
    expect(missingPackage(new Error("Cannot find package '@tensorflow/tfjs-core'"))).toBeUndefined();
  });

  it('leaves names of files and folders in a message', () => {
    for (const text of ['trainings: x', 'decodeWavs: x', 'a/decodeWav: x']) expect(withoutFunction(text)).toBe(text);
  });
});

describe('the words for figures', () => {
  const report = classificationReport(['a', 'a', 'a', 'b'], ['a', 'b', 'a', 'b'], { labels: ['a', 'b', 'c'] });

  it('put the majority baseline beside the result; labels without clips are not counted', () => {
    expect(majorityBaseline(report)).toEqual({ label: 'a', accuracy: 0.75, unweightedAverageRecall: 0.5 });
    expect(resultLine('test', report)).toBe(
      'test: accuracy 75.0 %, UAR 83.3 % (always "a": accuracy 75.0 %, UAR 50.0 %)',
    );
  });

  it('count no speakers where nobody knows them', () => {
    const clip = (speakerId: string, speakerKnown?: boolean) => ({
      speakerId,
      ...(speakerKnown === undefined ? {} : { speakerKnown }),
    });
    expect(clipsOf([clip('a'), clip('a', true), clip('b')])).toBe('3 clips of 2 speakers');
    expect(clipsOf([clip('x', false)])).toBe('1 clip of unknown speakers');
    expect(clipsOf([clip('a'), clip('x', false), clip('y', false)])).toBe(
      '3 clips (1 of 1 speaker, 2 of unknown speakers)',
    );
  });

  it('draw the learning curve, empty at 0 and full at 1', () => {
    const at = (uar: number) => ({ loss: 1, accuracy: uar, unweightedAverageRecall: uar });
    const epochs = [0, 0.5, 1].map((uar, i) => ({ epoch: i + 1, loss: 1, train: at(uar), validation: at(0) }));
    const lines = curveLines({ epochs, bestEpoch: 2, stopped: 'epochs' } as never);
    expect(lines[1]).toBe('train      UAR | ▄█| 1.000 in the last epoch');
    expect(lines[2]).toBe('validation UAR |   | 0.000 in the last epoch');
    expect(lines[3]).toBe('best: epoch 2 of 3');
  });

  it('list the fourth problem of a code where it is the last', () => {
    const four = ['a', 'b', 'c', 'd'].map((path) => ({ code: 'empty' as const, path, message: 'is empty' }));
    expect(problemLines(four)).toEqual(['a', 'b', 'c', 'd'].map((path) => `  empty: ${path}: is empty`));
  });

  it('list problems by code, the first three of each', () => {
    const problem = (code: 'empty' | 'truncated', path: string) => ({ code, path, message: `${path}: is ${code}` });
    const lines = problemLines([
      problem('empty', 'a'),
      problem('truncated', 'b'),
      ...['c', 'd', 'e', 'f'].map((path) => problem('empty', path)),
      { code: 'bad-row', path: 'x.csv', message: 'line 3' },
    ]);
    expect(lines).toEqual([
      '  empty: a: is empty',
      '  empty: c: is empty',
      '  empty: d: is empty',
      '  empty: 2 more',
      '  truncated: b: is truncated',
      '  bad-row: x.csv: line 3',
    ]);
  });
});
