/** Of each byte: its remainder by the reflected polynomial 0xEDB88320. */
function remainders(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
    return rest;
  });
}

let table: Uint32Array | undefined;

/**
 * The CRC-32 of bytes as zip and PNG have it (ISO 3309), from 0 to 2^32 - 1. It notices every change within 4 bytes in a row, and any
 * other but one in 4 billion; it is no protection against one who means to deceive.
 *
 * @param before  the CRC-32 of the bytes before these, where they come in parts
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  table ??= remainders();
  let crc = ~before;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
