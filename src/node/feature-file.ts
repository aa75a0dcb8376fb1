import { createHash } from 'node:crypto';
import type { FeatureMatrix } from '../core/feature-matrix.ts';

// One entry of a cache: 64 bytes of header, then frames x dims float32, row-major. Numbers are little-endian.
//   0  'serkitFM'     8  version (u32)    12  frames (u32)    16  dims (u32)    20  zeros    32  SHA-256
// The checksum covers what was computed, of which clip, the header's first 32 bytes and the values: an entry that was cut
// short, altered, or moved to another clip's or another front end's place is not taken.

const MAGIC = 'serkitFM';
const VERSION = 1;
const CHECKSUM_AT = 32;
export const HEADER_BYTES = 64;

/** The bytes of an entry. `place` is what its checksum binds it to: the plan's fingerprint and the clip's hash. */
export function encodeFeatures(matrix: FeatureMatrix, place: string): Uint8Array<ArrayBuffer> {
  const { data, frames, dims } = matrix;
  const bytes = new Uint8Array(HEADER_BYTES + data.byteLength);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < MAGIC.length; i++) bytes[i] = MAGIC.charCodeAt(i);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, frames, true);
  view.setUint32(16, dims, true);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), HEADER_BYTES);
  bytes.set(checksum(bytes, place), CHECKSUM_AT);
  return bytes;
}

/** The matrix of an entry's bytes; undefined where they are not, to the last bit, what was written for this place. */
export function decodeFeatures(bytes: Uint8Array, place: string): FeatureMatrix | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const frames = view.getUint32(12, true);
  const dims = view.getUint32(16, true);
  if (view.getUint32(8, true) !== VERSION || bytes.length !== HEADER_BYTES + 4 * frames * dims) return undefined;
  if (Buffer.compare(checksum(bytes, place), bytes.subarray(CHECKSUM_AT, HEADER_BYTES)) !== 0) return undefined;
  // A copy: the bytes may begin at any place of a buffer that others use too.
  return { data: new Float32Array(new Uint8Array(bytes.subarray(HEADER_BYTES)).buffer), frames, dims };
}

/** MAGIC is in what is summed, so it need not be looked at. */
function checksum(bytes: Uint8Array, place: string): Uint8Array {
  return createHash('sha256')
    .update(`${place}\n`)
    .update(bytes.subarray(0, CHECKSUM_AT))
    .update(bytes.subarray(HEADER_BYTES))
    .digest();
}
