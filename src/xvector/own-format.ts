import * as z from 'zod/mini';
import { SerKitError } from '../core/errors.ts';
import { parseOptions } from '../core/options.ts';
import { crc32 } from './crc32.ts';
import { parseHeaderJson } from './header-json.ts';
import { type ArrayPlace, arrayAt, arrayPlaces, checkNetworkJson, networkJson, networkOf } from './network-json.ts';
import { halfToNumber, numberToHalf, readFloats, writeFloats } from './number-formats.ts';
import { checkXvectorWeights, type XvectorWeights } from './weights.ts';

// A .xvector file: 16 bytes of magic; four little-endian uint32: version, bytes of the header, bytes of the payload, and the CRC-32 of
// everything but itself; the header, JSON, padded with spaces to a multiple of 8; the payload, arrays one after another. docs/xvectors.md

const MAGIC = 'ser-kit xvector\n';
const VERSION = 1;
/** Magic and numbers before the header. */
const START = 32;
const CRC_AT = 28;
const LONGEST_HEADER = 2 ** 22;

/** How a kernel's numbers are kept. */
export type XvectorValues = 'float32' | 'float16' | 'int8';

const VALUES: readonly XvectorValues[] = ['float32', 'float16', 'int8'];

/** Options of {@link encodeXvector}. */
export interface EncodeXvectorOptions {
  /**
   * How the kernels are kept; everything else is float32. 'float16' is off by at most 2^-11 of a weight (or 2^-25, where weights are
   * below 6e-5); 'int8' by at most 1/254 of the largest weight of the same output.
   * @default 'float32', to the bit
   */
  readonly values?: XvectorValues | undefined;
}

const optionsSchema = () => z.strictObject({ values: z.optional(z.literal(VALUES)) });

/** True for bytes that begin as one of ser-kit's own x-vector files. */
export function isOwnFormat(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && [...bytes.subarray(0, 16)].every((byte, i) => byte === MAGIC.charCodeAt(i));
}

/**
 * An x-vector network as one file, which {@link parseXvector} reads: front end, layers, card, numbers and a checksum over all of it.
 * Little-endian on every machine; the same network gives the same bytes.
 *
 * @throws SerKitError 'bad-option', 'bad-input' or 'not-finite' for weights that are none, or that float16 does not hold
 *
 * @example
 * const bytes = encodeXvector(weights, { values: 'int8' });
 * const again = parseXvector(bytes);
 */
export function encodeXvector(weights: XvectorWeights, options: EncodeXvectorOptions = {}): Uint8Array<ArrayBuffer> {
  const who = 'encodeXvector';
  const { values = 'float32' } = parseOptions(who, optionsSchema(), options);
  checkXvectorWeights(who, weights);
  const network = networkJson(who, weights);
  const text = new TextEncoder().encode(JSON.stringify({ values, network }));
  if (text.length > LONGEST_HEADER - 8) {
    throw new SerKitError(
      'bad-input',
      `${who}: front end, layers and card expected at most ${LONGEST_HEADER - 8} bytes of JSON, got ${text.length}`,
    );
  }
  const header = Math.ceil(text.length / 8) * 8;
  const places = arrayPlaces(network);
  const payload = places.reduce((sum, place) => sum + bytesOf(place, values), 0);
  const bytes = new Uint8Array(START + header + payload).fill(0x20, START, START + header);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < MAGIC.length; i++) bytes[i] = MAGIC.charCodeAt(i);
  [VERSION, header, payload].forEach((number, i) => {
    view.setUint32(16 + 4 * i, number, true);
  });
  bytes.set(text, START);
  let at = START + header;
  for (const place of places) {
    const size = bytesOf(place, values);
    writeArray(who, bytes.subarray(at, at + size), place, arrayAt(weights, place), values);
    at += size;
  }
  view.setUint32(CRC_AT, checksum(bytes), true);
  return bytes;
}

/**
 * The network in one of ser-kit's own files.
 *
 * @throws SerKitError 'bad-format', 'truncated', 'altered' (a byte was changed), 'newer-version'
 */
