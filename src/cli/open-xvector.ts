import * as z from 'zod/mini';
import { isSerKitError, SerKitError } from '../core/errors.ts';
import type { Xvector } from '../xvector/create-xvector.ts';
import type { EmbeddingsEvaluation } from '../xvector/evaluate-embeddings.ts';
import type { Scoring } from '../xvector/scoring.ts';
import type { XvectorWeights } from '../xvector/weights.ts';
import { startBackend } from './backend.ts';
import { withoutFunction } from './failure.ts';
import { readXvector } from './read-xvector.ts';

/** What an x-vector's card says of how often its scores err. */
export type Verification = Omit<EmbeddingsEvaluation, 'pairs'> & {
  readonly corpus?: string | undefined;
};

/** An x-vector from a file on a started backend, and how pairs of its embeddings are scored. */
export interface OpenedXvector {
  readonly xvector: Xvector;
  readonly scoring: Scoring;
  /** Of this scoring, where the card has it. */
  readonly verification: Verification | undefined;
  /** Speakers that it learnt from, as far as the card names them. */
  readonly trainedOn: ReadonlySet<string>;
}

/** A card is free in what it says; what is not of this form is not there. */
const verificationSchema = z.object({
  method: z.enum(['cosine', 'lda', 'plda']),
  equalErrorRate: z.number(),
  low: z.number(),
  high: z.number(),
  threshold: z.number(),
  speakers: z.number(),
  clips: z.number(),
  corpus: z.optional(z.string()),
});
const idsSchema = z.array(z.string());

/** Errors name the file. */
export async function openXvector(file: string, backend: string): Promise<OpenedXvector> {
  const weights = await readXvector(file);
  await startBackend(backend);
  const { createXvector } = await import('../xvector/create-xvector.ts');
  try {
    const scoring = await scoringOf(weights);
    const measured = z.safeParse(verificationSchema, weights.card?.verification).data;
    return {
      xvector: createXvector(weights),
      scoring,
      verification: measured?.method === scoring.method ? measured : undefined,
      trainedOn: speakersOf(weights),
    };
  } catch (error) {
    if (!isSerKitError(error)) throw error;
    throw new SerKitError(error.code, `${file}: ${withoutFunction(error.message)}`, { cause: error });
  }
}

async function scoringOf({ card }: XvectorWeights): Promise<Scoring> {
  const { parseScoring, plainCosine } = await import('../xvector/scoring.ts');
  return card?.scoring === undefined ? plainCosine() : parseScoring(card.scoring);
}

/** From card.speakers, a list or { train, validation }, or card.trainedOn.speakers. */
function speakersOf({ card }: XvectorWeights): ReadonlySet<string> {
  const parts = z.safeParse(z.looseObject({}), card?.speakers).data ?? {};
  const trained = z.safeParse(z.looseObject({}), card?.trainedOn).data ?? {};
  const lists = [card?.speakers, parts.train, parts.validation, trained.speakers];
  return new Set(lists.flatMap((list) => z.safeParse(idsSchema, list).data ?? []));
}
