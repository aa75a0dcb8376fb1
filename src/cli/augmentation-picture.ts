import type { FeatureMatrix } from '../core/feature-matrix.ts';
import type { Waveform } from '../core/waveform.ts';
import { logMel } from '../features/log-mel.ts';
import { spectrogram } from '../features/spectrogram.ts';
import { fitStandardizer } from '../features/standardize.ts';
import type { PicturedVersion } from '../report/augmentation.ts';
import { decibels } from './decibels.ts';

/** Above this, in Hz, speech says little, and a recording of a high rate would show little else. */
const HIGHEST = 8000;

/** A longer recording's frames lie further apart than 10 ms: a page has no more pixels. */
const MOST_FRAMES = 1600;

/** One version of a recording. */
export interface Version {
  readonly name: string;
  readonly waveform: Waveform;
  /** What was made of its features, where the augmentation has transforms of them. */
  readonly features?: FeatureMatrix | undefined;
  readonly notes: readonly string[];
}

/** How a recording and its versions are turned into frames: 25 ms windows every 10 ms, where it is no longer than 16 s. */
function framesOf({ samples, sampleRate }: Waveform) {
  const hopLength = Math.max(1, Math.round(sampleRate / 100), Math.ceil(samples.length / MOST_FRAMES));
  const winLength = Math.max(2, Math.round(sampleRate / 40));
  return { hopLength, winLength, nFft: Math.max(64, 2 ** Math.ceil(Math.log2(winLength))) };
}

/** 40 log-mel bands, up to 8 kHz or half the rate. */
function melOf(waveform: Waveform, frames: ReturnType<typeof framesOf>): FeatureMatrix {
  const { sampleRate } = waveform;
  const nMels = sampleRate >= 8000 ? 40 : 20;
  return logMel(waveform, { ...frames, nMels, fMax: Math.min(HIGHEST, sampleRate / 2), simd: false });
}

/**
 * What masks are drawn for and applied to: a recording's log-mel features, each dimension about the mean of `original`'s
 * and in its deviations, as a network gets them.
 */
export function featuresLike(original: Waveform): (waveform: Waveform) => FeatureMatrix {
  const frames = framesOf(original);
  const standardizer = fitStandardizer([melOf(original, frames)]);
  return (waveform) => standardizer.transform(melOf(waveform, frames));
}

/**
 * A recording and what was made of it, as SVG, up to 8 kHz or half the recording's rate; with features where any version's
 * are given.
 */
export async function augmentationPicture(
  title: string,
  original: Waveform,
  versions: readonly Version[],
): Promise<string> {
  // Loaded here, so that commands that draw nothing do not need what pictures are compressed with.
  const { augmentationSvg } = await import('../report/augmentation.ts');
  const frames = framesOf(original);
  const pictured = (version: Version): PicturedVersion => ({
    ...version,
    spectrogram: decibels(spectrogram(version.waveform, frames)),
  });
  const features = versions.some((each) => each.features !== undefined) ? featuresLike(original)(original) : undefined;
  return augmentationSvg(
    {
      original: pictured({ name: 'original', waveform: original, features, notes: [] }),
      versions: versions.map(pictured),
    },
    { title, hopSec: frames.hopLength / original.sampleRate, maxHz: HIGHEST },
  );
}
