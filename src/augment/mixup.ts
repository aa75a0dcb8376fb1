import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import { checkFinite } from '../core/finite.ts';
import { parseOptions } from '../core/options.ts';
import { type Random, shuffled } from '../core/random.ts';
import { checkDrawn } from './samples-in.ts';
import { symmetricBeta } from './symmetric-beta.ts';
import { type Transform, transformOf } from './transform.ts';

export interface MixupOptions {
  /**
   * The weight is drawn from Beta(alpha, alpha): near 0 clips are hardly mixed, at 1 every weight is as likely. The paper has
   * 0.1 to 0.4. @default 0.2
   */
  readonly alpha?: number | undefined;
}

/** A clip of a batch: its features, and what it is, a probability for each class. */
export interface MixupExample {
  readonly features: FeatureMatrix;
  readonly target: Float32Array;
}

/** What mixup() draws: each clip's own weight, and which clip of the batch (from 0) it is mixed with, maybe itself. */
export interface MixupDraw {
  readonly weight: number;
  readonly partners: readonly number[];
}

const schema = z.strictObject({ alpha: z.optional(z.number().check(z.minimum(1e-4), z.maximum(1e4))) });
const drawn = z
  .strictObject({
    weight: z.number().check(z.minimum(0), z.maximum(1)),
    partners: z.array(z.int().check(z.nonnegative())),
  })
  .check(
    z.refine(({ partners }) => new Set(partners).size === partners.length, { message: 'no partner twice in partners' }),
  );

/**
 * A batch whose clips are mixed in pairs, features and targets alike: weight * own + (1 - weight) * partner's (mixup, Zhang et
 * al. 2018). Each clip of the batch is partner once. Clips end in frames of zeros where their partner is longer, so a
 * mixed clip is as long as the longer of the two.
 *
 * @throws SerKitError 'bad-option'; the transform 'bad-input' (also where dims or classes differ), 'not-finite'
 * @example
 * const mixed = mixup({ alpha: 0.2 })([{ features, target: Float32Array.of(1, 0) }], createRandom(1));
 */
export function mixup(options: MixupOptions = {}): Transform<MixupDraw, readonly MixupExample[]> {
  const { alpha = 0.2 } = parseOptions('mixup', schema, options);
  return transformOf<MixupDraw, readonly MixupExample[]>('batch', {
    kind: 'mixup',
    options: { alpha },
    drawn,
    draw: (batch, random) => drawMixup(alpha, batch.length, random),
    apply: (batch, { weight, partners }) => {
      checkExamples(batch);
      const fits = partners.length === batch.length && partners.every((partner) => partner < batch.length);
      checkDrawn('mixup', fits, `partners that are the ${batch.length} clips in some order`, partners);
      return batch.map((own, i) => (partners[i] === i ? own : mixed(own, batch[partners[i]!]!, weight)));
    },
  });
}

/** The weight of a batch, and each clip's partner. */
export function drawMixup(alpha: number, count: number, random: Random): MixupDraw {
  const weight = symmetricBeta(alpha, random);
  return { weight, partners: drawPartners(count, random) };
}

/** The numbers below `count` in random order. */
export function drawPartners(count: number, random: Random): number[] {
  return shuffled(
    Array.from({ length: count }, (_, i) => i),
    random,
  );
}

/** out = weight * own + (1 - weight) * partner, where what is shorter ends in zeros. */
export function mixInto(out: Float32Array, own: Float32Array, partner: Float32Array, weight: number): void {
  for (let i = 0; i < out.length; i++) {
    const a = i < own.length ? own[i]! : 0;
    const b = i < partner.length ? partner[i]! : 0;
    out[i] = weight * a + (1 - weight) * b;
  }
}

function mixed(own: MixupExample, partner: MixupExample, weight: number): MixupExample {
  const { dims } = own.features;
  const frames = Math.max(own.features.frames, partner.features.frames);
  const data = new Float32Array(frames * dims);
  mixInto(data, own.features.data, partner.features.data, weight);
  const target = new Float32Array(own.target.length);
  mixInto(target, own.target, partner.target, weight);
  return { ...own, features: { ...own.features, frames, data }, target };
}

function checkExamples(batch: readonly MixupExample[]): void {
  const { features, target: first } = batch[0]!;
  batch.forEach(({ features: { dims }, target }, i) => {
    if (!(target instanceof Float32Array) || target.length !== first.length) {
      const expected = i === 0 ? 'a Float32Array of probabilities' : `a Float32Array of ${first.length} probabilities`;
      throw new SerKitError('bad-input', `mixup: batch[${i}].target expected ${expected}, got ${quote(target)}`);
    }
    checkFinite(`mixup: batch[${i}].target expected finite numbers`, target, (at) => `at class ${at}`);
    if (dims === features.dims) return;
    throw new SerKitError('bad-input', `mixup: batch[${i}].features expected ${features.dims} dims, got ${dims}`);
  });
}
