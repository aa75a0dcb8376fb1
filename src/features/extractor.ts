import { quote, SerKitError } from '../core/errors.ts';
import type { FeatureFraming, FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import { checkFinite } from '../core/finite.ts';
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

/**
 * Checks a waveform that has to be of the rate for which something was prepared.
 *
 * @throws SerKitError 'wrong-rate', and as checkWaveform does
 */
export function checkAtRate(who: string, waveform: Waveform, sampleRate: number): void {
  checkWaveform(who, waveform);
  if (waveform.sampleRate === sampleRate) return;
  throw new SerKitError(
    'wrong-rate',
    `${who}: sampleRate expected ${sampleRate} Hz as prepared, got ${waveform.sampleRate}; resample first`,
  );
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
      checkAtRate(who, waveform, sampleRate);
      return inRange(who, compute(waveform.samples));
    },
    stream() {
      if (typeof streamed === 'string') {
        throw new SerKitError('bad-option', `${who}: stream() expected ${streamed}`);
      }
      const stream = new FrameStream(who, streamed, names);
      return {
        push: (block) => inRange(who, stream.push(block)),
        flush: () => inRange(who, stream.flush()),
      };
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
    return inRange(who, latest.prepared.compute(waveform.samples));
  };
}

/** Refuses numbers that left float32's range, as the powers of enormous samples do. */
function inRange(who: string, matrix: FeatureMatrix): FeatureMatrix {
  checkFinite(
    `${who}: expected samples and options whose numbers float32 can hold`,
    matrix.data,
    (at) => `in frame ${Math.floor(at / matrix.dims)}`,
  );
  return matrix;
}

/** Options as text; what passes a feature's schema is a number, a string, a boolean, null, undefined or a list of such. */
function keyOf(options: object): string {
  let key = '';
  for (const [name, value] of Object.entries(options)) {
    key += `${name}=${Array.isArray(value) ? `[${value.map(textOf)}]` : textOf(value)};`;
  }
  return key;
}

/** A value with its type, so that '2' is not taken for 2. */
function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'object' : `${typeof value}:${String(value)}`;
}

/** 'mfcc0', 'mfcc1', ... */
export function numbered(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}
