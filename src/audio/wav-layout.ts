import { SerKitError } from '../core/errors.ts';
import { foreignBytesError, latin1 } from './foreign-bytes.ts';
import { parseWavFormat, type WavFormat } from './wav-format.ts';

/** Where the samples lie in a WAV file, and how they are written. */
export interface WavLayout extends WavFormat {
  /** Offset of the first sample, in bytes. */
  readonly dataOffset: number;
  /** Samples of each channel. */
  readonly frames: number;
}

interface Chunk {
  readonly id: string;
  /** Offset of the chunk's contents. */
  readonly at: number;
  /** As the header says; the file may end before. */
  readonly size: number;
}

/**
 * From this size on, a `data` chunk that passes the end of the file means "unknown, to the end": a program that writes
 * into a pipe cannot come back to fill it in. ffmpeg leaves 0xFFFFFFFF, sox 0x7FFFF000, arecord 0x7FFFFFFF or more.
 */
const UNKNOWN_SIZE = 0x7fff0000;

const KNOWN_IDS = new Set(
  'fmt |data|fact|LIST|INFO|bext|ds64|JUNK|junk|PAD |PEAK|cue |smpl|inst|iXML|id3 |ID3 |plst|labl|note|adtl|FLLR'.split(
    '|',
  ),
);

const isPrintable = (id: string): boolean => /^[\x20-\x7e]{4}$/.test(id);

/**
 * Where the chunk after `chunk` begins. RIFF pads chunks of odd size with a zero, and some writers forget it: the
 * place is taken at which a chunk's name stands. (Between "\0dat" and "data" that is plain; "data" and "ata " can both
 * be names, hence the known ones.)
 */
function nextChunkOffset(bytes: Uint8Array, chunk: Chunk): number {
  const end = chunk.at + chunk.size;
  if (chunk.size % 2 === 0) return end;
  const padded = latin1(bytes, end + 1, end + 5);
  const unpadded = latin1(bytes, end, end + 4);
  if (KNOWN_IDS.has(unpadded)) return end;
  return isPrintable(unpadded) && !isPrintable(padded) ? end : end + 1;
}

function* chunks(bytes: Uint8Array, view: DataView, from: number): Generator<Chunk> {
  let offset = from;
  while (offset + 8 <= bytes.length) {
    const chunk = { id: latin1(bytes, offset, offset + 4), at: offset + 8, size: view.getUint32(offset + 4, true) };
    yield chunk;
    offset = nextChunkOffset(bytes, chunk);
  }
}

/** True where whole chunks fill the file from `from` to its end: then a `data` chunk of size 0 before them is empty. */
function onlyChunksFollow(bytes: Uint8Array, view: DataView, from: number): boolean {
  let end = from;
  for (const chunk of chunks(bytes, view, from)) {
    if (!isPrintable(chunk.id)) return false;
    end = chunk.at + chunk.size;
  }
  return end === bytes.length || end + 1 === bytes.length;
}

/** The size that RF64's `ds64` chunk gives to `data`; undefined where it says that it does not know. */
function ds64DataSize(view: DataView, ds64: Chunk): number | undefined {
  if (ds64.size < 16 || ds64.at + 16 > view.byteLength) return undefined;
  const size = view.getBigUint64(ds64.at + 8, true);
  return size === 0n || size > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(size);
}

/** How many bytes of samples there are; throws where the file ends before its header says. */
function dataBytes(who: string, bytes: Uint8Array, view: DataView, data: Chunk, ds64: Chunk | undefined, f: WavFormat) {
  const there = bytes.length - data.at;
  let size: number | undefined = data.size;
  if (size === 0xffffffff && ds64 !== undefined) size = ds64DataSize(view, ds64);
  else if (size === 0) return onlyChunksFollow(bytes, view, data.at) ? 0 : there;
  else if (size >= UNKNOWN_SIZE && size > there) size = undefined;
  if (size === undefined || size === there) return there;

  const frame = f.channels * f.bytesPerSample;
  const [expected, got] = [Math.floor(size / frame), Math.floor(there / frame)];
  if (got < expected) {
    const seconds = (n: number): string => `${(n / f.sampleRate).toFixed(2)} s`;
    throw new SerKitError(
      'truncated',
      `${who}: the file ends before its header says: expected ${expected} samples (${seconds(expected)}), ` +
        `got ${got} (${seconds(got)}); copy or download it again`,
    );
  }
  return Math.min(size, there);
}

/**
 * Finds the `fmt ` and `data` chunks of a WAV file and checks what they say. Read as lenient as players are where
 * nothing is lost (a wrong RIFF size, missing padding, unknown chunks, bytes after the end), and no further.
 *
 * @throws SerKitError 'bad-format', 'unsupported', 'truncated', 'git-lfs-pointer' or 'empty'
 */
export function parseWavLayout(who: string, bytes: Uint8Array): WavLayout {
  const magic = latin1(bytes, 0, 4);
  if (magic !== 'RIFF' && magic !== 'RF64' && magic !== 'BW64') throw foreignBytesError(who, bytes);
  const form = latin1(bytes, 8, 12);
  if (bytes.length < 12) {
    throw new SerKitError(
      'truncated',
      `${who}: expected a WAV header, got a file that ends after ${bytes.length} bytes`,
    );
  }
  if (form !== 'WAVE') {
    throw new SerKitError('bad-format', `${who}: expected a RIFF file of form "WAVE", got ${JSON.stringify(form)}`);
  }

  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let ds64: Chunk | undefined;
  let format: WavFormat | undefined;
  let last: Chunk | undefined;
  for (const chunk of chunks(bytes, view, 12)) {
    last = chunk;
    if (chunk.id === 'ds64') ds64 = chunk;
    if (chunk.id === 'fmt ' && chunk.at + chunk.size <= bytes.length) {
      format = parseWavFormat(who, bytes, view, chunk.at, chunk.size);
    }
    if (chunk.id !== 'data') continue;
    if (format === undefined) throw new SerKitError('bad-format', `${who}: expected a fmt chunk before data, got none`);
    const size = dataBytes(who, bytes, view, chunk, ds64, format);
    const frames = Math.floor(size / (format.channels * format.bytesPerSample));
    return { ...format, dataOffset: chunk.at, frames };
  }

  if (last !== undefined && last.at + last.size > bytes.length) {
    throw new SerKitError(
      'truncated',
      `${who}: the file ends inside its ${JSON.stringify(last.id)} chunk, before any samples: ` +
        `expected ${last.size} bytes there, got ${bytes.length - last.at}`,
    );
  }
  const missing = format === undefined ? 'fmt and data chunks, got neither' : 'a data chunk, got none';
  throw new SerKitError('bad-format', `${who}: expected ${missing}`);
}
