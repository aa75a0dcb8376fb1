/** CREMA-D's six emotions, in the order that ser-kit keeps everywhere. */
export const CREMAD_EMOTIONS = ['neutral', 'happy', 'sad', 'angry', 'fear', 'disgust'] as const;

/** One of {@link CREMAD_EMOTIONS}. */
export type CremadEmotion = (typeof CREMAD_EMOTIONS)[number];

/** How strongly the actor was asked to show the emotion; only the sentence IEO was asked for at three levels. */
export type CremadIntensity = 'low' | 'medium' | 'high' | 'unspecified';

/** The emotion that each of the file names' codes stands for. */
export const EMOTION_OF_CODE: Readonly<Record<string, CremadEmotion>> = {
  NEU: 'neutral',
  HAP: 'happy',
  SAD: 'sad',
  ANG: 'angry',
  FEA: 'fear',
  DIS: 'disgust',
};

/** The intensity that each of the file names' codes stands for. */
export const INTENSITY_OF_CODE: Readonly<Record<string, CremadIntensity>> = {
  LO: 'low',
  MD: 'medium',
  HI: 'high',
  XX: 'unspecified',
};

/** What is spoken, by the file names' code (the corpus's README). */
export const SENTENCES: Readonly<Record<string, string>> = {
  IEO: "It's eleven o'clock",
  TIE: 'That is exactly what happened',
  IOM: "I'm on my way to the meeting",
  IWW: 'I wonder what this is about',
  TAI: 'The airplane is almost full',
  MTI: 'Maybe tomorrow it will be cold',
  IWL: 'I would like a new alarm clock',
  ITH: "I think I have a doctor's appointment",
  DFA: "Don't forget a jacket",
  ITS: "I think I've seen this before",
  TSI: 'The surface is slick',
  WSI: "We'll stop in a couple of minutes",
};

/** What a file name says: `1001_IEO_ANG_HI.wav`. */
export interface ClipName {
  /** The name without its ending, in capitals, spelt right. */
  readonly id: string;
  readonly actor: string;
  readonly sentence: { readonly code: string; readonly text: string };
  readonly emotion: CremadEmotion;
  readonly intensity: CremadIntensity;
}

/** Misspelt names that the published corpus holds, and what they stand for (its label files spell them right). */
export const MISSPELT_NAMES: Readonly<Record<string, string>> = { '1040_ITH_SAD_X': '1040_ITH_SAD_XX' };

const NAME = /^(\d{4})_([A-Z]{3})_([A-Z]{3})_([A-Z]{2})$/;

/** What a file's name without folder and ending says, or undefined where it is not one of CREMA-D's. */
export function parseClipName(stem: string): ClipName | undefined {
  const upper = stem.toUpperCase();
  const id = MISSPELT_NAMES[upper] ?? upper;
  const match = NAME.exec(id);
  if (match === null) return undefined;
  const [, actor, code, emotionCode, intensityCode] = match;
  const text = lookUp(SENTENCES, code!);
  const emotion = lookUp(EMOTION_OF_CODE, emotionCode!);
  const intensity = lookUp(INTENSITY_OF_CODE, intensityCode!);
  if (text === undefined || emotion === undefined || intensity === undefined) return undefined;
  return { id, actor: actor!, sentence: { code: code!, text }, emotion, intensity };
}

function lookUp<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
