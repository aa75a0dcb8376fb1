import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { seedNumber } from '../core/options.ts';
import { createRandom } from '../core/random.ts';
import { checkWaveform } from '../core/waveform.ts';
import type { WaveformFunction } from './held.ts';
import { type Transform, waveformTransform } from './transform.ts';

export type { WaveformFunction };

/** What a function of one's own draws: the seed of all that it draws. */
export interface OwnDraw {
  readonly seed: number;
}

const drawn = z.strictObject({ seed: seedNumber });

/**
 * A function of one's own as a transform; it keeps the sample rate. A seed is drawn for it, and what it is given as `random` begins with that
 * seed, so that it can be applied again.
 *
 * @param name  what it is called in JSON: `parseTransform(json, { functions: { [name]: f } })`
 * @throws SerKitError 'bad-option'; the transform 'bad-input', 'empty', 'not-finite', also for what the function returns
 * @example
 * const backwards = ownFunction('backwards', ({ samples, sampleRate }) => ({ samples: samples.toReversed(), sampleRate }));
 */
export function ownFunction(name: string, f: WaveformFunction): Transform<OwnDraw> {
  if (typeof name !== 'string' || name === '') {
    throw new SerKitError(
      'bad-option',
      `ownFunction: name expected a name of at least one character, got ${quote(name)}`,
    );
  }
  if (typeof f !== 'function') {
    throw new SerKitError(
      'bad-option',
      `ownFunction: f expected a function (waveform, random) => waveform, got ${quote(f)}`,
    );
  }
  return waveformTransform<OwnDraw>({
    kind: 'ownFunction',
    options: { name },
    held: { functions: { [name]: f } },
    drawn,
    draw: (_, random) => ({ seed: Math.floor(random() * 2 ** 32) }),
    apply: (waveform, { seed }) => {
      const out = f(waveform, createRandom(seed));
      checkWaveform(`ownFunction ${name}`, out);
      if (out.sampleRate === waveform.sampleRate) return out;
      throw new SerKitError(
        'bad-input',
        `ownFunction ${name} expected to keep the sample rate of ${waveform.sampleRate} Hz, got ${out.sampleRate} Hz`,
      );
    },
  });
}
