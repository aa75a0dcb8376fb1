import type { Piscina } from 'piscina';

/**
 * Ends a pool's threads. An answer that is under way meanwhile finds nobody who asked, which Piscina tells as an error event;
 * unheard, that would end the process.
 */
export async function endPool(pool: Piscina): Promise<void> {
  pool.on('error', () => {});
  await pool.destroy();
}
