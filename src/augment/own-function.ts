import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { parseOptions, seedNumber } from '../core/options.ts';
import { createRandom, type Random } from '../core/random.ts';
import type { Waveform } from '../core/waveform.ts';
import { checkWaveform } from '../core/waveform.ts';
import { type Transform, waveformTransform } from './transform.ts';

/** Any function that makes one recording of another. It leaves its input as it is, and takes all chance from `random`. */
export type WaveformFunction = (waveform: Waveform, random: Random) => Waveform;

/** What a function of one's own draws: the seed of all that it draws. */
export interface OwnDraw {
  readonly seed: number;
}

const drawn = z.strictObject({ seed: seedNumber });

/**
 * A function of one's own as a transform. A seed is drawn for it, and what it is given as `random` begins with that
 * seed, so that it can be applied again.
 *
 * @param name  what it is called in JSON: `parseTransform(json, { functions: { [name]: f } })`
 * @throws SerKitError 'bad-option'; the transform 'bad-input', 'empty', 'not-finite', also for what the function returns
 * @example
 * const backwards = ownFunction('backwards', ({ samples, sampleRate }) => ({ samples: samples.toReversed(), sampleRate }));
 */
export function ownFunction(name: string, f: WaveformFunction): Transform<OwnDraw> {
  parseOptions('ownFunction: name', z.string().check(z.minLength(1)), name);
  if (typeof f !== 'function') {
    throw new SerKitError(
      'bad-option',
      `ownFunction: f expected a function (waveform, random) => waveform, got ${quote(f)}`,
    );
  }
  return waveformTransform<OwnDraw>({
    kind: 'ownFunction',
    options: { name },
    drawn,
    draw: (_, random) => ({ seed: Math.floor(random() * 2 ** 32) }),
    apply: (waveform, { seed }) => {
      const out = f(waveform, createRandom(seed));
      checkWaveform(`ownFunction ${name}`, out);
      return out;
    },
  });
}
