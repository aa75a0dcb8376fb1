import { quote, SerKitError } from '../core/errors.ts';
import type { FeatureFraming, FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import { checkWaveform, type Waveform } from '../core/waveform.ts';
import { FrameStream } from './frame-stream.ts';
import { computeFramewise, type Framewise } from './framewise.ts';

/** What a prepared twin takes beside the options of its one-shot function. */
export interface AtRate {
  /** The rate of every waveform to come, in Hz; another rate throws. */
  readonly sampleRate: number;
}

/** A feature with its options checked and its tables made: what both twins are built on. */
export interface Prepared<C> {
  readonly config: C;
  readonly names: readonly string[];
  readonly framing: FeatureFraming;
  /** The matrix of samples that are already checked. */
  compute(samples: Float32Array<ArrayBuffer>): FeatureMatrix;
  /** What is streamed; or, where the whole clip is needed, the sentence that says why and what to set instead. */
  readonly streamed: Framewise | string;
}

/** Checks options and makes tables; `who` begins the messages of its errors. */
export type Prepare<O, C> = (who: string, options: O & AtRate) => Prepared<C>;

/** A feature that is computed frame by frame and needs nothing else. */
export function framewise<C>(who: string, config: C, names: readonly string[], frames: Framewise): Prepared<C> {
  const { dims, framing } = frames;
  return {
    config,
    names,
    framing,
    streamed: frames,
    compute: (samples) => ({ ...computeFramewise(who, frames, samples), dims, names }),
  };
}

/** The factory of a feature: an Extractor that refuses waveforms of another rate. */
export function createExtractor<O, C extends AtRate>(
  who: string,
  prepare: Prepare<O, C>,
  options: O & AtRate,
): StreamingExtractor<C> {
  const { config, names, framing, compute, streamed } = prepare(who, options);
  const { sampleRate } = config;
  const { frameLength, hopLength, center } = framing;
  return {
    config,
    names,
    framing: { frameLength, hopLength, center },
    extract(waveform) {
      checkWaveform(who, waveform);
      if (waveform.sampleRate !== sampleRate) {
        throw new SerKitError(
          'wrong-rate',
          `${who}: sampleRate expected ${sampleRate} Hz as prepared, got ${waveform.sampleRate}; resample first`,
        );
      }
      return compute(waveform.samples);
    },
    stream() {
      if (typeof streamed === 'string') {
        throw new SerKitError('bad-option', `${who}: stream() expected ${streamed}`);
      }
      return new FrameStream(who, streamed, names);
    },
  };
}

/**
 * The one-shot twin. The latest preparation is kept, since one-shot functions are mostly called clip after clip with
 * the same options, and preparing costs a part of a short clip.
 */
export function oneShot<O, C>(who: string, prepare: Prepare<O, C>): (waveform: Waveform, options?: O) => FeatureMatrix {
  let latest: { readonly key: string; readonly prepared: Prepared<C> } | undefined;
  return (waveform, options) => {
    checkWaveform(who, waveform);
    if (options !== undefined && (options === null || typeof options !== 'object')) {
      throw new SerKitError('bad-option', `${who}: options expected an object, got ${quote(options)}`);
    }
    if ((options as Partial<AtRate> | undefined)?.sampleRate !== undefined) {
      throw new SerKitError('bad-option', `${who}: the sample rate is the waveform's own; resample() for another`);
    }
    const all = { ...options, sampleRate: waveform.sampleRate } as O & AtRate;
    const key = keyOf(all);
    if (latest === undefined || key !== latest.key) {
      const prepared = prepare(who, all);
      latest = { key, prepared };
    }
    return latest.prepared.compute(waveform.samples);
  };
}

/** Options as text; every value that passes a feature's schema is a number, a string, a boolean, null or undefined. */
function keyOf(options: object): string {
  let key = '';
  for (const [name, value] of Object.entries(options)) key += `${name}=${typeof value}:${String(value)};`;
  return key;
}

/** 'mfcc0', 'mfcc1', ... */
export function numbered(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}
