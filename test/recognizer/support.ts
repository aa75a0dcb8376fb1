import * as tf from '@tensorflow/tfjs-core';
import type { FileSource } from '../../src/core/file-source.ts';
import type { LabelledClip } from '../../src/core/labelled-clip.ts';
import { createRandom, deriveSeed, gaussian } from '../../src/core/random.ts';
import type { Waveform } from '../../src/core/waveform.ts';
import type { Recognizer } from '../../src/recognizer/recognizer.ts';
import type { RecognizerSplit } from '../../src/recognizer/recognizer-split.ts';
import { type TrainRecognizerOptions, trainRecognizer } from '../../src/recognizer/train-recognizer.ts';
import '../../src/wasm/index.ts';

export async function startWasm(): Promise<void> {
  await tf.setBackend('wasm');
  await tf.ready();
}

/** Labels that are no emotions and cannot be mistaken for any: made to be told apart in a few epochs. */
export const SOUNDS = ['noise', 'high', 'low'] as const;
export type Sound = (typeof SOUNDS)[number];

/** A sound of about 0.6 s that any rate up from 8 kHz holds; another seed gives another one of its kind. */
export function sound(kind: Sound, seed: number, sampleRate = 16000): Waveform {
  const random = createRandom(deriveSeed(seed, kind));
  const hz = { noise: 0, high: 1900, low: 300 }[kind] * (0.9 + 0.2 * random());
  const samples = new Float32Array(Math.round((0.55 + 0.1 * random()) * sampleRate));
  for (let i = 0; i < samples.length; i++) {
    const pure = kind === 'noise' ? gaussian(random) : Math.sin((2 * Math.PI * hz * i) / sampleRate);
    samples[i] = 0.1 * pure + 0.002 * gaussian(random);
  }
  return { samples, sampleRate };
}

/** Clips of one part, `each` of each sound; loading is counted by id. */
export function soundClips(part: string, each: number): LabelledClip<Sound>[] {
  return SOUNDS.flatMap((label) =>
    Array.from({ length: each }, (_, i) => ({
      id: `${part}-${label}-${i}`,
      speakerId: `${part}-${i % 2}`,
      label,
      load: async () => sound(label, deriveSeed(1, part, i)),
    })),
  );
}

export function soundSplit(): RecognizerSplit {
  return {
    train: soundClips('train', 4),
    validation: soundClips('validation', 2),
    test: soundClips('test', 2),
    overlappingSpeakers: [],
  };
}

/** A training of a second or so that tells the sounds apart. */
export function trainTiny(
  options: Partial<TrainRecognizerOptions> = {},
  split: RecognizerSplit = soundSplit(),
): Promise<Recognizer> {
  return trainRecognizer(split, {
    seed: 1,
    model: 'cnn',
    modelOptions: { filters: [6], denseUnits: [], dropout: 0.1 },
    epochs: 6,
    batchSize: 4,
    learningRate: 0.02,
    ...options,
  });
}

/** Files in memory, as saveRecognizer gives them. */
export function sourceOf(files: ReadonlyMap<string, Uint8Array>): FileSource {
  return {
    list: async () => [...files.keys()],
    async read(path) {
      const bytes = files.get(path);
      if (bytes === undefined) throw new Error(`no such file ${path}`);
      return bytes;
    },
  };
}

/** The largest difference between two predictions' probabilities. */
export function apart(
  a: { probabilities: Readonly<Record<string, number>> },
  b: { probabilities: Readonly<Record<string, number>> },
): number {
  return Math.max(...Object.keys(a.probabilities).map((l) => Math.abs(a.probabilities[l]! - b.probabilities[l]!)));
}
