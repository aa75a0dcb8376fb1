import { SerKitError } from '../core/errors.ts';
import { latin1 } from './foreign-bytes.ts';

/** What a `fmt ` chunk says, checked. */
export interface WavFormat {
  readonly encoding: 'pcm' | 'float';
  readonly channels: number;
  readonly sampleRate: number;
  readonly bitsPerSample: number;
  /** Bytes of one sample of one channel. */
  readonly bytesPerSample: number;
}

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;

/** Format tags as Microsoft's mmreg.h numbers them; those that turn up in speech corpora and in recordings. */
const CODECS: ReadonlyMap<number, string> = new Map([
  [0x0002, 'Microsoft ADPCM'],
  [0x0006, 'A-law'],
  [0x0007, 'mu-law'],
  [0x0010, 'OKI ADPCM'],
  [0x0011, 'IMA ADPCM'],
  [0x0022, 'TrueSpeech'],
  [0x0031, 'GSM 6.10'],
  [0x0040, 'G.721 ADPCM'],
  [0x0042, 'G.723.1'],
  [0x0045, 'G.726 ADPCM'],
  [0x0050, 'MPEG layer 1 or 2'],
  [0x0055, 'MP3'],
  [0x0064, 'G.726 ADPCM'],
  [0x0092, 'Dolby AC-3'],
  [0x00ff, 'AAC'],
  [0x0160, 'WMA'],
  [0x0161, 'WMA'],
  [0x0162, 'WMA'],
  [0x0163, 'WMA'],
  [0x1600, 'AAC'],
  [0x1610, 'AAC'],
  [0x674f, 'Ogg Vorbis'],
  [0xf1ac, 'FLAC'],
]);

/** The rest of the GUID after its first two bytes: Microsoft's own, and the one of Ambisonic B format. */
const GUID_TAILS = [
  '\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71',
  '\x00\x00\x21\x07\xd3\x11\x86\x44\xc8\xc1\xca\x00\x00\x00',
];

/** The format tag; in WAVE_FORMAT_EXTENSIBLE it opens the GUID. */
function formatTag(who: string, bytes: Uint8Array, view: DataView, at: number, size: number): number {
  const tag = view.getUint16(at, true);
  if (tag !== EXTENSIBLE) return tag;
  if (size < 40) {
    throw new SerKitError('bad-format', `${who}: an extensible fmt chunk expected at least 40 bytes, got ${size}`);
  }
  if (!GUID_TAILS.includes(latin1(bytes, at + 26, at + 40))) {
    const guid = [...bytes.subarray(at + 24, at + 40)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    throw new SerKitError('unsupported', `${who}: expected PCM or float samples, got the sub-format ${guid}`);
  }
  return view.getUint16(at + 24, true);
}

/**
 * Reads the `fmt ` chunk whose `size` bytes lie at `at`.
 *
 * @throws SerKitError 'bad-format' where it contradicts itself, 'unsupported' (naming the codec) where the samples are
 *   neither PCM of 8 to 32 bits nor float of 32 or 64
 */
export function parseWavFormat(who: string, bytes: Uint8Array, view: DataView, at: number, size: number): WavFormat {
  if (size < 16) throw new SerKitError('bad-format', `${who}: the fmt chunk expected at least 16 bytes, got ${size}`);
  const tag = formatTag(who, bytes, view, at, size);
  const channels = view.getUint16(at + 2, true);
  const sampleRate = view.getUint32(at + 4, true);
  const blockAlign = view.getUint16(at + 12, true);
  const bitsPerSample = view.getUint16(at + 14, true);

  if (tag !== PCM && tag !== FLOAT) {
    const hex = `0x${tag.toString(16).padStart(4, '0')}`;
    const name = CODECS.get(tag);
    const codec = name === undefined ? `format tag ${hex}` : `${name} (format tag ${hex})`;
    throw new SerKitError(
      'unsupported',
      `${who}: expected PCM or float samples, got ${codec}; ` +
        'convert it, for example with `ffmpeg -i in.wav -c:a pcm_s16le out.wav`',
    );
  }
  if (channels === 0) throw new SerKitError('bad-format', `${who}: channels expected at least 1, got 0`);
  if (sampleRate === 0) throw new SerKitError('bad-format', `${who}: sample rate expected Hz > 0, got 0`);

  const encoding = tag === PCM ? 'pcm' : 'float';
  const known = encoding === 'pcm' ? bitsPerSample >= 1 && bitsPerSample <= 32 : [32, 64].includes(bitsPerSample);
  if (!known) {
    const expected = encoding === 'pcm' ? '8, 16, 24 or 32' : '32 or 64';
    throw new SerKitError(
      bitsPerSample === 0 ? 'bad-format' : 'unsupported',
      `${who}: bits of a ${encoding} sample expected ${expected}, got ${bitsPerSample}`,
    );
  }
  // Bit counts between the whole bytes (12, 20) lie left-justified in the next whole byte: they scale as that does.
  const bytesPerSample = Math.ceil(bitsPerSample / 8);
  if (blockAlign !== channels * bytesPerSample) {
    throw new SerKitError(
      'bad-format',
      `${who}: block-align expected ${channels * bytesPerSample} ` +
        `(${channels} channels of ${bitsPerSample} bits), got ${blockAlign}`,
    );
  }
  return { encoding, channels, sampleRate, bitsPerSample, bytesPerSample };
}
