import { quote, SerKitError } from '../core/errors.ts';
import type { Waveform } from '../core/waveform.ts';
import { mixDown } from './mix-down.ts';
import { parseWavLayout, type WavLayout } from './wav-layout.ts';

/** What the header of a WAV file says. */
export interface WavInfo {
  /** Hz. */
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitsPerSample: number;
  readonly encoding: 'pcm' | 'float';
  /** Samples of each channel; 0 where the file holds a header alone. */
  readonly frames: number;
  readonly durationSec: number;
}

/** The input as a Uint8Array over the same memory. Judged by its tag, so that another realm's arrays pass too. */
function toBytes(who: string, input: Uint8Array | ArrayBuffer): Uint8Array {
  const tag = Object.prototype.toString.call(input);
  if (tag === '[object Uint8Array]') return input as Uint8Array;
  if (tag === '[object ArrayBuffer]') return new Uint8Array(input as ArrayBuffer);
  throw new SerKitError('bad-input', `${who}: bytes expected a Uint8Array or an ArrayBuffer, got ${quote(input)}`);
}

/** Every sample as it lies in the file, channels interleaved, integers divided by the magnitude of the most negative. */
function readInterleaved(bytes: Uint8Array, layout: WavLayout): Float32Array<ArrayBuffer> {
  const { encoding, bytesPerSample, channels, frames, dataOffset } = layout;
  const out = new Float32Array(frames * channels);
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataOffset, out.length * bytesPerSample);
  const n = out.length;
  switch (`${encoding}${bytesPerSample * 8}`) {
    case 'pcm8': // the one unsigned width
      for (let i = 0; i < n; i++) out[i] = (view.getUint8(i) - 128) / 128;
      break;
    case 'pcm16':
      for (let i = 0; i < n; i++) out[i] = view.getInt16(2 * i, true) / 32768;
      break;
    case 'pcm24':
      for (let i = 0; i < n; i++) {
        out[i] = (view.getUint16(3 * i, true) | (view.getInt8(3 * i + 2) << 16)) / 8388608;
      }
      break;
    case 'pcm32':
      for (let i = 0; i < n; i++) out[i] = view.getInt32(4 * i, true) / 2147483648;
      break;
    case 'float32':
      for (let i = 0; i < n; i++) out[i] = view.getFloat32(4 * i, true);
      break;
    default:
      for (let i = 0; i < n; i++) out[i] = view.getFloat64(8 * i, true);
  }
  return out;
}

function checkFinite(who: string, interleaved: Float32Array, channels: number): void {
  const at = interleaved.findIndex((x) => !Number.isFinite(x));
  if (at === -1) return;
  const place = `sample ${Math.floor(at / channels)}${channels > 1 ? ` of channel ${at % channels}` : ''}`;
  throw new SerKitError('not-finite', `${who}: samples expected finite numbers, got ${interleaved[at]} at ${place}`);
}

/**
 * What a WAV file holds, without decoding its samples.
 *
 * @throws SerKitError as decodeWav does, but for 'not-finite' and for a file without samples
 * @example
 * const { sampleRate, channels, encoding } = readWavInfo(bytes);
 */
export function readWavInfo(bytes: Uint8Array | ArrayBuffer): WavInfo {
  const { sampleRate, channels, bitsPerSample, encoding, frames } = parseWavLayout(
    'readWavInfo',
    toBytes('readWavInfo', bytes),
  );
  return { sampleRate, channels, bitsPerSample, encoding, frames, durationSec: frames / sampleRate };
}

/**
 * The recording in a WAV file: its channels averaged into one, at its own rate. Integers are divided by 2^(bits - 1),
 * so 16-bit samples by 32768 as soundfile and librosa do; float samples come as they are, also beyond [-1, 1].
 *
 * Reads PCM of 8, 16, 24 and 32 bits and float of 32 and 64, plain or WAVE_FORMAT_EXTENSIBLE, RIFF, RF64 and BW64, and
 * what recorders leave behind: odd chunks without their padding, a wrong RIFF size, bytes after the end, a `data` size
 * of 0, 0xFFFFFFFF or about 2 GiB that a pipe left unfilled (then all that follows is samples).
 *
 * A file that ends before its own header says is refused and not shortened, as half a recording is another recording.
 *
 * @throws SerKitError 'empty', 'git-lfs-pointer', 'unsupported' (another container or a compressed codec, named),
 *   'bad-format', 'truncated' or 'not-finite'
 * @example
 * const file = new Blob([bytes]); // as a user's upload, or fetch(), gives it
 * const { samples, sampleRate } = decodeWav(await file.arrayBuffer());
 */
export function decodeWav(bytes: Uint8Array | ArrayBuffer): Waveform {
  const who = 'decodeWav';
  const source = toBytes(who, bytes);
  const layout = parseWavLayout(who, source);
  if (layout.frames === 0) throw new SerKitError('empty', `${who}: expected samples, got a WAV header without any`);
  const interleaved = readInterleaved(source, layout);
  if (layout.encoding === 'float') checkFinite(who, interleaved, layout.channels);
  return { samples: mixDown(interleaved, layout.channels), sampleRate: layout.sampleRate };
}
