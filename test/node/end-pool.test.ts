import { Piscina } from 'piscina';
import { describe, expect, it } from 'vitest';
import { endPool } from '../../src/node/end-pool.ts';

describe('endPool()', () => {
  it('passes over what Piscina tells of answers that nobody waits for any more', async () => {
    const pool = new Piscina({ filename: 'data:text/javascript,export default () => 1', minThreads: 0 });
    expect(() => pool.emit('error', new Error('Unexpected message from Worker'))).toThrow('Unexpected message');
    const ended = endPool(pool);
    expect(() => pool.emit('error', new Error('Unexpected message from Worker'))).not.toThrow();
    await ended;
  });
});
