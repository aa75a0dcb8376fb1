import { createHash } from 'node:crypto';
import { canonicalJson, withFeaturesListed } from '../clips/canonical-front-end.ts';
import { createFrontEnd, type FrontEndConfig, type FrontEndOptions } from '../clips/front-end.ts';
import type { Waveform } from '../core/waveform.ts';
import { featureSetNamed, featureSets } from '../features/feature-sets.ts';
import { kernelRuns } from '../features/kernel-runs.ts';

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
  /** The cache's folder for it: the name of the set that it amounts to, or `front-end-` and the beginning of `fingerprint`. */
  readonly key: string;
  /**
   * SHA-256, as 64 hexadecimal digits, of FEATURES_VERSION and of the front end as canonical JSON, its feature set written
   * out as a list; and, where a feature would take the float32 kernel, of whether that runs here.
   */
  readonly fingerprint: string;
}

/**
 * The plan for a feature set (its recordings resampled to the set's rate, their level as it is) or for a front end.
 *
 * @throws SerKitError 'bad-option' for a set that does not exist and for what createFrontEnd refuses
 */
export function planOf(features: string | FrontEndOptions): CorpusPlan {
  const { config, names } = createFrontEnd(typeof features === 'string' ? frontEndOfSet(features) : features);
  const frontEnd = withFeaturesListed(config);
  const text = canonicalJson(WHO, frontEnd);
  const computed = wantsKernel(frontEnd) ? { kernel: kernelRuns() } : {};
  const fingerprint = createHash('sha256')
    .update(canonicalJson(WHO, { featuresVersion: FEATURES_VERSION, frontEnd, ...computed }))
    .digest('hex');
  const set = featureSets().find((name) => canonicalJson(WHO, frontEndOfSet(name)) === text);
  const key = set ?? `front-end-${fingerprint.slice(0, 16)}`;
  return { frontEnd: JSON.parse(text) as FrontEndConfig, names, key, fingerprint };
}

const WHO = 'extractCorpus';

function frontEndOfSet(name: string): FrontEndOptions {
  const { sampleRate, features } = featureSetNamed(WHO, name);
  return { sampleRate, normalizeLevel: false, features };
}

/** Where the kernel does not run (no WebAssembly, no SIMD), these features are computed in float64 and differ a little. */
function wantsKernel({ features }: FrontEndConfig): boolean {
  return (
    typeof features !== 'string' &&
    features.some((each) => (each.name === 'mfcc' || each.name === 'logMel') && each.options?.simd !== false)
  );
}

/** SHA-256 of a clip's rate, length and samples, as 64 hexadecimal digits: what a cache knows it by. */
export function clipHash({ samples, sampleRate }: Waveform): string {
  return createHash('sha256')
    .update(`${sampleRate} Hz, ${samples.length} samples\n`)
    .update(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength))
    .digest('hex');
}
