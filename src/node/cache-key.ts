import { createHash } from 'node:crypto';
import { SerKitError } from '../core/errors.ts';
import type { Waveform } from '../core/waveform.ts';
import { describeFeatureSet } from '../features/feature-sets.ts';
import { createFrontEnd, type FrontEndConfig, type FrontEndOptions } from '../recognizer/front-end.ts';

/**
 * Stands for every number that a front end gives. Raise it with any change of one (in decoding, resampling, level or a
 * feature): entries made under another version are computed anew, never read.
 */
const FEATURES_VERSION = 1;

/** What is computed of every clip, and under which name a cache keeps it. */
export interface CorpusPlan {
  /** What the workers run. */
  readonly frontEnd: FrontEndConfig;
  /** What each dimension is. */
  readonly names: readonly string[];
  /** The cache's folder for it: the set's name, or `front-end-` and the beginning of `fingerprint`. */
  readonly key: string;
  /** SHA-256 of the front end as canonical JSON and of FEATURES_VERSION, as 64 hexadecimal digits. */
  readonly fingerprint: string;
}

/**
 * The plan for a feature set (its recordings resampled to the set's rate, their level as it is) or for a front end.
 *
 * @throws SerKitError 'bad-option' for a set that does not exist and for what createFrontEnd refuses
 */
export function planOf(features: string | FrontEndOptions): CorpusPlan {
  const { config, names } = createFrontEnd(typeof features === 'string' ? frontEndOfSet(features) : features);
  const json = canonicalJson({ featuresVersion: FEATURES_VERSION, frontEnd: config });
  const fingerprint = createHash('sha256').update(json).digest('hex');
  const key = typeof features === 'string' ? features : `front-end-${fingerprint.slice(0, 16)}`;
  return { frontEnd: JSON.parse(canonicalJson(config)) as FrontEndConfig, names, key, fingerprint };
}

function frontEndOfSet(name: string): FrontEndOptions {
  const { sampleRate, features } = describeFeatureSet(name);
  return { sampleRate, normalizeLevel: false, features };
}

/** JSON with the keys of every object sorted, so that equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (typeof each === 'number' && !Number.isFinite(each)) {
      throw new SerKitError('bad-option', `extractCorpus: a front end expected finite numbers, got ${each}`);
    }
    if (each === null || typeof each !== 'object' || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** SHA-256 of a clip's rate, length and samples, as 64 hexadecimal digits: what a cache knows it by. */
export function clipHash({ samples, sampleRate }: Waveform): string {
  return createHash('sha256')
    .update(`${sampleRate} Hz, ${samples.length} samples\n`)
    .update(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength))
    .digest('hex');
}
