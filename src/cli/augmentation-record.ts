import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { SerKitError } from '../core/errors.ts';
import { parseOptions } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';

export const ENCODINGS = ['float32', 'pcm24', 'pcm16'] as const;
export type Encoding = (typeof ENCODINGS)[number];

const FORMAT = 'ser-kit-augmentation';
const VERSION = 1;

/** What was done to a recording: all that doing it again needs, but for the recordings themselves. Paths are relative to the record's folder. */
export interface AugmentationRecord {
  readonly format: typeof FORMAT;
  readonly version: number;
  /** The ser-kit that wrote it. */
  readonly serKit: string;
  readonly file: string;
  /** Of the recording's rate and samples. */
  readonly sha256: string;
  /** The file with the augmentation; the recordings that it names lie beside it. */
  readonly config: string;
  readonly augmentation: unknown;
  /** The same of the recordings that the augmentation names. */
  readonly recordings: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly encoding: Encoding;
  readonly versions: readonly RecordedVersion[];
}

/** One version of the recording. */
export interface RecordedVersion {
  readonly file: string;
  /** Of the file's bytes. */
  readonly sha256: string;
  /** What was drawn for its samples, and for its features; null where nothing works on those. */
  readonly waveform: unknown;
  readonly features: unknown;
}

const digest = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const schema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  serKit: z.string(),
  file: z.string().check(z.minLength(1)),
  sha256: digest,
  config: z.string().check(z.minLength(1)),
  augmentation: z.unknown(),
  recordings: z.record(z.string(), digest),
  seed: z.int().check(z.nonnegative()),
  encoding: z.enum(ENCODINGS),
  versions: z
    .array(
      z.strictObject({
        // Written into --out: a record from elsewhere is not to write beside it.
        file: z.string().check(z.regex(/^[^/\\]*[^/\\.][^/\\]*$/)),
        sha256: digest,
        waveform: z.unknown(),
        features: z.unknown(),
      }),
    )
    .check(z.minLength(1)),
});

export function recordBytes(record: Omit<AugmentationRecord, 'format' | 'version'>): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ format: FORMAT, version: VERSION, ...record }, null, 1)}\n`);
}

/** @throws SerKitError 'not-found', 'bad-format', 'newer-version' */
export async function readRecord(path: string): Promise<AugmentationRecord> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new SerKitError(
      'not-found',
      `${path}: expected a .draws.json of ser-kit augment, got none that can be read`,
      {
        cause,
      },
    );
  });
  const not = (cause: unknown): SerKitError =>
    new SerKitError('bad-format', `${path}: expected a .draws.json that ser-kit augment wrote, got something else`, {
      cause,
    });
  let found: { format?: unknown; version?: unknown } | null;
  try {
    found = JSON.parse(text);
  } catch (cause) {
    throw not(cause);
  }
  if (found?.format !== FORMAT || typeof found.version !== 'number') throw not(undefined);
  if (found.version > VERSION) {
    const message = `${path}: version expected at most ${VERSION}, got ${found.version}; a newer ser-kit wrote it: update this one`;
    throw new SerKitError('newer-version', message);
  }
  return parseOptions(path, schema, found, 'bad-format') as AugmentationRecord;
}

/** A recording's SHA-256: of its rate and its samples, whatever file they lie in. */
export function waveformDigest({ samples, sampleRate }: Waveform): string {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  return createHash('sha256').update(`${sampleRate}\n`).update(bytes).digest('hex');
}

export function bytesDigest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
