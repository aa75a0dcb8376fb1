import { describe, expect, it } from 'vitest';
import { createXvector } from '../../src/xvector/create-xvector.ts';
import { madeWeights } from './made-weights.ts';

// This file imports no backend, and vitest runs it in a process of its own.
describe('without a tfjs backend', () => {
  it('createXvector() says what to import', () => {
    expect(() => createXvector(madeWeights())).toThrow(
      "createXvector: expected a tfjs backend, got none; import one (for Node: 'ser-kit/wasm') and await tf.setBackend('wasm')",
    );
  });
});
