import { parseOwnFormat } from '../own-format.ts';
import type { XvectorWeights } from '../weights.ts';
import { BASE64 } from './bytes.ts';

/**
 * The weights of ser-kit's own small x-vector network, anew in each call: 128 numbers of a recording of 10 kHz or more (it listens up to 5 kHz), of which the cosine tells
 * speakers apart. Trained on the 71 actors of CREMA-D (ODbL 1.0), so on acted American English of one studio; what it can and cannot do is
 * written in its `card` and in docs/xvector-compact.md. It is not for telling who somebody is, nor for keeping anybody out.
 *
 * It loads no tfjs; {@link createXvector}, which runs it, does.
 *
 * @example
 * const xvector = createXvector(compactXvector());
 * const embedding = await xvector.extract(waveform); // 128 numbers
 */
export function compactXvector(): XvectorWeights {
  const text = atob(BASE64);
  return parseOwnFormat(
    'compactXvector',
    Uint8Array.from(text, (character) => character.charCodeAt(0)),
  );
}
