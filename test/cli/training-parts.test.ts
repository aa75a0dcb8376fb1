import { describe, expect, it } from 'vitest';
import { failureOf } from '../../src/cli/failure.ts';
import { fraction, nonNegativeNumber, stretches } from '../../src/cli/options.ts';
import { withResume } from '../../src/cli/resume-hint.ts';
import { TimeLeft } from '../../src/cli/time-left.ts';
import { TrainingWatch } from '../../src/cli/training-watch.ts';
import { SerKitError } from '../../src/core/errors.ts';
import { ran } from './support.ts';

describe('TimeLeft', () => {
  /** The times left that are told in a training whose batches take 10 ms and whose measurings take 40. */
  function toldIn(doneBefore: number, measuringGuess: number): { batches: number[]; epochs: number[] } {
    let now = 5000;
    const left = new TimeLeft({ epochs: 4, batches: 3, doneBefore, measuringGuess }, () => now);
    const told = { batches: [] as number[], epochs: [] as number[] };
    for (let epoch = doneBefore; epoch < 4; epoch++) {
      for (let batch = 0; batch < 3; batch++) {
        now += 10;
        told.batches.push(left.afterBatch(batch + 1, 3));
      }
      now += 40;
      told.epochs.push(left.afterEpoch());
    }
    return told;
  }

  it('counts batches and measurings, and is right from the first measuring on whatever was guessed', () => {
    expect(toldIn(0, 0).epochs).toEqual([210, 140, 70, 0]);
    expect(toldIn(0, 0).batches.slice(0, 4)).toEqual([110, 100, 90, 200]);
    expect(toldIn(0, 4 / 3).batches.slice(0, 4)).toEqual([270, 260, 250, 200]);
  });

  it('counts no epoch that an earlier process did', () => {
    expect(toldIn(2, 4 / 3).batches).toEqual([130, 120, 110, 60, 50, 40]);
    expect(toldIn(2, 4 / 3).epochs).toEqual([70, 0]);
  });
});

describe('TrainingWatch', () => {
  it('never tells more batches than there are where an epoch has more than the first', () => {
    let said = '';
    const terminal = {
      out: () => {},
      err: (text: string) => {
        said += text;
      },
      interactive: true,
      columns: 80,
    };
    const watch = new TrainingWatch(terminal, 2);
    watch.on({ type: 'start', epochs: 1, batches: 2, examples: 10, resumedFrom: 0 });
    const batch = { type: 'batch', epoch: 1, loss: 1, learningRate: 1 } as const;
    for (const i of [1, 2, 3]) watch.on({ ...batch, batch: i, batches: 3 });
    watch.close();
    const shares = [...said.matchAll(/(\d+)\/(\d+)/g)].map(([, done, all]) => Number(done) / Number(all));
    expect(shares.length).toBeGreaterThan(0);
    expect(Math.max(...shares)).toBeLessThanOrEqual(1);
  });
});

describe('withResume()', () => {
  const kept = { path: 'my runs/a', savedEpoch: 3 };
  const told = (error: unknown, savedEpoch = 3, isKept = true) =>
    failureOf(withResume(error, { ...kept, savedEpoch, isKept }));

  it.each([
    [
      new SerKitError('not-writable', 'my runs/a/log.jsonl: cannot be written: the disk is full'),
      "my runs/a/log.jsonl: cannot be written: the disk is full; the checkpoint of epoch 3 is kept, go on from it with: npx ser-kit train --resume 'my runs/a'",
      1,
    ],
    [
      new SerKitError('out-of-memory', 'trainRecognizer: out of memory; take smaller batches'),
      "out of memory: take a smaller --batch-size, or shorter recordings, and begin again with --force; or free memory: the checkpoint of epoch 3 is kept, go on from it with: npx ser-kit train --resume 'my runs/a'",
      1,
    ],
    [
      new SerKitError(
        'diverged',
        'trainModel: loss expected a finite number, got NaN in epoch 4; a lower learningRate (now 9) usually mends it',
      ),
      'loss expected a finite number, got NaN in epoch 4; a lower --learning-rate (now 9) usually mends it; the checkpoint of epoch 3 is kept, but going on from it ends here again: begin again with --force',
      1,
    ],
    [
      new SerKitError('aborted', 'trainRecognizer: aborted while reading clips'),
      "aborted while reading clips; the checkpoint of epoch 3 is kept, go on from it with: npx ser-kit train --resume 'my runs/a'",
      130,
    ],
    [
      new SerKitError('mismatch', 'trainModel: resumeFrom expected a checkpoint of this run, got one with seed 2'),
      'resumeFrom expected a checkpoint of this run, got one with seed 2; my runs/a/checkpoint.bin is of another training: remove it, and --resume trains from the first epoch on',
      1,
    ],
    [new SerKitError('bad-option', 'trainModel: no'), 'no', 2],
  ])('says after %o what is kept', (error, message, status) => {
    expect(told(error)).toEqual({ message, status });
  });

  it('promises nothing where nothing is kept', () => {
    expect(told(new RangeError('Array buffer allocation failed'), 0, false).message).not.toContain('--resume');
  });

  it('begins the first epoch again where only the options are kept', () => {
    const error = new SerKitError('aborted', 'trainRecognizer: aborted');
    expect(told(error, 0)).toEqual({
      message: "aborted; begin its first epoch again with: npx ser-kit train --resume 'my runs/a'",
      status: 130,
    });
  });
});

describe('options of training', () => {
  it('are stretches such as 20 and 2x20, decays and weights', () => {
    expect(stretches('20')).toEqual({ count: 1, most: 20 });
    expect(stretches('2x5')).toEqual({ count: 2, most: 5 });
    for (const text of ['', '0', '0x5', '2x', 'x5', '-1', '2x5x1', '1.5']) expect(() => stretches(text)).toThrow();
    expect(fraction('0.99')).toBe(0.99);
    for (const text of ['', '0', '1', '-1', 'x']) expect(() => fraction(text)).toThrow();
    expect([nonNegativeNumber('0'), nonNegativeNumber('1e-3')]).toEqual([0, 0.001]);
    for (const text of ['', '-1', 'x', 'Infinity']) expect(() => nonNegativeNumber(text)).toThrow();
  });

  it.each([
    [['--model', 'cnn', '--bidirectional'], /--bidirectional expected a --model with recurrent layers/],
    [['--model', 'cnn', '--summary', 'last'], /--summary last expected a --model with recurrent layers/],
    [['--plateau-patience', '2'], /--plateau-patience expected --schedule plateau, got --schedule one-cycle/],
  ])('are refused where they have no effect: %j', async (args, message) => {
    const { status, err } = await ran('train', 'no-folder', '--out', 'no-run', ...args);
    expect([status, err]).toEqual([2, expect.stringMatching(message)]);
  });
});
