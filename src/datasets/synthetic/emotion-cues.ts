import type { CremadEmotion } from '../cremad/names.ts';

/** How a way of speaking departs from the speaker's neutral one. */
export interface EmotionCues {
  /** Mean pitch, in semitones above the speaker's own. */
  readonly pitchSemitones: number;
  /** Pitch range, as a factor. */
  readonly pitchRange: number;
  /** Pitch movement from the sentence's beginning to its end, in semitones. */
  readonly contourSemitones: number;
  /** Speech rate, as a factor. */
  readonly rate: number;
  /** Level, in dB. */
  readonly levelDb: number;
  /** How much energy the high frequencies have: a factor on the cut-off of the source's spectral tilt. */
  readonly brightness: number;
  /** The part of a period in which the vocal folds are open; pressed voices less, breathy voices more. */
  readonly openQuotient: number;
  /** Aspiration noise, as a share of the pulses' amplitude. */
  readonly breath: number;
  /** Irregularity from period to period: the deviation of their length, as a share of it. */
  readonly jitter: number;
  /** Factor on all formants: a smile shortens the tract, drawn-down lips lengthen it. */
  readonly formants: number;
}

/**
 * The synthetic voices' emotions. Directions after Juslin and Laukka 2003 (Psychological Bulletin 129(5), table 11,
 * which sums up 104 studies of vocal expression), sizes chosen:
 *
 * | | rate | level | high-frequency energy | pitch | range | contour | irregularity |
 * | --- | --- | --- | --- | --- | --- | --- | --- |
 * | angry | fast | high | much | high | much | rising | irregular |
 * | fear | fast | low | little | high | little | rising | irregular |
 * | happy | fast | medium to high | medium | high | much | rising | regular |
 * | sad | slow | low | little | low | little | falling | irregular |
 *
 * Disgust is not in that table. After Murray and Arnott 1993 (Journal of the Acoustical Society of America 93(2),
 * table 1): much slower, much lower pitch, a slightly wider range with wide falls at the end, less level, a grumbled
 * voice. That a smile raises the formants: Tartter 1980 (Perception & Psychophysics 27(1)).
 */
export const EMOTION_CUES: Readonly<Record<CremadEmotion, EmotionCues>> = {
  neutral: cues(0, 1, -2, 1, 0, 1, 0.6, 0.02, 0.006, 1),
  happy: cues(6.5, 2, 1.5, 1.15, 4, 1.6, 0.64, 0.035, 0.004, 1.09),
  sad: cues(-2, 0.5, -3.5, 0.82, -6, 0.5, 0.72, 0.03, 0.012, 0.98),
  angry: cues(4, 1.7, 0.5, 1.15, 7, 4, 0.4, 0.01, 0.018, 1),
  fear: cues(6.5, 0.6, 1.5, 1.25, -3, 0.7, 0.7, 0.06, 0.022, 1),
  disgust: cues(-4, 1.3, -7, 0.78, -2, 1.7, 0.36, 0.03, 0.035, 0.93),
};

function cues(
  pitchSemitones: number,
  pitchRange: number,
  contourSemitones: number,
  rate: number,
  levelDb: number,
  brightness: number,
  openQuotient: number,
  breath: number,
  jitter: number,
  formants: number,
): EmotionCues {
  return {
    pitchSemitones,
    pitchRange,
    contourSemitones,
    rate,
    levelDb,
    brightness,
    openQuotient,
    breath,
    jitter,
    formants,
  };
}

/**
 * Cues that lie `strength` times as far from neutral as these: 0 is neutral, 1 the cues themselves. What is a factor
 * by nature moves in ratios, so that nothing turns negative.
 */
export function scaleCues(emotion: EmotionCues, strength: number): EmotionCues {
  const from = EMOTION_CUES.neutral;
  const linear = (key: keyof EmotionCues): number => from[key] + strength * (emotion[key] - from[key]);
  const ratio = (key: keyof EmotionCues): number => from[key] * (emotion[key] / from[key]) ** strength;
  return cues(
    linear('pitchSemitones'),
    ratio('pitchRange'),
    linear('contourSemitones'),
    ratio('rate'),
    linear('levelDb'),
    ratio('brightness'),
    ratio('openQuotient'),
    ratio('breath'),
    ratio('jitter'),
    ratio('formants'),
  );
}
