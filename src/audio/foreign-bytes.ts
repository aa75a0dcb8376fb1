import { SerKitError } from '../core/errors.ts';

// What lies in a file that is not a WAV file, told by its first bytes, so that the message can name the remedy.

interface Container {
  readonly name: string;
  /** The file name ending in the command that the message offers. */
  readonly extension: string;
  /** True for a file that begins with these characters (Latin-1) and bytes. */
  matches(start: string, bytes: Uint8Array): boolean;
}

const CONTAINERS: readonly Container[] = [
  { name: 'FLAC', extension: 'flac', matches: (s) => s.startsWith('fLaC') },
  { name: 'Ogg (Vorbis or Opus)', extension: 'ogg', matches: (s) => s.startsWith('OggS') },
  { name: 'MP4 or M4A', extension: 'm4a', matches: (s) => s.slice(4, 8) === 'ftyp' },
  { name: 'WebM or Matroska', extension: 'webm', matches: (s) => s.startsWith('\x1aE\xdf\xa3') },
  { name: 'AIFF', extension: 'aiff', matches: (s) => s.startsWith('FORM') && s.slice(8, 11) === 'AIF' },
  { name: 'Core Audio (CAF)', extension: 'caf', matches: (s) => s.startsWith('caff') },
  { name: 'Sun/NeXT audio (AU)', extension: 'au', matches: (s) => s.startsWith('.snd') },
  { name: 'AMR', extension: 'amr', matches: (s) => s.startsWith('#!AMR') },
  { name: 'Sony Wave64', extension: 'w64', matches: (s) => s.startsWith('riff\x2e\x91\xcf\x11') },
  { name: 'big-endian WAV (RIFX)', extension: 'rifx', matches: (s) => s.startsWith('RIFX') },
  { name: 'NIST SPHERE', extension: 'sph', matches: (s) => s.startsWith('NIST_1A') },
  { name: 'ASF or WMA', extension: 'wma', matches: (s) => s.startsWith('\x30\x26\xb2\x75') },
  { name: 'AAC (ADTS)', extension: 'aac', matches: (_, b) => b[0] === 0xff && (b[1]! & 0xf6) === 0xf0 },
  {
    // MPEG audio: 11 sync bits, a version that is not the reserved one, layer III or II (layer I would look like the
    // byte order mark of UTF-16 text).
    name: 'MP3',
    extension: 'mp3',
    matches: (s, b) =>
      s.startsWith('ID3') ||
      (b[0] === 0xff &&
        (b[1]! & 0xe0) === 0xe0 &&
        (b[1]! & 0x18) !== 0x08 &&
        ((b[1]! & 0x06) === 0x02 || (b[1]! & 0x06) === 0x04)),
  },
];

/** True where the bytes read as text: no control characters but line ends and tabs in the first 256. */
function looksLikeText(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 256).every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

/** The bytes as Latin-1 characters, for comparing and quoting. */
export function latin1(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}

/** The error for bytes that do not begin as a WAV file: it says what they are, and what to do. */
export function foreignBytesError(who: string, bytes: Uint8Array): SerKitError {
  if (bytes.length === 0) return new SerKitError('empty', `${who}: expected a WAV file, got an empty file (0 bytes)`);
  const start = latin1(bytes, 0, 64);
  if (start.startsWith('version https://git-lfs')) {
    return new SerKitError(
      'git-lfs-pointer',
      `${who}: expected a WAV file, got a Git LFS pointer to one; ` +
        'run `git lfs pull` in the repository that it came from to download the audio itself',
    );
  }
  const container = CONTAINERS.find((candidate) => candidate.matches(start, bytes));
  if (container !== undefined) {
    const { name, extension } = container;
    return new SerKitError(
      'unsupported',
      `${who}: expected a WAV file, got ${name}; convert it, for example with \`ffmpeg -i in.${extension} out.wav\``,
    );
  }
  const what = looksLikeText(bytes)
    ? `text (${JSON.stringify(latin1(bytes, 0, 24))})`
    : `${bytes.length} bytes that begin ${[...bytes.subarray(0, 4)].map((b) => b.toString(16).padStart(2, '0')).join(' ')}`;
  return new SerKitError('bad-format', `${who}: expected a WAV file ("RIFF"), got ${what}`);
}
