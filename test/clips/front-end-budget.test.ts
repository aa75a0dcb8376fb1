import { expect, it } from 'vitest';
import { checkFrontEndBudget } from '../../src/clips/front-end-budget.ts';
import { FUSED_V1 } from '../../src/features/sets/fused-v1.ts';
import { errorOf } from '../support/error-of.ts';

it('checkFrontEndBudget() takes what there is and refuses a list whose tables take more, in a moment', () => {
  const mfcc = { name: 'mfcc', options: { nFft: 32768, nMels: 512, nMfcc: 512 } };
  const few = { name: 'zcr', options: { frameLength: 512 } };
  for (const good of [FUSED_V1.features, [mfcc], new Array(32).fill(few), 'fused.v1', undefined, [null]]) {
    checkFrontEndBudget('test', good);
  }
  for (const [bad, message] of [
    [[mfcc, mfcc], 'test: features expected frames and bands of at most 33554432 numbers together, got 41943040'],
    [new Array(33).fill(few), 'test: features expected at most 32 items, got 33'],
  ] as const) {
    expect(errorOf(() => checkFrontEndBudget('test', bad))).toMatchObject({ code: 'bad-format', message });
  }
});
