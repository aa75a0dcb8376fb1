import { SerKitError } from '../core/errors.ts';
import { compose } from './compose.ts';
import { heldBy } from './held.ts';
import { type AnyTransform, asTransform } from './parts.ts';
import type { Domain, FeatureTransform, Transform, TransformJson } from './transform.ts';

/** What is done to training clips, in this order: to their samples, to their features, to the batches of them. */
export interface Augmentation {
  readonly waveform?: Transform | undefined;
  /** Of what the network sees: standardized features. */
  readonly features?: FeatureTransform | undefined;
  /** Clips of a batch mixed in pairs. */
  readonly mixup?: { readonly alpha: number } | undefined;
  /** What parseAugmentation() makes the same of. */
  toJSON(): readonly TransformJson[];
}

const ORDER: readonly Domain[] = ['waveform', 'features', 'batch'];

/**
 * Sorts transforms by what they work on: first those of waveforms, then those of features, at most one mixup last.
 *
 * @param transforms  a transform or a list, in that order; functions of one's own are of waveforms
 * @throws SerKitError 'bad-option'
 * @example
 * const augmentation = createAugmentation([maybe(0.5, addNoise()), gain(), maskTime({ maxFrames: 10 })]);
 */
export function createAugmentation(transforms: unknown): Augmentation {
  const who = 'createAugmentation';
  const list = Array.isArray(transforms) ? transforms : [transforms];
  if (list.length === 0) throw new SerKitError('bad-option', `${who}: expected at least one transform, got none`);
  const all = list.map((each, i) => asTransform(`${who}: transforms[${i}]`, each));
  all.forEach(({ kind, domain }, i) => {
    const before = all[i - 1];
    if (before === undefined || ORDER.indexOf(before.domain) <= ORDER.indexOf(domain)) return;
    throw new SerKitError(
      'bad-option',
      `${who}: transforms expected those of waveforms first, then those of features, then mixup, got ${kind} after ${before.kind}`,
    );
  });
  // In the lists of one domain compose() sees to it; here for all that one JSON holds.
  heldBy(who, all);
  const of = (domain: Domain): AnyTransform[] => all.filter((each) => each.domain === domain);
  const batch = of('batch');
  if (batch.length > 1) {
    throw new SerKitError('bad-option', `${who}: transforms expected mixup at most once, got it ${batch.length} times`);
  }
  if (batch[0] !== undefined && batch[0].kind !== 'mixup') {
    throw new SerKitError(
      'bad-option',
      `${who}: transforms expected mixup by itself, got it in ${batch[0].kind}; training mixes every batch`,
    );
  }
  const together = (parts: AnyTransform[]): AnyTransform | undefined => (parts.length > 1 ? compose(parts) : parts[0]);
  return {
    waveform: together(of('waveform')) as Transform | undefined,
    features: together(of('features')) as FeatureTransform | undefined,
    mixup: batch[0] && { alpha: (batch[0].toJSON() as unknown as { alpha: number }).alpha },
    toJSON: () => all.map((each) => each.toJSON()),
  };
}
