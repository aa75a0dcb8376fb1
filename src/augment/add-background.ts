import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { parseOptions } from '../core/options.ts';
import type { Random } from '../core/random.ts';
import { checkWaveform, type Waveform } from '../core/waveform.ts';
import { type Background, backgroundAtRates } from './background.ts';
import { meanPower, mixAtSnr } from './power.ts';
import { drawFrom, type Range, rangeFrom } from './range.ts';
import { type Transform, waveformTransform } from './transform.ts';

export interface AddBackgroundOptions {
  /** By name. They are kept as they are, not copied: leave their samples untouched. JSON holds the names. */
  readonly recordings: Readonly<Record<string, Waveform>>;
  /** How far the background lies below the clip, in dB, from -60 (far above it) to 100. @default [3, 30] */
  readonly snrDb?: Range | undefined;
}

/** What addBackground() draws: which recording, from where on in it, and the ratio. */
export interface AddBackgroundDraw {
  readonly recording: string;
  readonly offsetSec: number;
  readonly snrDb: number;
}

const schema = z.strictObject({
  recordings: z
    .record(z.string().check(z.minLength(1)), z.unknown())
    .check(z.refine((all) => Object.keys(all).length > 0, { message: '{ name: waveform } with at least one' })),
  snrDb: z.optional(rangeFrom(-60, 100)),
});

/** A stretch this far below its recording's mean power (60 dB) is a pause in it, and another one is drawn. */
const PAUSE = 1e-6;
const TRIES = 8;

/**
 * The recording with one of others in its background, at a signal-to-noise ratio: snrDb = 10 log10(P(clip) / P(background)),
 * P(x) = sum x[n]^2 / n over the whole clip, of the stretch that is added. Within 0.01 dB, as with addNoise().
 *
 * Each recording is as likely as any other, and so is each place in it. It is resampled to the clip's rate once, and kept
 * for the last 4 rates. Where it is shorter than the clip it is looped: its last 20 ms (a quarter of it at most) fade out
 * while its first fade in, at equal power, so that the seam does not click.
 *
 * A stretch more than 60 dB below the recording's mean power is not taken: another is drawn, and after 8 of them one with
 * the recording's loudest sample in it. Silence comes back unchanged, and so does a clip whose background is silent all
 * the same: by a draw that was made for another clip, or because nothing is left of it at the clip's rate.
 *
 * @throws SerKitError 'bad-option', also for a recording that is silent; 'bad-input', 'empty' or 'not-finite' for a recording
 *   that is no waveform; the transform 'bad-input', 'empty', 'not-finite'
 * @example
 * const outdoors = addBackground({ recordings: { 'rain.wav': decodeWav(bytes) }, snrDb: [0, 20] });
 */
export function addBackground(options: AddBackgroundOptions): Transform<AddBackgroundDraw> {
  const who = 'addBackground';
  const { recordings, snrDb = [3, 30] } = parseOptions(who, schema, options);
  const backgrounds = new Map<string, (sampleRate: number) => Background>();
  for (const [name, recording] of Object.entries(recordings as Record<string, Waveform>)) {
    const what = `recordings[${JSON.stringify(name)}]`;
    checkWaveform(`${who}: ${what}`, recording);
    if (meanPower(recording.samples) === 0) {
      throw new SerKitError('bad-option', `${who}: ${what} expected sound, got silence`);
    }
    backgrounds.set(name, backgroundAtRates(recording));
  }
  const names = [...backgrounds.keys()];
  return waveformTransform<AddBackgroundDraw>({
    kind: who,
    options: { recordings: names, snrDb },
    held: { recordings: { ...(recordings as Record<string, Waveform>) } },
    drawn: z.strictObject({
      recording: z.enum(names),
      offsetSec: z.number().check(z.minimum(0), z.maximum(1e9)),
      snrDb: z.number().check(z.minimum(-60), z.maximum(100)),
    }),
    draw: ({ samples, sampleRate }, random) => {
      const recording = names[Math.floor(random() * names.length)]!;
      const start = soundingPlace(backgrounds.get(recording)!(sampleRate), samples.length, random);
      return { recording, offsetSec: start / sampleRate, snrDb: drawFrom(snrDb, random) };
    },
    apply: (waveform, { recording, offsetSec, snrDb }) => {
      const { samples, sampleRate } = waveform;
      const background = backgrounds.get(recording)!(sampleRate);
      if (background.power === 0) return waveform;
      const { samples: noise, begin } = background.stretch(Math.round(offsetSec * sampleRate), samples.length);
      const out = mixAtSnr(samples, noise, begin, snrDb);
      return out === samples ? waveform : { samples: out, sampleRate };
    },
  });
}

/** A place from which on there is something to hear. */
function soundingPlace(background: Background, length: number, random: Random): number {
  const { samples, power, loudest } = background;
  if (power === 0) return 0;
  const places = background.places(length);
  for (let i = 0; i < TRIES; i++) {
    const start = Math.floor(random() * places);
    // All of a loop is heard.
    if (length > samples.length || background.powerOf(start, length) > PAUSE * power) return start;
  }
  const first = Math.max(0, loudest - length + 1);
  return first + Math.floor(random() * (Math.min(loudest, places - 1) - first + 1));
}

/** Takes the recordings of these names from those that are known. @throws SerKitError 'bad-option' naming what is missing */
export function namedRecordings(
  who: string,
  names: unknown,
  recordings: Readonly<Record<string, Waveform>> = {},
  option = 'recordings',
): Record<string, Waveform> {
  if (!Array.isArray(names) || names.length === 0) {
    throw new SerKitError('bad-option', `${who}: ${option} expected a list of names, got ${quote(names)}`);
  }
  const missing = names.filter((name) => typeof name !== 'string' || !Object.hasOwn(recordings, name));
  if (missing.length > 0) {
    const known = Object.keys(recordings).join(', ') || 'none were given';
    throw new SerKitError(
      'bad-option',
      `${who}: ${option} expected names of options.recordings (${known}), got ${missing.map(quote).join(', ')}`,
    );
  }
  return Object.fromEntries(names.map((name: string) => [name, recordings[name]!]));
}
