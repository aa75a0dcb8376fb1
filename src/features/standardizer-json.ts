import * as z from 'zod/mini';
import { SerKitError } from '../core/errors.ts';
import { count, parseOptions, positive } from '../core/options.ts';

/** A standardizer of scope 'corpus' as it is saved. */
export interface CorpusStandardizerJson {
  readonly kind: 'standardizer';
  readonly version: 1;
  readonly scope: 'corpus';
  readonly dims: number;
  readonly mean: readonly number[];
  /** All above 0: a dimension that never varied has 1. */
  readonly deviation: readonly number[];
}

/** A standardizer of scope 'speaker' as it is saved. */
export interface SpeakerStandardizerJson {
  readonly kind: 'standardizer';
  readonly version: 2;
  readonly scope: 'speaker';
  readonly dims: number;
  /** Those it was fitted on, in their first order; none where only speakers unknown to it are to come. */
  readonly speakers: readonly {
    readonly id: string;
    readonly mean: readonly number[];
    readonly deviation: readonly number[];
  }[];
}

/** A standardizer of scope 'clip' as it is saved: nothing is learnt but the width. */
export interface ClipStandardizerJson {
  readonly kind: 'standardizer';
  readonly version: 2;
  readonly scope: 'clip';
  readonly dims: number;
}

/** A standardizer as it is saved. */
export type StandardizerJson = CorpusStandardizerJson | SpeakerStandardizerJson | ClipStandardizerJson;

const kind = z.literal('standardizer');

const corpusSchema = () =>
  z.strictObject({
    kind,
    version: z.literal(1),
    scope: z.literal('corpus'),
    dims: count,
    mean: z.array(z.number()),
    deviation: z.array(positive),
  });

const speakerSchema = () =>
  z.strictObject({
    kind,
    version: z.literal(2),
    scope: z.literal('speaker'),
    dims: count,
    speakers: z
      .array(z.strictObject({ id: z.string(), mean: z.array(z.number()), deviation: z.array(positive) }))
      .check(z.refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'each speaker once')),
  });

const clipSchema = () => z.strictObject({ kind, version: z.literal(2), scope: z.literal('clip'), dims: count });

/** @throws SerKitError 'bad-format' */
export function checkStandardizerJson(who: string, json: unknown): StandardizerJson {
  const scope = (json as { scope?: unknown } | null | undefined)?.scope;
  if (scope === 'clip') return parseOptions(who, clipSchema(), json, 'bad-format');
  if (scope === 'speaker') {
    const saved = parseOptions(who, speakerSchema(), json, 'bad-format');
    saved.speakers.forEach((speaker, i) => {
      checkLengths(`${who}: speakers[${i}]`, saved.dims, speaker);
    });
    return saved;
  }
  const saved = parseOptions(who, corpusSchema(), json, 'bad-format');
  checkLengths(`${who}:`, saved.dims, saved);
  return saved;
}

function checkLengths(
  who: string,
  dims: number,
  { mean, deviation }: { readonly mean: readonly number[]; readonly deviation: readonly number[] },
): void {
  if (mean.length === dims && deviation.length === dims) return;
  throw new SerKitError(
    'bad-format',
    `${who} mean and deviation expected ${dims} numbers, got ${mean.length} and ${deviation.length}`,
  );
}
