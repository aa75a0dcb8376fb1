import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { type AugmentedClip, type LabelledClip, refuseCopy } from '../core/labelled-clip.ts';
import { loadClip } from '../core/load-clip.ts';
import { count, parseOptions, seedNumber } from '../core/options.ts';
import { createRandom, deriveSeed } from '../core/random.ts';
import type { Waveform } from '../core/waveform.ts';
import { asTransform, type TransformLike } from './parts.ts';

/** Clips in three parts; every Split of `ser-kit/datasets` is one. */
export interface SplitParts {
  readonly train: readonly LabelledClip[];
  readonly validation: readonly LabelledClip[];
  readonly test: readonly LabelledClip[];
}

export interface AugmentTrainingOptions {
  readonly seed: number;
  /** How many changed copies each training clip gets. @default 1 */
  readonly copies?: number | undefined;
  /** False: the copies take the place of the clips that they were made of. @default true */
  readonly keepOriginals?: boolean | undefined;
}

export type { AugmentedClip };

/** A split with another training part: its clips, changed copies of them, or both. Nothing else takes the copies for clips. */
export type AugmentedSplit<S extends SplitParts> = Omit<S, 'train'> & {
  readonly train: readonly (S['train'][number] | AugmentedClip<S['train'][number]>)[];
};

const schema = z.strictObject({ seed: seedNumber, copies: z.optional(count), keepOriginals: z.optional(z.boolean()) });

/**
 * The split with changed copies of its training clips, sorted by id. Only of those: it takes the whole split, and gives
 * validation and test back as they are. Copy k of clip `id` is called `${id}#aug${k}`, from 1; label and speaker stay, a `path` does not. It is made
 * when it is loaded, by the stream of deriveSeed(seed, 'augment-copy', k, id), so it is the same at each load, and whatever
 * other clips there are. For other draws in each epoch, give the transform to the training instead.
 *
 * @throws SerKitError 'bad-option'; 'bad-input' for what is no split, and where two training clips would have one id, for copies, and where a training clip
 *   is in validation or test as well; a
 *   copy's load() what the clip's own and the transform throw
 * @example
 * const { train, validation, test } = augmentTraining(split, maybe(0.5, addNoise()), { seed: 1, copies: 2 });
 */
export function augmentTraining<S extends SplitParts>(
  split: S,
  transform: TransformLike<Waveform>,
  options: AugmentTrainingOptions,
): AugmentedSplit<S> {
  const who = 'augmentTraining';
  const { seed, copies = 1, keepOriginals = true } = parseOptions(who, schema, options);
  const change = asTransform<Waveform>(`${who}: transform`, transform);
  if (change.domain !== 'waveform') {
    throw new SerKitError(
      'bad-option',
      `${who}: transform expected one of waveforms, got ${change.kind} of the ${change.domain}`,
    );
  }
  for (const part of ['train', 'validation', 'test'] as const) {
    if (Array.isArray(split?.[part])) continue;
    const got = split === null || typeof split !== 'object' ? quote(split) : `${part} ${quote(split[part])}`;
    throw new SerKitError('bad-input', `${who}: split expected { train, validation, test }, each a list, got ${got}`);
  }
  const judging = new Set<string>();
  for (const part of ['validation', 'test'] as const) {
    for (const clip of split[part]) {
      refuseCopy(`${who}: split.${part}`, clip);
      judging.add(clip.id);
    }
  }
  type Clip = S['train'][number];
  const train = split.train.flatMap((clip: Clip): (Clip | AugmentedClip<Clip>)[] => {
    if (clip.augmentedFrom !== undefined) {
      throw new SerKitError(
        'bad-input',
        `${who}: split.train expected clips without copies, got ${quote(clip.id)}, a copy; compose the transforms and copy once`,
      );
    }
    if (judging.has(clip.id)) {
      throw new SerKitError(
        'bad-input',
        `${who}: split.train expected clips of its own, got ${quote(clip.id)}, which is in validation or test as well`,
      );
    }
    // By name as well: what a class gives through getters is not spread.
    const { speakerId, speakerKnown, label } = clip;
    const { path: _, ...rest } = clip as Clip & { readonly path?: unknown };
    const changed = Array.from({ length: copies }, (_, i) => ({
      ...(rest as unknown as Omit<Clip, 'augmentedFrom' | 'path'>),
      speakerId,
      label,
      ...(speakerKnown !== undefined && { speakerKnown }),
      id: `${clip.id}#aug${i + 1}`,
      augmentedFrom: clip.id,
      load: async () => change(await loadClip(clip), createRandom(deriveSeed(seed, 'augment-copy', i + 1, clip.id))),
    }));
    return keepOriginals ? [clip, ...changed] : changed;
  });
  train.sort((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));
  const twice = train.find((clip, i) => clip.id === train[i - 1]?.id);
  if (twice !== undefined) {
    throw new SerKitError('bad-input', `${who}: split.train expected one clip an id, got ${quote(twice.id)} twice`);
  }
  return { ...split, train };
}
