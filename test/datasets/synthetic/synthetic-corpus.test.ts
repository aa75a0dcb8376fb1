import { describe, expect, it } from 'vitest';
import { decodeWav } from '../../../src/audio/wav-reader.ts';
import type { Waveform } from '../../../src/core/waveform.ts';
import { checkCorpus } from '../../../src/datasets/check-corpus.ts';
import { CREMAD_EMOTIONS, type CremadEmotion } from '../../../src/datasets/cremad/names.ts';
import { openCremad } from '../../../src/datasets/cremad/open-cremad.ts';
import { syntheticSpeaker } from '../../../src/datasets/synthetic/speaker.ts';
import { synthesize } from '../../../src/datasets/synthetic/synthesize.ts';
import { createSyntheticCorpus, renderSyntheticCorpus } from '../../../src/datasets/synthetic/synthetic-corpus.ts';
import { spectrogram } from '../../../src/features/spectrogram.ts';
import { memoryFiles } from '../memory-files.ts';

/** Mean pitch in Hz: the highest peak of each voiced frame's autocorrelation, as a median over frames. */
function medianPitch({ samples, sampleRate }: Waveform): number {
  const size = Math.round(0.04 * sampleRate);
  const found: number[] = [];
  for (let from = 0; from + 2 * size < samples.length; from += size) {
    const at = (lag: number): number => {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += samples[from + i]! * samples[from + i + lag]!;
      return sum;
    };
    let best = 0;
    let bestLag = 0;
    for (let lag = Math.floor(sampleRate / 450); lag <= sampleRate / 70; lag++) {
      const value = at(lag);
      if (value > best) [best, bestLag] = [value, lag];
    }
    if (best > 0.6 * at(0) && at(0) / size > 1e-5) found.push(sampleRate / bestLag);
  }
  return found.sort((a, b) => a - b)[Math.floor(found.length / 2)]!;
}

function rms({ samples }: Waveform): number {
  return Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
}

/** Energy above 2 kHz over the whole, in dB. */
function highShareDb(waveform: Waveform): number {
  const { data, dims } = spectrogram(waveform, { nFft: 512, hopLength: 256 });
  const firstHigh = Math.ceil((2000 / waveform.sampleRate) * 512);
  let high = 0;
  let all = 0;
  data.forEach((power, i) => {
    all += power;
    if (i % dims >= firstHigh) high += power;
  });
  return 10 * Math.log10(high / all);
}

const EMOTIONS = CREMAD_EMOTIONS as readonly CremadEmotion[];

/** A measure's mean over ten speakers, by emotion. */
function measure(of: (waveform: Waveform) => number, sentence = 'DFA'): Record<CremadEmotion, number> {
  const mean = (emotion: CremadEmotion): number => {
    const speakers = Array.from({ length: 10 }, (_, speaker) => speaker);
    return speakers.reduce((sum, speaker) => sum + of(synthesize({ seed: 5, speaker, emotion, sentence })), 0) / 10;
  };
  return Object.fromEntries(EMOTIONS.map((emotion) => [emotion, mean(emotion)])) as Record<CremadEmotion, number>;
}

