import { describe, expect, it } from 'vitest';
import { errorOf } from './error-of.ts';
import { builders } from './small-problem.ts';

// This file imports no backend, and vitest runs it in a process of its own.
describe('without a tfjs backend', () => {
  it.each(builders)('$name says what to import', async ({ name, build }) => {
    expect(await errorOf(() => build(1))).toEqual({
      code: 'no-backend',
      message: `${name.split(',')[0]}: expected a tfjs backend, got none; import one (for Node: 'ser-kit/wasm') and await tf.setBackend('wasm')`,
    });
  });
});
