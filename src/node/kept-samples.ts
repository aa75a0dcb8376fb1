import type { Waveform } from '../core/waveform.ts';

/** A clip's samples in memory that all threads see: sending it to another copies nothing. */
export interface KeptSamples {
  readonly memory: SharedArrayBuffer;
  /** 'int16': a sample is that whole number / 32768, as it lay in its file; half the memory. */
  readonly encoding: 'int16' | 'float32';
  readonly sampleRate: number;
}

/** The same samples, bit for bit, for other threads; 16 bits each where they are what 16 bits hold. */
export function keepSamples({ samples, sampleRate }: Waveform): KeptSamples {
  if (fitInt16(samples)) {
    const memory = new SharedArrayBuffer(2 * samples.length);
    const ints = new Int16Array(memory);
    for (let i = 0; i < ints.length; i++) ints[i] = 32768 * samples[i]!;
    return { memory, encoding: 'int16', sampleRate };
  }
  const memory = new SharedArrayBuffer(4 * samples.length);
  new Float32Array(memory).set(samples);
  return { memory, encoding: 'float32', sampleRate };
}

/** The waveform, in memory of its own. */
export function keptWaveform({ memory, encoding, sampleRate }: KeptSamples): Waveform {
  if (encoding === 'float32') return { samples: new Float32Array(new Float32Array(memory)), sampleRate };
  const ints = new Int16Array(memory);
  const samples = new Float32Array(ints.length);
  for (let i = 0; i < ints.length; i++) samples[i] = ints[i]! / 32768;
  return { samples, sampleRate };
}

function fitInt16(samples: Float32Array): boolean {
  for (let i = 0; i < samples.length; i++) {
    const x = 32768 * samples[i]!;
    // A zero below 0 has a bit that whole numbers lack.
    if (x !== Math.round(x) || x < -32768 || x > 32767 || (x === 0 && 1 / x < 0)) return false;
  }
  return true;
}

/**
 * Keeps clips' samples up to so many bytes in all. What came first stays: every epoch goes through all clips once, and to let the
 * oldest go would, where they do not all fit, let each go before it is asked for again.
 */
export class SampleStore<K> {
  readonly #most: number;
  readonly #kept = new Map<K, KeptSamples>();
  #bytes = 0;
  #isFull = false;

  constructor(mostBytes: number) {
    this.#most = mostBytes;
  }

  /** Whether there is room for more: no longer once a clip had none. */
  get hasRoom(): boolean {
    return !this.#isFull && this.#bytes < this.#most;
  }

  get(clip: K): KeptSamples | undefined {
    return this.#kept.get(clip);
  }

  /** Keeps it, unless that would be more than the store may hold. */
  offer(clip: K, samples: KeptSamples): void {
    const { byteLength } = samples.memory;
    if (this.#kept.has(clip)) return;
    if (this.#bytes + byteLength > this.#most) {
      this.#isFull = true;
      return;
    }
    this.#kept.set(clip, samples);
    this.#bytes += byteLength;
  }

  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
    this.#isFull = false;
  }
}