describe('synthesize()', () => {
  it("speaks at the speaker's own pitch when neutral", () => {
    for (const speaker of [0, 1, 2, 3]) {
      const { pitchHz } = syntheticSpeaker(5, speaker);
      const measured = medianPitch(synthesize({ seed: 5, speaker, emotion: 'neutral', sentence: 'TAI' }));
      expect(Math.abs(12 * Math.log2(measured / pitchHz))).toBeLessThan(2.5); // semitones
    }
  });

  it('moves pitch, level, tempo and brightness with the emotion as its table says', () => {
    const pitch = measure(medianPitch);
    expect(Math.min(pitch.angry, pitch.happy, pitch.fear)).toBeGreaterThan(1.1 * pitch.neutral);
    expect(pitch.sad).toBeLessThan(pitch.neutral);
    const level = measure(rms);
    expect(level.angry).toBeGreaterThan(level.happy);
    expect(level.happy).toBeGreaterThan(level.neutral);
    expect(level.neutral).toBeGreaterThan(level.fear);
    expect(level.fear).toBeGreaterThan(level.sad);
    const seconds = measure((waveform) => waveform.samples.length / waveform.sampleRate);
    expect(Math.max(seconds.angry, seconds.happy, seconds.fear)).toBeLessThan(seconds.neutral);
    expect(Math.min(seconds.sad, seconds.disgust)).toBeGreaterThan(seconds.neutral);
    const high = measure(highShareDb, 'IWL');
    expect(high.angry).toBeGreaterThan(high.neutral + 2);
    expect(high.sad).toBeLessThan(high.neutral);
  });

  it('gives the same samples for the same options, and others for another seed, speaker, sentence or intensity', () => {
    const options = { seed: 1, speaker: 2, emotion: 'fear', sentence: 'IEO' } as const;
    const first = synthesize(options).samples;
    expect(synthesize(options).samples).toEqual(first);
    for (const change of [
      { seed: 2 },
      { speaker: 4 },
      { sentence: 'TIE' },
      { emotion: 'sad' as const },
      { intensity: 'high' as const },
    ]) {
      expect(synthesize({ ...options, ...change }).samples).not.toEqual(first);
    }
  });

  it.each([8000, 11025, 48000])('stays finite, within [-1, 1] and 1.2 to 2.5 s long at %i Hz', (sampleRate) => {
    for (const emotion of EMOTIONS) {
      for (const sentence of ['ITH', 'TSI']) {
        const { samples } = synthesize({ seed: 3, speaker: 1, emotion, sentence, intensity: 'high', sampleRate });
        const peak = samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
        expect(peak).toBeGreaterThan(0.02);
        expect(peak).toBeLessThanOrEqual(1);
        expect(samples.length / sampleRate).toBeGreaterThan(1.19);
        expect(samples.length / sampleRate).toBeLessThan(2.51);
      }
    }
  });

  it('refuses an unknown option, emotion or sentence', () => {
    const options = { seed: 1, speaker: 0, emotion: 'happy', sentence: 'DFA' } as const;
    expect(() => synthesize({ ...options, pitch: 1 } as never)).toThrow(/unknown option "pitch"/);
    expect(() => synthesize({ ...options, emotion: 'bored' } as never)).toThrow(/emotion expected "neutral" \|/);
    expect(() => synthesize({ ...options, sentence: 'XYZ' })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});

describe('createSyntheticCorpus()', () => {
  it('has each speaker say each sentence with each emotion, and calls itself synthetic', async () => {
    const corpus = createSyntheticCorpus({ speakers: 3, seed: 1, sentences: 2, takes: 2 });
    expect(corpus.clips).toHaveLength(3 * 2 * 6 * 2);
    expect(new Set(corpus.clips.map((clip) => clip.speakerId))).toEqual(new Set(['9001', '9002', '9003']));
    expect(corpus.name).toMatch(/synthetic/);
    expect(corpus.labels).toEqual(['neutral', 'happy', 'sad', 'angry', 'fear', 'disgust']);
    expect(corpus.attribution).toMatch(/^Synthetic voices/);
    const { problems, clips, sampleRates } = await checkCorpus(corpus);
    expect(problems).toEqual([]); // no two clips alike, none silent
    expect(clips).toHaveLength(72);
    expect(sampleRates).toEqual(new Map([[16000, 72]]));
  });

  it('refuses an unknown option and sizes that it cannot give', () => {
    expect(() => createSyntheticCorpus({ speakers: 0, seed: 1 })).toThrow(/speakers expected > 0, got 0/);
    expect(() => createSyntheticCorpus({ speakers: 1, seed: 1, sentences: 13 })).toThrow(/sentences expected <= 12/);
    expect(() => createSyntheticCorpus({ speakers: 1, seed: 1, emotions: 2 } as never)).toThrow(/unknown option/);
  });
});

describe('renderSyntheticCorpus()', () => {
  const options = { speakers: 2, seed: 1, sentences: 1, sampleRate: 8000 };

  it("gives WAV files with CREMA-D's names, which openCremad() opens as a synthetic corpus", async () => {
    const files = await renderSyntheticCorpus(options);
    const opened = await openCremad(memoryFiles(Object.fromEntries(files)));
    const made = createSyntheticCorpus(options);
    expect(opened).toMatchObject({ name: 'synthetic (CREMA-D layout)', attribution: made.attribution, problems: [] });
    expect(files.has('SYNTHETIC.txt')).toBe(true);
    const plain = ({ load: _, ...rest }: (typeof opened.clips)[number]): unknown => rest;
    expect(opened.clips.map(plain)).toEqual(made.clips.map(plain));
    for (const [i, clip] of opened.clips.entries()) expect(await clip.load()).toEqual(await made.clips[i]!.load());
  });

  it('gives the same bytes for the same options', async () => {
    expect(await renderSyntheticCorpus(options)).toEqual(await renderSyntheticCorpus(options));
    const other = await renderSyntheticCorpus({ ...options, seed: 2 });
    const path = 'AudioWAV/9001_DFA_ANG_XX.wav';
    expect(other.get(path)).not.toEqual((await renderSyntheticCorpus(options)).get(path));
    expect(decodeWav(other.get(path)!).sampleRate).toBe(8000);
  });
});
