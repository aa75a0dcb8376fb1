import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { isSerKitError, SerKitError } from '../core/errors.ts';
import type { Xvector } from '../xvector/create-xvector.ts';
import type { EmbeddingsEvaluation } from '../xvector/evaluate-embeddings.ts';
import type { Scoring } from '../xvector/scoring.ts';
import { speakersHeard } from '../xvector/speakers-heard.ts';
import { embeddingDims, type XvectorWeights } from '../xvector/weights.ts';
import { startBackend } from './backend.ts';
import { withoutFunction } from './failure.ts';
import { readXvector } from './read-xvector.ts';

/** What an x-vector's card says of how often its scores err: what `xvector evaluate --json` gave. */
export type Verification = Omit<EmbeddingsEvaluation, 'pairs'> & {
  readonly corpus?: string | undefined;
  /** What was measured, where that is not the network itself. */
  readonly of?: string | undefined;
  /** See {@link scoringDigest}. */
  readonly scoring?: string | null | undefined;
};

/** An x-vector from a file on a started backend, and how pairs of its embeddings are scored. */
export interface OpenedXvector {
  readonly xvector: Xvector;
  readonly scoring: Scoring;
  /** Which scoring that is, see {@link scoringDigest}. */
  readonly scoringDigest: string | null;
  /** Of this scoring, where the card has it. */
  readonly verification: Verification | undefined;
  /** What the card says it is not for. */
  readonly limits: string | undefined;
  /** Speakers that it learnt from, as far as the card names them. */
  readonly trainedOn: ReadonlySet<string>;
}

/** A card is free in what it says; what is not of this form is not there. */
const verificationSchema = z.object({
  method: z.enum(['cosine', 'lda', 'plda']),
  equalErrorRate: z.number(),
  low: z.nullable(z.number()),
  high: z.nullable(z.number()),
  threshold: z.number(),
  speakers: z.number(),
  clips: z.number(),
  corpus: z.optional(z.string()),
  of: z.optional(z.string()),
  scoring: z.optional(z.nullable(z.string())),
});

/** Errors name the file. */
export async function openXvector(file: string, backend: string): Promise<OpenedXvector> {
  const weights = await readXvector(file);
  await startBackend(backend);
  const { createXvector } = await import('../xvector/create-xvector.ts');
  try {
    const { card } = weights;
    const scoring = await scoringOf(weights);
    const digest = card?.scoring === undefined ? null : scoringDigest(scoring);
    const measured = z.safeParse(verificationSchema, card?.verification).data;
    const isOfThis = measured?.method === scoring.method && (measured.scoring ?? null) === digest;
    return {
      xvector: createXvector(weights),
      scoring,
      scoringDigest: digest,
      verification: isOfThis ? measured : undefined,
      limits: z.safeParse(z.string(), card?.limits).data,
      trainedOn: speakersHeard(card),
    };
  } catch (error) {
    if (!isSerKitError(error)) throw error;
    throw new SerKitError(error.code, `${file}: ${withoutFunction(error.message)}`, { cause: error });
  }
}

async function scoringOf(weights: XvectorWeights): Promise<Scoring> {
  const { parseScoring, plainCosine } = await import('../xvector/scoring.ts');
  if (weights.card?.scoring === undefined) return plainCosine();
  const scoring = parseScoring(weights.card.scoring);
  const dims = embeddingDims(weights);
  if (scoring.dims !== null && scoring.dims !== dims) {
    throw new SerKitError('bad-format', `card.scoring expected one of ${dims} numbers, got one of ${scoring.dims}`);
  }
  return scoring;
}

/** What tells a card's scoring from others, so that an error rate is only believed of the one that it was measured with. */
function scoringDigest(scoring: Scoring): string {
  return createHash('sha256').update(JSON.stringify(scoring.toJSON())).digest('hex').slice(0, 16);
}
