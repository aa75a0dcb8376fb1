import { quote, SerKitError } from '../core/errors.ts';
import { createRecipe, type FeatureChoice, type Recipe } from './recipe.ts';
import { FUSED_V1 } from './sets/fused-v1.ts';
import { LOGMEL64_V1 } from './sets/logmel64-v1.ts';
import { MFCC40_V1 } from './sets/mfcc40-v1.ts';
import { PROSODY_V1 } from './sets/prosody-v1.ts';

/** A list of features under a name that fixes every number for ever. Plain JSON. */
export interface FeatureSet {
  /** With its version: what changes a number gets a new one. */
  readonly name: string;
  /** One sentence for people. */
  readonly description: string;
  /** The rate that its options count in, in Hz. */
  readonly sampleRate: number;
  readonly features: readonly FeatureChoice[];
}

const SETS: readonly FeatureSet[] = [MFCC40_V1, LOGMEL64_V1, PROSODY_V1, FUSED_V1];

/**
 * The names of the feature sets.
 *
 * @example
 * featureSets(); // ['mfcc40.v1', 'logmel64.v1', 'prosody.v1', 'fused.v1']
 */
export function featureSets(): readonly string[] {
  return SETS.map(({ name }) => name);
}

/**
 * A feature set as plain JSON, a copy of its own: what it computes, at which rate.
 *
 * @throws SerKitError 'bad-option' for a name that does not exist
 * @example
 * describeFeatureSet('mfcc40.v1').features[0].options; // { nMfcc: 40, nMels: 64, ... }
 */
export function describeFeatureSet(name: string): FeatureSet {
  return featureSetNamed('describeFeatureSet', name);
}

/** describeFeatureSet() for other functions: `who` begins the message about a name that does not exist. */
export function featureSetNamed(who: string, name: string): FeatureSet {
  return structuredClone(find(who, name));
}

/**
 * A feature set ready to run: [frames, dims] row-major, a frame every 10 ms, at 16,000 Hz (resample first). A name with
 * its version gives the same numbers for ever.
 *
 * @throws SerKitError 'bad-option' for a name that does not exist; its extract() 'wrong-rate' at another rate
 * @example
 * const fused = createFeatureSet('fused.v1');
 * const { data, frames, dims } = fused.extract(waveform);
 * fused.names[0]; // 'mfcc0'
 */
export function createFeatureSet(name: string): Recipe {
  const { sampleRate, features } = find('createFeatureSet', name);
  return createRecipe({ sampleRate, features }, `createFeatureSet('${name}')`);
}

function find(who: string, name: string): FeatureSet {
  const found = SETS.find((set) => set.name === name);
  if (found === undefined) {
    const known = featureSets().join(', ');
    throw new SerKitError('bad-option', `${who}: name expected one of ${known}; got ${quote(name)}`);
  }
  return found;
}
