import { readFileSync } from 'node:fs';

const folder = new URL('fixtures/', import.meta.url);

/** The bytes of a file in test/xvector/fixtures. */
export function fixture(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(name, folder)));
}

/** float32 numbers from base64. */
export function floats(base64: string): Float32Array {
  const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
  return new Float32Array(bytes.buffer);
}
