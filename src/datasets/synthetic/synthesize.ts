import * as z from 'zod/mini';
import { parseOptions, seedNumber } from '../../core/options.ts';
import { createRandom, deriveSeed } from '../../core/random.ts';
import type { Waveform } from '../../core/waveform.ts';
import { CREMAD_EMOTIONS, type CremadEmotion, type CremadIntensity, SENTENCES } from '../cremad/names.ts';
import { EMOTION_CUES } from './emotion-cues.ts';
import { phonesOf } from './phones.ts';
import { syntheticSpeaker } from './speaker.ts';
import { planUtterance } from './utterance-plan.ts';
import { renderVoice } from './voice.ts';

/** What is to be said, by whom and how. */
export interface SynthesizeOptions {
  /** The same options give the same samples; another seed gives other speakers. */
  readonly seed: number;
  /** The speaker's number, from 0 on; even numbers are women's voices, odd ones men's. */
  readonly speaker: number;
  readonly emotion: CremadEmotion;
  /** The code of one of CREMA-D's sentences. The words cannot be made out; vowels and rhythm are roughly theirs. */
  readonly sentence: string;
  /**
   * How strongly the emotion shows: 0.7, 1 and 1.3 times the cues' distance from neutral for low, medium and high.
   * @default 'unspecified', as strong as 'medium'
   */
  readonly intensity?: CremadIntensity;
  /**
   * In Hz, at least 8000.
   * @default 16000
   */
  readonly sampleRate?: number;
}

/** How far from neutral the emotions of each intensity lie. */
const STRENGTH: Readonly<Record<CremadIntensity, number>> = { low: 0.7, medium: 1, high: 1.3, unspecified: 1 };

/** RMS of neutral speech over a clip, in dB of full scale. */
const LEVEL_DB = -26;

/** RMS of the room's noise, in dB of full scale. */
const ROOM_DB = -72;

export const sampleRateOption = z.int().check(z.minimum(8000), z.maximum(192000));

const schema = z.strictObject({
  seed: seedNumber,
  speaker: z.int().check(z.nonnegative()),
  emotion: z.enum(CREMAD_EMOTIONS),
  sentence: z.enum(Object.keys(SENTENCES) as [string, ...string[]]),
  intensity: z.optional(z.enum(['low', 'medium', 'high', 'unspecified'])),
  sampleRate: z.optional(sampleRateOption),
});

/**
 * A synthetic utterance of 1.2 to 2.5 s. It is no speech of a person, and what a network learns from such voices says
 * nothing about people: it is there so that the software can be tried and tested without a corpus.
 *
 * Pitch level, range and contour, rate, level, spectral tilt, breath and jitter follow the emotion (see EMOTION_CUES);
 * pitch, tract length and habits the speaker; every utterance varies about both.
 *
 * @throws SerKitError 'bad-option'
 * @example
 * const waveform = synthesize({ seed: 1, speaker: 0, emotion: 'happy', sentence: 'DFA' });
 */
export function synthesize(options: SynthesizeOptions): Waveform {
  const parsed = parseOptions('synthesize', schema, options);
  const { seed, emotion, sentence, intensity = 'unspecified', sampleRate = 16000 } = parsed;
  const speaker = syntheticSpeaker(seed, parsed.speaker);
  const stream = (purpose: string): (() => number) =>
    createRandom(deriveSeed(seed, 'synthetic', purpose, parsed.speaker, sentence, emotion, intensity));
  const plan = planUtterance(phonesOf(sentence), speaker, EMOTION_CUES[emotion], STRENGTH[intensity], stream('plan'));
  const voice = renderVoice(plan, speaker, sampleRate, stream('voice'));
  return { samples: finish(voice, LEVEL_DB + plan.cues.levelDb, stream('room')), sampleRate };
}

/** The voice at its level, in a quiet room, within [-1, 1]. */
function finish(voice: Float64Array, levelDb: number, random: () => number): Float32Array<ArrayBuffer> {
  let energy = 0;
  let peak = 0;
  for (const sample of voice) {
    energy += sample * sample;
    peak = Math.max(peak, Math.abs(sample));
  }
  const wanted = 10 ** (levelDb / 20) / Math.sqrt(energy / voice.length);
  const gain = Math.min(wanted, 0.95 / peak);
  const room = 10 ** (ROOM_DB / 20) * Math.sqrt(3); // uniform noise in [-1, 1] has an RMS of 1 / sqrt(3)
  const out = new Float32Array(voice.length);
  for (let i = 0; i < out.length; i++) out[i] = voice[i]! * gain + room * (2 * random() - 1);
  return out;
}
