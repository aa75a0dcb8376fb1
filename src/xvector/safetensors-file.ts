import { quote, SerKitError } from '../core/errors.ts';
import { parseHeaderJson } from './header-json.ts';
import { NUMBER_FORMATS, type NumberFormatName, writeFloats } from './number-formats.ts';
import type { StoredTensor } from './stored-tensor.ts';

// safetensors: a little-endian uint64, the bytes of the header; the header, JSON { name: { dtype, shape, data_offsets } } and texts in
// __metadata__; the numbers. https://github.com/huggingface/safetensors#format

/** An x-vector network's header is a few kB. */
const LONGEST_HEADER = 2 ** 22;
const MOST_TENSORS = 10_000;
const MOST_DIMS = 8;
const METADATA = '__metadata__';

export interface SafetensorsFile {
  readonly tensors: Map<string, StoredTensor>;
  readonly metadata: Map<string, string>;
}

/**
 * The tensors of a safetensors file by name, and its metadata. As strict as the format: every byte after the header belongs to one
 * tensor, in whatever order they come.
 *
 * @throws SerKitError 'truncated', 'bad-format', 'unsupported' (a type that is not read)
 */
export function readSafetensors(who: string, bytes: Uint8Array): SafetensorsFile {
  const refuse = (expected: string): never => {
    throw new SerKitError('bad-format', `${who}: safetensors: ${expected}`);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 8) {
    throw new SerKitError('truncated', `${who}: safetensors: expected at least 8 bytes, got ${bytes.length}`);
  }
  const length = Number(view.getBigUint64(0, true));
  if (length > LONGEST_HEADER) refuse(`header expected at most ${LONGEST_HEADER} bytes, got ${length}`);
  if (8 + length > bytes.length) {
    throw new SerKitError(
      'truncated',
      `${who}: safetensors: header expected ${length} bytes, got ${bytes.length - 8} of them`,
    );
  }
  const header = parseHeaderJson(`${who}: safetensors`, bytes.subarray(8, 8 + length));
  if (!isRecord(header)) return refuse(`header expected an object, got ${quote(header)}`);
  const { [METADATA]: about = {}, ...entries } = header;
  if (!isRecord(about) || !Object.values(about).every((text) => typeof text === 'string')) {
    refuse(`${METADATA} expected texts by name, got ${quote(about)}`);
  }
  const names = Object.keys(entries);
  if (names.length > MOST_TENSORS) refuse(`expected at most ${MOST_TENSORS} tensors, got ${names.length}`);
  const data = bytes.subarray(8 + length);
  const places = names.map((name) => placeOf(who, name, entries[name]));
  let ended = 0;
  for (const { name, from, to } of [...places].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== ended)
      refuse(`${quote(name)} expected to begin where the one before it ends, at ${ended}, got ${from}`);
    ended = to;
  }
  if (ended > data.length) {
    throw new SerKitError('truncated', `${who}: safetensors: expected ${ended} bytes of numbers, got ${data.length}`);
  }
  if (ended < data.length) refuse(`expected ${ended} bytes of numbers, as the tensors have, got ${data.length}`);
  return {
    tensors: new Map(
      places.map(({ name, from, to, dtype, shape }) => [name, tensorOf(data.subarray(from, to), dtype, shape)]),
    ),
    metadata: new Map(Object.entries(about as Record<string, string>)),
  };
}

interface Place {
  readonly name: string;
  readonly dtype: NumberFormatName;
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}

function placeOf(who: string, name: string, entry: unknown): Place {
  const refuse = (expected: string, got: unknown): never => {
    throw new SerKitError('bad-format', `${who}: safetensors: ${quote(name)} expected ${expected}, got ${quote(got)}`);
  };
  if (!isRecord(entry)) return refuse('dtype, shape and data_offsets', entry);
  const { dtype, shape, data_offsets: offsets, ...rest } = entry;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) refuse('dtype, shape and data_offsets alone', unknown);
  if (typeof dtype !== 'string' || !Object.hasOwn(NUMBER_FORMATS, dtype)) {
    throw new SerKitError(
      typeof dtype === 'string' ? 'unsupported' : 'bad-format',
      `${who}: safetensors: ${quote(name)} expected dtype ${Object.keys(NUMBER_FORMATS).join(' | ')}, got ${quote(dtype)}`,
    );
  }
  if (!Array.isArray(shape) || shape.length > MOST_DIMS || !shape.every(isCount)) {
    return refuse(`a shape of at most ${MOST_DIMS} whole numbers`, shape);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount) || offsets[0] > offsets[1]) {
    return refuse('data_offsets of a beginning and an end', offsets);
  }
  const [from, to] = offsets as [number, number];
  const needed =
    (shape as number[]).reduce((product, size) => product * size, 1) * NUMBER_FORMATS[dtype as NumberFormatName].bytes;
  if (to - from !== needed) refuse(`${needed} bytes for shape ${quote(shape)} of ${dtype}`, to - from);
  return { name, dtype: dtype as NumberFormatName, shape: shape as number[], from, to };
}

function tensorOf(bytes: Uint8Array, dtype: NumberFormatName, shape: readonly number[]): StoredTensor {
  return {
    shape,
    read() {
      const format = NUMBER_FORMATS[dtype];
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const length = bytes.length / format.bytes;
      const values = format.wide ? new Float64Array(length) : new Float32Array(length);
      for (let i = 0; i < length; i++) values[i] = format.read(view, i * format.bytes, true);
      return values;
    },
  };
}

/** float32 tensors, in this order, as a safetensors file; the header is padded so that the numbers begin at a multiple of 8. */
export function writeSafetensors(
  tensors: readonly { readonly name: string; readonly shape: readonly number[]; readonly values: Float32Array }[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  let end = 0;
  const entries = tensors.map(({ name, shape, values }) => {
    const from = end;
    end += 4 * values.length;
    return [name, { dtype: 'F32', shape, data_offsets: [from, end] }] as const;
  });
  const text = new TextEncoder().encode(JSON.stringify({ [METADATA]: metadata, ...Object.fromEntries(entries) }));
  const header = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + header + end).fill(0x20, 8, 8 + header);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header), true);
  bytes.set(text, 8);
  let at = 8 + header;
  for (const { values } of tensors) {
    writeFloats(bytes, at, values);
    at += 4 * values.length;
  }
  return bytes;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
