import { quote, SerKitError } from '../core/errors.ts';
import { crc32 } from './crc32.ts';

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
/** The end record with the longest comment. */
const LONGEST_END = 22 + 0xffff;
const IN_ZIP64 = 0xffffffff;
const MOST_MEMBERS = 10_000;

interface Member {
  readonly name: string;
  readonly crc: number;
  readonly size: number;
  /** Where its local header begins. */
  readonly header: number;
}

interface Directory {
  readonly from: number;
  readonly size: number;
  readonly count: number;
}

/**
 * The files in a zip whose files are all stored as they are, by name: views of `bytes`. Nothing is copied, and nothing ever inflated.
 * Sizes and places come from the central directory, as PyTorch writes none before the files; zip64 is read. (PKWARE's
 * APPNOTE.TXT 6.3.)
 *
 * @throws SerKitError 'truncated', 'unsupported' (compressed, encrypted, on several disks), 'bad-format', 'altered' (by CRC-32)
 */
export function readStoredZip(who: string, bytes: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const directory = findDirectory(who, view);
  const members = readDirectory(who, bytes, view, directory);
  // By place, so that one that begins before the last has ended is seen.
  members.sort((a, b) => a.header - b.header);
  const files = new Map<string, Uint8Array>();
  let ended = 0;
  for (const { name, crc, size, header } of members) {
    const refuse = (expected: string): never => {
      throw new SerKitError('bad-format', `${who}: zip: ${quote(name)} expected ${expected}`);
    };
    if (files.has(name)) refuse('to be there once, got it twice');
    if (header < ended) refuse(`to begin after the file before it, which ends at ${ended}, got ${header}`);
    if (header + 30 > directory.from || view.getUint32(header, true) !== LOCAL) {
      refuse(`a header "PK\\x03\\x04" at ${header}, before the directory at ${directory.from}, got none`);
    }
    const from = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
    ended = from + size;
    if (ended > directory.from)
      refuse(`to end before the directory at ${directory.from}, got ${size} bytes from ${from}`);
    const file = bytes.subarray(from, ended);
    // PyTorch can be told to leave the CRC-32 out; it is 0 then.
    if (crc !== 0 && crc32(file) !== crc) {
      throw new SerKitError(
        'altered',
        `${who}: zip: ${quote(name)} expected CRC-32 ${crc.toString(16)}, got ${crc32(file).toString(16)}; copy or download the file again`,
      );
    }
    files.set(name, file);
  }
  return files;
}

/** A uint64 that is a place or a size; one beyond 2^53 is as wrong as any that is beyond the file. */
function read64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

function findDirectory(who: string, view: DataView): Directory {
  const { byteLength } = view;
  let end = byteLength - 22;
  while (end >= 0 && end >= byteLength - LONGEST_END && view.getUint32(end, true) !== END) end--;
  if (end < 0 || end < byteLength - LONGEST_END) {
    throw new SerKitError(
      'truncated',
      `${who}: expected a zip that ends in its directory, got ${byteLength} bytes without one; copy or download it again`,
    );
  }
  const [disk, diskOfDirectory, here] = [4, 6, 8].map((at) => view.getUint16(end + at, true));
  let directory: Directory = {
    count: view.getUint16(end + 10, true),
    size: view.getUint32(end + 12, true),
    from: view.getUint32(end + 16, true),
  };
  let disks = disk !== 0 || diskOfDirectory !== 0 || here !== directory.count;
  // PyTorch always writes zip64's records as well.
  const locator = end - 20;
  let limit = end;
  if (locator >= 0 && view.getUint32(locator, true) === LOCATOR_64) {
    const at = read64(view, locator + 8);
    if (!(at + 56 <= locator) || view.getUint32(at, true) !== END_64) {
      throw new SerKitError('bad-format', `${who}: zip64: expected its end record before ${locator}, got ${at}`);
    }
    limit = at;
    disks = view.getUint32(at + 16, true) !== 0 || view.getUint32(at + 20, true) !== 0;
    directory = { count: read64(view, at + 32), size: read64(view, at + 40), from: read64(view, at + 48) };
  }
  if (disks) throw new SerKitError('unsupported', `${who}: zip: expected one disk, got several`);
  const { count, size, from } = directory;
  if (count > MOST_MEMBERS) {
    throw new SerKitError('bad-format', `${who}: zip: expected at most ${MOST_MEMBERS} files, got ${count}`);
  }
  if (from + size > limit || size < 46 * count) {
    throw new SerKitError(
      'bad-format',
      `${who}: zip: directory of ${count} files expected to lie before ${limit}, got ${size} bytes from ${from}`,
    );
  }
  return directory;
}

function readDirectory(who: string, bytes: Uint8Array, view: DataView, { from, size, count }: Directory): Member[] {
  const members: Member[] = [];
  const end = from + size;
  let at = from;
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== CENTRAL) {
      throw new SerKitError(
        'bad-format',
        `${who}: zip: directory expected entry ${i + 1} of ${count} at ${at}, got none`,
      );
    }
    const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)] as [number, number];
    const [name, extra, comment] = [28, 30, 32].map((k) => view.getUint16(at + k, true)) as [number, number, number];
    const next = at + 46 + name + extra + comment;
    if (next > end)
      throw new SerKitError('bad-format', `${who}: zip: entry ${i + 1} expected to end by ${end}, got ${next}`);
    const member = {
      name: new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + name)),
      crc: view.getUint32(at + 16, true),
      ...placeOf(who, view, at, at + 46 + name, extra),
    };
    const { name: text, packed, size: whole } = member;
    if (flags & 1)
      throw new SerKitError('unsupported', `${who}: zip: ${quote(text)} expected in clear, got it encrypted`);
    if (method !== 0 || packed !== whole) {
      throw new SerKitError(
        'unsupported',
        `${who}: zip: ${quote(text)} expected stored as it is, as torch.save() stores, got it compressed (method ${method}, ${packed} bytes for ${whole}); unpack it, and zip -0 what was in it`,
      );
    }
    members.push(member);
    at = next;
  }
  return members;
}

/** Sizes and place of an entry, of which zip64 keeps those that are 0xffffffff in its extra field, in this order. */
function placeOf(
  who: string,
  view: DataView,
  entry: number,
  extra: number,
  length: number,
): { readonly size: number; readonly packed: number; readonly header: number } {
  const short = [24, 20, 42].map((at) => view.getUint32(entry + at, true));
  let wide: { at: number; readonly end: number } | undefined;
  for (let at = extra; at + 4 <= extra + length; at += 4 + view.getUint16(at + 2, true)) {
    const end = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1 && end <= extra + length) wide = { at: at + 4, end };
  }
  const [size, packed, header] = short.map((value) => {
    if (value !== IN_ZIP64) return value;
    if (wide === undefined || wide.at + 8 > wide.end) {
      throw new SerKitError('bad-format', `${who}: zip64: expected sizes in an entry's extra field, got none`);
    }
    wide.at += 8;
    return read64(view, wide.at - 8);
  }) as [number, number, number];
  return { size, packed, header };
}