export function parseOwnFormat(who: string, bytes: Uint8Array): XvectorWeights {
  if (bytes.length < START) {
    throw new SerKitError('truncated', `${who}: expected at least ${START} bytes, got ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [version, header, payload] = [16, 20, 24].map((at) => view.getUint32(at, true)) as [number, number, number];
  if (version > VERSION) {
    throw new SerKitError(
      'newer-version',
      `${who}: version expected at most ${VERSION}, got ${version}; a newer ser-kit wrote it, so read it with that`,
    );
  }
  const length = START + header + payload;
  if (bytes.length < length) {
    throw new SerKitError('truncated', `${who}: expected ${length} bytes, as its beginning says, got ${bytes.length}`);
  }
  const found = checksum(bytes);
  const expected = view.getUint32(CRC_AT, true);
  if (bytes.length > length || found !== expected) {
    throw new SerKitError(
      'altered',
      bytes.length > length
        ? `${who}: expected ${length} bytes, as its beginning says, got ${bytes.length}`
        : `${who}: contents expected CRC-32 ${expected.toString(16)}, got ${found.toString(16)}; the file was changed after it was written`,
    );
  }
  if (version < 1 || header > LONGEST_HEADER) {
    throw new SerKitError(
      'bad-format',
      `${who}: expected version 1 and a header of at most ${LONGEST_HEADER} bytes, got version ${version} and ${header} bytes`,
    );
  }
  const { values, network: untrusted } = parseOptions(
    who,
    z.strictObject({ values: z.literal(VALUES), network: z.unknown() }),
    parseHeaderJson(who, bytes.subarray(START, START + header)),
    'bad-format',
  );
  const network = checkNetworkJson(who, untrusted);
  const needed = arrayPlaces(network).reduce((sum, place) => sum + bytesOf(place, values), 0);
  if (needed !== payload) {
    throw new SerKitError('bad-format', `${who}: expected ${needed} bytes of numbers for its layers, got ${payload}`);
  }
  let at = START + header;
  const weights = networkOf(network, (place) => {
    const from = at;
    at += bytesOf(place, values);
    return readArray(bytes.subarray(from, at), place, values);
  });
  checkXvectorWeights(who, weights);
  return weights;
}

/** Of everything but the four bytes that it is kept in. */
function checksum(bytes: Uint8Array): number {
  return crc32(bytes.subarray(CRC_AT + 4), crc32(bytes.subarray(0, CRC_AT)));
}

function countOf({ shape }: ArrayPlace): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** int8 kernels have a float32 scale for each output before them. */
function bytesOf(place: ArrayPlace, values: XvectorValues): number {
  const count = countOf(place);
  if (place.array !== 'kernel' || values === 'float32') return 4 * count;
  return values === 'float16' ? 2 * count : 4 * place.shape.at(-1)! + count;
}

function writeArray(
  who: string,
  into: Uint8Array,
  place: ArrayPlace,
  array: Float32Array,
  values: XvectorValues,
): void {
  if (place.array !== 'kernel' || values === 'float32') {
    writeFloats(into, 0, array);
    return;
  }
  if (values === 'float16') {
    const view = new DataView(into.buffer, into.byteOffset, into.length);
    array.forEach((value, i) => {
      if (Math.abs(value) >= 65520) {
        throw new SerKitError(
          'bad-input',
          `${who}: ${place.layer}: kernel expected values below 65520, which float16 holds, got ${value}`,
        );
      }
      view.setUint16(2 * i, numberToHalf(value), true);
    });
    return;
  }
  const outputs = place.shape.at(-1)!;
  const largest = new Float32Array(outputs);
  for (let i = 0; i < array.length; i++) {
    largest[i % outputs] = Math.max(largest[i % outputs]!, Math.abs(array[i]!));
  }
  const scales = largest.map((value) => value / 127);
  writeFloats(into, 0, scales);
  for (let i = 0; i < array.length; i++) {
    const scale = scales[i % outputs]!;
    // A scale so small that it rounds to 0, or up by half of itself, keeps within int8 all the same.
    into[4 * outputs + i] = scale === 0 ? 0 : Math.max(-127, Math.min(127, Math.round(array[i]! / scale)));
  }
}

function readArray(from: Uint8Array, place: ArrayPlace, values: XvectorValues): Float32Array {
  const count = countOf(place);
  if (place.array !== 'kernel' || values === 'float32') return readFloats(from, 0, count);
  const view = new DataView(from.buffer, from.byteOffset, from.length);
  const array = new Float32Array(count);
  if (values === 'float16') {
    for (let i = 0; i < count; i++) array[i] = halfToNumber(view.getUint16(2 * i, true));
    return array;
  }
  const outputs = place.shape.at(-1)!;
  const scales = readFloats(from, 0, outputs);
  for (let i = 0; i < count; i++) array[i] = view.getInt8(4 * outputs + i) * scales[i % outputs]!;
  return array;
}
