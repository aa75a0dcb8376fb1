import { quote, SerKitError } from '../core/errors.ts';
import type { Extractor, FeatureMatrix } from '../core/feature-matrix.ts';
import { checkWaveform, type Waveform } from '../core/waveform.ts';

/** What a prepared twin takes beside the options of its one-shot function. */
export interface AtRate {
  /** The rate of every waveform to come, in Hz; another rate throws. */
  readonly sampleRate: number;
}

/** A feature with its options checked and its tables made: what both twins are built on. */
export interface Prepared<C> {
  readonly config: C;
  readonly names: readonly string[];
  /** The matrix of samples that are already checked. */
  compute(samples: Float32Array): FeatureMatrix;
}

/** Checks options and makes tables; `who` begins the messages of its errors. */
export type Prepare<O, C> = (who: string, options: O & AtRate) => Prepared<C>;

/** The factory of a feature: an Extractor that refuses waveforms of another rate. */
export function createExtractor<O, C extends AtRate>(
  who: string,
  prepare: Prepare<O, C>,
  options: O & AtRate,
): Extractor<C> {
  const { config, names, compute } = prepare(who, options);
  const { sampleRate } = config;
  return {
    config,
    names,
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
