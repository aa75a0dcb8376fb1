import { describe, it } from 'vitest';
import { expectCompiled } from '../support/compiled.ts';

describe('native-bytes.ts', () => {
  it('is what its source compiles to', () => expectCompiled('native'), 120_000);
});
