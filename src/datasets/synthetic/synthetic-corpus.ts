import * as z from 'zod/mini';
import { decodeWav } from '../../audio/wav-reader.ts';
import { encodeWav } from '../../audio/wav-writer.ts';
import { count, parseOptions, seedNumber } from '../../core/options.ts';
import { compareText } from '../corpus.ts';
import { CREMAD_EMOTIONS, EMOTION_OF_CODE, INTENSITY_OF_CODE, SENTENCES } from '../cremad/names.ts';
import type { CremadClip, CremadCorpus } from '../cremad/open-cremad.ts';
import { SYNTHETIC_ATTRIBUTION } from './mark.ts';
import { syntheticSpeaker } from './speaker.ts';
import { sampleRateOption, synthesize } from './synthesize.ts';

/** How large a synthetic corpus is to be. */
export interface SyntheticCorpusOptions {
  /** How many voices; women's and men's alternate. */
  readonly speakers: number;
  /** The same options give the same bytes; another seed gives other speakers. */
  readonly seed: number;
  /**
   * How many of CREMA-D's 12 sentences each voice says with each emotion.
   * @default 4
   */
  readonly sentences?: number;
  /**
   * How often each is said, 1 to 4: at intensity XX, then also LO, MD and HI in CREMA-D's names.
   * @default 1
   */
  readonly takes?: number;
  /**
   * In Hz, at least 8000.
   * @default 16000
   */
  readonly sampleRate?: number;
}

const schema = z.strictObject({
  speakers: count.check(z.maximum(999)),
  seed: seedNumber,
  sentences: z.optional(count.check(z.maximum(12))),
  takes: z.optional(count.check(z.maximum(4))),
  sampleRate: z.optional(sampleRateOption),
});

/** The sentences in the order in which they are taken up: differing vowels first. */
const SENTENCE_ORDER = ['DFA', 'IEO', 'TSI', 'WSI', 'TAI', 'MTI', 'IWW', 'TIE', 'IOM', 'IWL', 'ITS', 'ITH'];

const TAKE_CODES = ['XX', 'LO', 'MD', 'HI'];

/**
 * Synthetic voices as a corpus in CREMA-D's shape, for trying and testing software where there is no corpus: speakers
 * times six emotions times sentences times takes. Speakers are called 9001, 9002, ...; CREMA-D's are 1001 to 1091. A
 * clip is computed each time it is loaded, and is what its WAV file (16-bit) would hold.
 *
 * @throws SerKitError 'bad-option'
 * @example
 * const corpus = createSyntheticCorpus({ speakers: 24, seed: 1 }); // 576 clips
 */
export function createSyntheticCorpus(options: SyntheticCorpusOptions): CremadCorpus {
  const parsed = parseOptions('createSyntheticCorpus', schema, options);
  const { speakers, seed, sentences = 4, takes = 1, sampleRate = 16000 } = parsed;
  const clips: CremadClip[] = [];
  for (let number = 0; number < speakers; number++) {
    const speaker = syntheticSpeaker(seed, number);
    for (const code of SENTENCE_ORDER.slice(0, sentences)) {
      for (const emotion of CREMAD_EMOTIONS) {
        for (const takeCode of TAKE_CODES.slice(0, takes)) {
          const emotionCode = Object.keys(EMOTION_OF_CODE).find((each) => EMOTION_OF_CODE[each] === emotion)!;
          const id = `${speaker.id}_${code}_${emotionCode}_${takeCode}`;
          const intensity = INTENSITY_OF_CODE[takeCode]!;
          clips.push({
            id,
            speakerId: speaker.id,
            label: emotion,
            path: `AudioWAV/${id}.wav`,
            sentence: { code, text: SENTENCES[code]! },
            intensity,
            actor: speaker.actor,
            votes: {},
            load: async () => {
              const spoken = synthesize({ seed, speaker: number, emotion, sentence: code, intensity, sampleRate });
              return decodeWav(encodeWav(spoken));
            },
          });
        }
      }
    }
  }
  clips.sort((a, b) => compareText(a.id, b.id));
  return {
    name: 'synthetic (CREMA-D layout)',
    attribution: SYNTHETIC_ATTRIBUTION,
    clips,
    problems: [],
    labels: CREMAD_EMOTIONS,
    withoutAudio: 0,
  };
}

/**
 * A synthetic corpus as files: `AudioWAV/9001_DFA_ANG_XX.wav` and so on, `VideoDemographics.csv`, and `SYNTHETIC.txt`
 * that says what they are. `openCremad` opens them; `writeDirectory` writes them.
 *
 * @throws SerKitError 'bad-option'
 * @example
 * await writeDirectory('synthetic', await renderSyntheticCorpus({ speakers: 24, seed: 1 }));
 */
export async function renderSyntheticCorpus(options: SyntheticCorpusOptions): Promise<Map<string, Uint8Array>> {
  const { clips } = createSyntheticCorpus(options);
  const files = new Map<string, Uint8Array>();
  const text = (lines: readonly string[]): Uint8Array => new TextEncoder().encode(`${lines.join('\n')}\n`);
  files.set(
    'SYNTHETIC.txt',
    text([SYNTHETIC_ATTRIBUTION, 'The file names follow CREMA-D, the actors 9001 and up are not of it.']),
  );
  const actors = new Map(clips.map((clip) => [clip.speakerId, clip.actor!]));
  files.set(
    'VideoDemographics.csv',
    text([
      '"ActorID","Age","Sex","Race","Ethnicity"',
      ...[...actors].map(([id, { age, sex, race, ethnicity }]) => {
        const written = sex === 'female' ? 'Female' : 'Male';
        return `${id},${age},"${written}","${race}","${ethnicity}"`;
      }),
    ]),
  );
  for (const clip of clips) files.set(clip.path, encodeWav(await clip.load()));
  return files;
}
