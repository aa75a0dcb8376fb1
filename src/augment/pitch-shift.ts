import * as z from 'zod/mini';
import { resampleByStep } from '../audio/resample-by-step.ts';
import { checkOption, parseOptions } from '../core/options.ts';
import { checkFrame, phaseVocoderStretch, speechFrame } from './phase-vocoder.ts';
import { drawFrom, type Range, rangeFrom } from './range.ts';
import { shiftVoice } from './td-psola.ts';
import { type Transform, waveformTransform } from './transform.ts';
import { wsolaStretch } from './wsola.ts';

export interface PitchShiftOptions {
  /** How much higher, in semitones (negative: lower; fractions too), from -24 to 24. @default [-4, 4] */
  readonly semitones?: Range | undefined;
  /**
   * 'move': the whole spectrum moves, formants by the same ratio, as if the speaker were smaller or larger. 'keep': the
   * voice moves and the formants stay, as if the same speaker spoke higher or lower.
   * @default 'move'
   */
  readonly formants?: 'move' | 'keep' | undefined;
  /** How time is stretched where formants move; see timeStretch(). It has no meaning with 'keep'. @default 'wsola' */
  readonly method?: 'wsola' | 'phaseVocoder' | undefined;
  /**
   * The phase vocoder's frame in samples, from 16 to 65536; see timeStretch(). librosa's is 2048.
   * @default 40 ms, or a little more
   */
  readonly nFft?: number | undefined;
  /** The phase vocoder's step in samples, at most nFft / 2; goes with nFft. @default floor(nFft / 4) */
  readonly hopLength?: number | undefined;
}

/** What pitchShift() draws. */
export interface PitchShiftDraw {
  readonly semitones: number;
}

const LIMIT = 24;
const schema = z.strictObject({
  semitones: z.optional(rangeFrom(-LIMIT, LIMIT)),
  formants: z.optional(z.enum(['move', 'keep'])),
  method: z.optional(z.enum(['wsola', 'phaseVocoder'])),
  nFft: z.optional(z.int().check(z.minimum(16), z.maximum(65536))),
  hopLength: z.optional(z.int().check(z.minimum(1), z.maximum(32768))),
});
const drawn = z.strictObject({ semitones: z.number().check(z.minimum(-LIMIT), z.maximum(LIMIT)) });

/**
 * The recording higher or lower at the same speed and length: frequencies times 2^(semitones / 12). 0 semitones give the
 * input itself.
 *
 * Formants 'move': the recording is stretched in time by that ratio, as timeStretch() does, and read faster or slower by
 * as much through a windowed sinc; what would come to lie above half the rate is taken away. The 'phaseVocoder' with
 * nFft 2048 gives what librosa 0.11's effects.pitch_shift does, at least 60 dB above what they differ in.
 *
 * Formants 'keep': TD-PSOLA (Moulines and Charpentier 1990) on stretches where a voice from 60 to 600 Hz is found, its
 * average power kept; all else is copied. What counts as
 * voiced is generous: noise and soft sounds that resemble themselves a period later are moved too. A clip without any
 * voiced stretch (silence, or fewer than
 * three periods), and any at a rate up to 240 Hz, comes back as it is.
 *
 * Samples can leave [-1, 1] where the input is near it.
 *
 * @throws SerKitError 'bad-option'; the transform 'bad-input', 'empty', 'not-finite'
 * @example
 * const higher = pitchShift({ semitones: [1, 3], formants: 'keep' })(waveform, createRandom(1));
 */
export function pitchShift(options: PitchShiftOptions = {}): Transform<PitchShiftDraw> {
  const who = 'pitchShift';
  const parsed = parseOptions(who, schema, options);
  const { semitones = [-4, 4], formants = 'move', method = 'wsola', nFft, hopLength } = parsed;
  const unused = formants === 'move' || parsed.method === undefined;
  checkOption(who, 'method', unused, `none where formants are kept`, parsed.method);
  const vocoder = formants === 'move' && method === 'phaseVocoder';
  checkFrame(who, vocoder, nFft, hopLength);
  const frameOptions = { ...(nFft !== undefined && { nFft }), ...(hopLength !== undefined && { hopLength }) };
  return waveformTransform<PitchShiftDraw>({
    kind: who,
    options: { semitones, formants, ...(formants === 'move' && { method }), ...(vocoder && frameOptions) },
    drawn,
    draw: (_, random) => ({ semitones: drawFrom(semitones, random) }),
    apply: (waveform, { semitones }) => {
      if (semitones === 0) return waveform;
      const { samples, sampleRate } = waveform;
      const ratio = 2 ** (semitones / 12);
      if (formants === 'keep') {
        const shifted = shiftVoice(samples, sampleRate, ratio);
        return shifted === undefined ? waveform : { samples: shifted, sampleRate };
      }
      const stretched = vocoder
        ? phaseVocoderStretch(samples, 2 ** (-semitones / 12), { nFft: nFft ?? speechFrame(sampleRate), hopLength })
        : wsolaStretch(samples, sampleRate, 1 / ratio);
      return { samples: resampleByStep(stretched, ratio, samples.length), sampleRate };
    },
  });
}
