import { quote, SerKitError } from '../core/errors.ts';
import { isOwnFormat } from './own-format.ts';

/** What a file of weights is by its first bytes; 'other' is for people. */
export type WeightsFileKind = 'ser-kit' | 'torch' | 'safetensors' | 'kaldi' | 'other';

/** The kinds by name, as messages have them. */
export const KIND_NAMES: Readonly<Record<Exclude<WeightsFileKind, 'other'>, string>> = {
  'ser-kit': "one of ser-kit's .xvector files",
  torch: 'a file that torch.save() wrote',
  safetensors: 'a safetensors file',
  kaldi: 'a binary Kaldi nnet3 raw model',
};

const READERS: typeof KIND_NAMES = {
  'ser-kit': 'parseXvector',
  torch: 'parseSpeechBrainCheckpoint',
  safetensors: 'parseXvectorSafetensors',
  kaldi: 'parseKaldiNnet3',
};

export function weightsFileKind(bytes: Uint8Array): WeightsFileKind {
  if (isOwnFormat(bytes)) return 'ser-kit';
  const start = beginning(bytes);
  if (start.startsWith('PK')) return 'torch';
  if (start.startsWith('\0B')) return 'kaldi';
  // Eight bytes of length, whose upper half is 0 in any file that is one, and then JSON.
  if (start.slice(5, 8) === '\0\0\0' && start[8] === '{') return 'safetensors';
  return 'other';
}

/**
 * The error for bytes that do not begin as `kind` does: what they are, and what to do.
 *
 * @param kinds  what could have been read
 */
export function wrongKindError(
  who: string,
  bytes: Uint8Array,
  ...kinds: readonly Exclude<WeightsFileKind, 'other'>[]
): SerKitError {
  const expected = `${who}: expected ${kinds.map((kind) => KIND_NAMES[kind]).join(', ')}`;
  if (bytes.length === 0) return new SerKitError('empty', `${expected}, got no bytes`);
  const start = beginning(bytes);
  if (start.startsWith('version https://git-lfs')) {
    return new SerKitError(
      'git-lfs-pointer',
      `${expected}, got a Git LFS pointer to one; run \`git lfs pull\` in the repository that it came from`,
    );
  }
  const kind = weightsFileKind(bytes);
  if (kind !== 'other') {
    return new SerKitError('bad-format', `${expected}, got ${KIND_NAMES[kind]}; ${READERS[kind]}() reads it`);
  }
  const resave = 'in Python: torch.save(torch.load(FILE, weights_only=True), OUT)';
  const found: readonly (readonly [boolean, SerKitError['code'], string])[] = [
    [
      /^\s*<(!doctype|html|head)/i.test(start),
      'bad-format',
      'an HTML page; the download gave a page about the file instead of the file itself',
    ],
    [
      start.startsWith('\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19'),
      'unsupported',
      `the format of PyTorch before 1.6, which is no zip; save it again, ${resave}`,
    ],
    [bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5, 'unsupported', `a bare pickle; save it again, ${resave}`],
    [/^\s*<Nnet3>/.test(start), 'unsupported', "Kaldi's text format; in Kaldi: nnet3-copy --binary=true IN OUT"],
    [start.startsWith('\x1f\x8b'), 'unsupported', 'a gzip file; unpack it'],
    [start.startsWith('\x93NUMPY'), 'unsupported', 'a NumPy array'],
    [start.startsWith('ustar') || start.slice(0, 5) === './pax', 'unsupported', 'a tar file; unpack it'],
  ];
  const [, code, text] = found.find(([matches]) => matches) ?? [
    true,
    'bad-format' as const,
    bytesInWords(bytes, start),
  ];
  return new SerKitError(code, `${expected}, got ${text}`);
}

function beginning(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 64));
}

function bytesInWords(bytes: Uint8Array, start: string): string {
  if (/^[\t\n\r -~]+$/.test(start)) return `text (${quote(start.slice(0, 24))})`;
  const hex = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return `${bytes.length} bytes that begin ${hex}`;
}
