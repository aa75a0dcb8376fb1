import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { parseOptions, seedNumber } from '../core/options.ts';
import { checkWaveform, type Waveform } from '../core/waveform.ts';
import { Convolver } from '../dsp/convolve.ts';
import type { Held } from './held.ts';
import { meanPower } from './power.ts';
import { drawFrom, drawLogFrom, type Range, rangeFrom } from './range.ts';
import { createRoomResponse, GivenResponses, type Reverberation, type RoomResponse } from './room-response.ts';
import { toSamples } from './to-samples.ts';
import { type Transform, waveformTransform } from './transform.ts';

export interface ReverbOptions {
  /**
   * How long the reverberation takes to fall by 60 dB, in seconds, from 0.01 to 10; drawn in equal steps of the
   * logarithm. 0.2 is a furnished bedroom, 0.8 a bare classroom. @default [0.2, 0.8]
   */
  readonly rt60Sec?: Range | undefined;
  /**
   * How much more energy the direct sound has than the reverberation, in dB, from -60 to 60: 15 is near the microphone,
   * 0 a few metres away. @default [0, 15]
   */
  readonly directToReverberantDb?: Range | undefined;
  /** When the reverberation begins after the direct sound, in seconds, from 0 to 1. @default [0, 0.02] */
  readonly preDelaySec?: Range | undefined;
  /**
   * Rooms' measured responses by their names, at any rates, instead of those that the options above make: one is chosen,
   * each as likely. In JSON there are the names alone, and `parseTransform(json, { recordings })` has the responses.
   */
  readonly responses?: Readonly<Record<string, Waveform>> | undefined;
  /** Scales the outcome to the mean power of the input; false keeps what the response makes of it. @default true */
  readonly keepLevel?: boolean | undefined;
}

/** What reverb() draws: how a room is made, or which of the responses is taken. */
export type ReverbDraw = Reverberation | { readonly response: string };

const keepLevelSchema = z.optional(z.boolean());
const madeSchema = z.strictObject({
  rt60Sec: z.optional(rangeFrom(0.01, 10)),
  directToReverberantDb: z.optional(rangeFrom(-60, 60)),
  preDelaySec: z.optional(rangeFrom(0, 1)),
  responses: z.optional(z.undefined()),
  keepLevel: keepLevelSchema,
});
const givenSchema = z.strictObject({
  responses: z.record(z.string(), z.custom<Waveform>()),
  keepLevel: keepLevelSchema,
});
const madeDraw = z.strictObject({
  rt60Sec: z.number().check(z.minimum(0.01), z.maximum(10)),
  directToReverberantDb: z.number().check(z.minimum(-60), z.maximum(60)),
  preDelaySec: z.number().check(z.minimum(0), z.maximum(1)),
  seed: seedNumber,
});

/**
 * The recording in a room. Its length stays: what still sounds after its end is cut off. The direct sound stays in its
 * place: of a response that is given, the sample of largest magnitude counts as the direct sound, and what lies before it
 * sounds before the sound.
 *
 * Without `responses` a response is made: 1 for the direct sound, and after `preDelaySec` noise that falls exponentially
 * (Polack 1988), its energy by 60 dB in `rt60Sec`, as a whole `directToReverberantDb` under the direct sound's. It falls
 * alike at all frequencies, and there are no single early reflections: a plain room, right in its decay and its balance.
 *
 * With `keepLevel` the mean power over the whole clip is the input's; peaks can leave [-1, 1]. Silence stays silence, one
 * sample stays that sample. Responses of another rate are resampled, once for each rate, and keep their gain. They are
 * kept as they are, not copied: leave their samples untouched.
 *
 * @throws SerKitError 'bad-option'; the transform 'bad-input', 'empty', 'not-finite'
 * @example
 * const inARoom = reverb({ rt60Sec: 0.5, directToReverberantDb: 5 })(waveform, createRandom(1));
 */
export function reverb(options: ReverbOptions = {}): Transform<ReverbDraw> {
  const convolver = new Convolver();
  const parts =
    options !== null && typeof options === 'object' && options.responses !== undefined ? given(options) : made(options);
  const { keepLevel = true } = options;
  return waveformTransform<ReverbDraw>({
    kind: 'reverb',
    options: { ...parts.options, keepLevel },
    held: parts.held,
    drawn: parts.drawn,
    draw: (_, random) => parts.draw(random),
    apply: ({ samples, sampleRate }, drawn) => {
      const response = parts.response(drawn, sampleRate, samples.length);
      const out = new Float64Array(samples.length);
      convolver.convolve(samples, response.samples, response.direct, out);
      return { samples: scaled(out, keepLevel ? samples : undefined), sampleRate };
    },
  });
}

/** What differs between responses that are made and those that are given. */
interface Parts {
  readonly options: object;
  readonly held?: Held | undefined;
  readonly drawn: z.ZodMiniType<ReverbDraw>;
  draw(random: () => number): ReverbDraw;
  response(drawn: ReverbDraw, sampleRate: number, length: number): RoomResponse;
}

function made(options: ReverbOptions): Parts {
  const parsed = parseOptions('reverb', madeSchema, options);
  const { rt60Sec = [0.2, 0.8], directToReverberantDb = [0, 15], preDelaySec = [0, 0.02] } = parsed;
  return {
    options: { rt60Sec, directToReverberantDb, preDelaySec },
    drawn: madeDraw,
    draw: (random) => ({
      rt60Sec: drawLogFrom(rt60Sec, random),
      directToReverberantDb: drawFrom(directToReverberantDb, random),
      preDelaySec: drawFrom(preDelaySec, random),
      seed: Math.floor(random() * 2 ** 32),
    }),
    response: (drawn, sampleRate, length) => createRoomResponse(drawn as Reverberation, sampleRate, length),
  };
}

function given(options: ReverbOptions): Parts {
  const { responses } = parseOptions('reverb', givenSchema, options);
  const names = Object.keys(responses);
  if (names.length === 0) {
    throw new SerKitError('bad-option', `reverb: responses expected at least one, got ${quote(responses)}`);
  }
  if (names.includes('')) throw new SerKitError('bad-option', "reverb: responses expected names, got ''");
  for (const name of names) checkWaveform(`reverb: responses.${name}`, responses[name]!);
  const ready = new GivenResponses('reverb', responses);
  return {
    options: { responses: names },
    held: { recordings: { ...responses } },
    drawn: z.strictObject({ response: z.enum(names as [string, ...string[]]) }),
    draw: (random) => ({ response: names[Math.floor(random() * names.length)]! }),
    response: (drawn, sampleRate) => ready.at((drawn as { response: string }).response, sampleRate),
  };
}

/** As float32, after scaling in place to the mean power of `like`, where there is one. */
function scaled(values: Float64Array, like: Float32Array | undefined): Float32Array<ArrayBuffer> {
  const power = like === undefined ? 0 : meanPower(like);
  const now = like === undefined ? 0 : meanPower(values);
  const factor = power > 0 && now > 0 ? Math.sqrt(power / now) : 1;
  if (factor !== 1) for (let i = 0; i < values.length; i++) values[i]! *= factor;
  return toSamples(values);
}
