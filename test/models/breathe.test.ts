import { afterEach, describe, expect, it, vi } from 'vitest';
import { breathe } from '../../src/models/breathe.ts';

describe('breathe()', () => {
  afterEach(() => vi.unstubAllGlobals());

  it.each(['with setImmediate', 'as in a page'])('lets a timer that is due have its turn, %s', async (where) => {
    if (where === 'as in a page') vi.stubGlobal('setImmediate', undefined);
    let fired = false;
    setTimeout(() => {
      fired = true;
    }, 1);
    const end = performance.now() + 5;
    while (performance.now() < end);
    for (let i = 0; i < 3; i++) await breathe();
    expect(fired).toBe(true);
  });

  it.each(['with setImmediate', 'as in a page'])('comes back to everyone who waits, %s', async (where) => {
    if (where === 'as in a page') vi.stubGlobal('setImmediate', undefined);
    expect(await Promise.all([breathe(), breathe(), breathe()])).toHaveLength(3);
  });
});
