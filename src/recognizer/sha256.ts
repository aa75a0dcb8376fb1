import { SerKitError } from '../core/errors.ts';

/** The SHA-256 of bytes as 64 hexadecimal digits, by the platform's Web Crypto. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const subtle = globalThis.crypto?.subtle;
  if (subtle === undefined) {
    throw new SerKitError(
      'unsupported',
      'sha256: expected Web Crypto (pages get it over https or on localhost), got none',
    );
  }
  const digest = await subtle.digest('SHA-256', new Uint8Array(bytes));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
