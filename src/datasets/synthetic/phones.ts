/** A stretch of sound with one target. */
export interface Phone {
  /** Formant frequencies 1 to 3 of an average man, in Hz. */
  readonly formants: readonly [number, number, number];
  /** Length at rate 1, in seconds. */
  readonly seconds: number;
  /** Amplitude of the voice, 0 to 1. */
  readonly voice: number;
  /** Amplitude of hiss, 0 to 1. */
  readonly hiss: number;
}

/** Vowels: Peterson and Barney 1952, table II, men. Consonants: five rough classes are enough here. */
const PHONES: Readonly<Record<string, Phone>> = {
  i: vowel(270, 2290, 3010),
  I: vowel(390, 1990, 2550),
  E: vowel(530, 1840, 2480),
  A: vowel(660, 1720, 2410),
  a: vowel(730, 1090, 2440),
  o: vowel(570, 840, 2410),
  U: vowel(440, 1020, 2240),
  u: vowel(300, 870, 2240),
  V: vowel(640, 1190, 2390),
  R: vowel(490, 1350, 1690),
  n: { formants: [280, 1300, 2400], seconds: 0.065, voice: 0.35, hiss: 0 },
  l: { formants: [360, 1200, 2600], seconds: 0.06, voice: 0.5, hiss: 0 },
  s: { formants: [320, 1600, 2600], seconds: 0.095, voice: 0, hiss: 0.3 },
  z: { formants: [320, 1500, 2500], seconds: 0.07, voice: 0.25, hiss: 0.15 },
  t: { formants: [400, 1700, 2600], seconds: 0.065, voice: 0, hiss: 0 },
};

function vowel(f1: number, f2: number, f3: number): Phone {
  return { formants: [f1, f2, f3], seconds: 0.135, voice: 1, hiss: 0 };
}

/** CREMA-D's sentences as rough strings of the phones above. */
const PHONES_OF_SENTENCE: Readonly<Record<string, string>> = {
  IEO: 'ItsIlEznotlat', // It's eleven o'clock
  TIE: 'zAtIzIgzAtliwVthAnt', // That is exactly what happened
  IOM: 'aInonlaIUeItUziitIn', // I'm on my way to the meeting
  IWW: 'aIUVntRwVtzIzIzatUt', // I wonder what this is about
  TAI: 'ziERtlEInIzolosttUl', // The airplane is almost full
  MTI: 'nEIitUnaroItUIlzitol', // Maybe tomorrow it will be cold
  IWL: 'aIUtlaItVnuVlantlat', // I would like a new alarm clock
  ITH: 'aIzIntaIAzatatRzVtoIntnVnt', // I think I have a doctor's appointment
  DFA: 'tontzRtEtVtAtIt', // Don't forget a jacket
  ITS: 'aIzIntaIzsinzIstIzoR', // I think I've seen this before
  TSI: 'zVsRtVsIzslIt', // The surface is slick
  WSI: 'uIlstatIntVtlVznInIts', // We'll stop in a couple of minutes
};

/** The phones of one of CREMA-D's sentences. Vowels that follow one another are shorter. */
export function phonesOf(sentence: string): readonly Phone[] {
  const symbols = [...(PHONES_OF_SENTENCE[sentence] ?? '')].filter((symbol) => symbol in PHONES);
  return symbols.map((symbol, i) => {
    const phone = PHONES[symbol]!;
    const before = i > 0 ? PHONES[symbols[i - 1]!]! : undefined;
    const isGlide = phone.voice === 1 && before?.voice === 1;
    return isGlide ? { ...phone, seconds: phone.seconds * 0.6 } : phone;
  });
}
