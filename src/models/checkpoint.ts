import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { Hash } from './hash.ts';
import type { EpochRecord } from './training-events.ts';

/** Everything that going on with a training needs, as it is after an epoch. */
export interface TrainingCheckpoint {
  /** The epoch that is done, from 1. */
  readonly epoch: number;
  /** For a file of its own, and later for `resumeFrom`; no other part of it is needed. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What a checkpoint's bytes tell without the network and the examples. */
export interface CheckpointSummary {
  /** The epoch that is done, from 1. */
  readonly epoch: number;
  /** The epoch whose weights are the best so far. */
  readonly bestEpoch: number;
  /** Every epoch so far, in order. */
  readonly records: readonly EpochRecord[];
  /** The options that shape the run, with defaults filled in. */
  readonly options: Readonly<Record<string, unknown>>;
  /** tfjs's name of the backend that it was made on. */
  readonly backend: string;
}

// The bytes: 'serkitCP', version (u32), length of the header (u32), the header as JSON, filled up with spaces to a multiple
// of four, the tensors as float32 one after another, and 16 hexadecimal digits of a hash of all before. Numbers are little-endian.
const MAGIC = 'serkitCP';
const VERSION = 1;
const HEADER_AT = 16;
const CHECKSUM_BYTES = 16;

/** The header's part that training writes and reads. */
export interface CheckpointState {
  readonly epoch: number;
  readonly bestEpoch: number;
  readonly records: readonly EpochRecord[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly backend: string;
  /** Hashes of the network and the examples. */
  readonly made: { readonly model: string; readonly train: string; readonly validation: string };
  /** Steps of the optimizer so far. */
  readonly steps: number;
  /** How often each layer that draws has done so, in the network's order. */
  readonly drawn: readonly number[];
  readonly plateau: { readonly rate: number; readonly best?: number | undefined; readonly badEpochs: number };
}

/** A tensor's numbers, by a name that is the checkpoint's own. */
export interface NamedValues {
  readonly name: string;
  readonly values: Float32Array;
}

const metrics = z.object({ loss: z.number(), accuracy: z.number(), unweightedAverageRecall: z.number() });
const headerSchema = z.object({
  epoch: z.int().check(z.positive()),
  bestEpoch: z.int().check(z.positive()),
  records: z.array(z.object({ epoch: z.int(), loss: z.number(), train: metrics, validation: metrics })),
  options: z.record(z.string(), z.unknown()),
  backend: z.string(),
  made: z.object({ model: z.string(), train: z.string(), validation: z.string() }),
  steps: z.int(),
  drawn: z.array(z.int()),
  plateau: z.object({ rate: z.number(), best: z.optional(z.number()), badEpochs: z.int() }),
  tensors: z.array(z.object({ name: z.string(), size: z.int().check(z.nonnegative()) })),
});

export function encodeCheckpoint(state: CheckpointState, tensors: readonly NamedValues[]): Uint8Array<ArrayBuffer> {
  const sizes = tensors.map(({ name, values }) => ({ name, size: values.length }));
  let json = new TextEncoder().encode(JSON.stringify({ ...state, tensors: sizes }));
  const padded = new Uint8Array(Math.ceil(json.length / 4) * 4).fill(0x20);
  padded.set(json);
  json = padded;
  const numbers = tensors.reduce((total, { values }) => total + values.length, 0);
  const bytes = new Uint8Array(HEADER_AT + json.length + 4 * numbers + CHECKSUM_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint32(8, VERSION, true);
  view.setUint32(12, json.length, true);
  bytes.set(json, HEADER_AT);
  const floats = new Float32Array(bytes.buffer, HEADER_AT + json.length, numbers);
  let at = 0;
  for (const { values } of tensors) {
    floats.set(values, at);
    at += values.length;
  }
  const end = bytes.length - CHECKSUM_BYTES;
  bytes.set(new TextEncoder().encode(new Hash().bytes(bytes.subarray(0, end)).digest()), end);
  return bytes;
}

/**
 * @throws SerKitError 'bad-format' for bytes that are no checkpoint, 'newer-version', 'truncated', 'altered'
 */
export function decodeCheckpoint(
  who: string,
  bytes: Uint8Array,
): { state: CheckpointState; tensors: Map<string, Float32Array> } {
  const magic = String.fromCharCode(...bytes.subarray(0, MAGIC.length));
  if (!MAGIC.startsWith(magic) || bytes.length === 0) {
    throw new SerKitError('bad-format', `${who}: expected a training checkpoint, got bytes that begin ${quote(magic)}`);
  }
  const cut = (expected: number): SerKitError =>
    new SerKitError('truncated', `${who}: expected a checkpoint of ${expected} bytes or more, got ${bytes.length}`);
  if (bytes.length < HEADER_AT) throw cut(HEADER_AT + CHECKSUM_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(8, true);
  if (version > VERSION) {
    throw new SerKitError('newer-version', `${who}: expected a checkpoint of version ${VERSION}, got ${version}`);
  }
  const tensorsAt = HEADER_AT + view.getUint32(12, true);
  if (bytes.length < tensorsAt + CHECKSUM_BYTES) throw cut(tensorsAt + CHECKSUM_BYTES);
  const altered = (cause?: unknown): SerKitError =>
    new SerKitError('altered', `${who}: expected a checkpoint as it was written, got bytes that were altered`, {
      cause,
    });
  let header: z.infer<typeof headerSchema>;
  try {
    header = headerSchema.parse(JSON.parse(new TextDecoder().decode(bytes.subarray(HEADER_AT, tensorsAt))));
  } catch (cause) {
    throw altered(cause);
  }
  const { tensors: sizes, ...state } = header;
  const end = tensorsAt + 4 * sizes.reduce((total, { size }) => total + size, 0);
  if (bytes.length < end + CHECKSUM_BYTES) throw cut(end + CHECKSUM_BYTES);
  const checksum = new TextDecoder().decode(bytes.subarray(end));
  if (checksum !== new Hash().bytes(bytes.subarray(0, end)).digest()) throw altered();
  // A copy, as the bytes may begin at any place of a buffer that others use too; not by slice(), which in Node's Buffer copies nothing.
  const floats = new Float32Array((end - tensorsAt) / 4);
  new Uint8Array(floats.buffer).set(bytes.subarray(tensorsAt, end));
  const tensors = new Map<string, Float32Array>();
  let at = 0;
  for (const { name, size } of sizes) {
    tensors.set(name, floats.subarray(at, at + size));
    at += size;
  }
  return { state, tensors };
}

/**
 * What a checkpoint holds, for whoever decides whether to go on from it.
 *
 * @throws SerKitError 'bad-format' for bytes that are no checkpoint, 'newer-version', 'truncated', 'altered'
 */
export function describeCheckpoint(bytes: Uint8Array): CheckpointSummary {
  const { epoch, bestEpoch, records, options, backend } = decodeCheckpoint('describeCheckpoint', bytes).state;
  return { epoch, bestEpoch, records, options, backend };
}
