import { parseOwnFormat } from './own-format.ts';
import type { XvectorWeights } from './weights.ts';

export function parseXvector(bytes: Uint8Array): XvectorWeights {
  return parseOwnFormat('parseXvector', bytes);
}
