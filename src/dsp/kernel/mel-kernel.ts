import { type PadMode, paddedSample } from '../frames.ts';
import { type Engine, kernelEngine } from './engine.ts';
import { kernelRadices, type Layout, layOut } from './layout.ts';

/** What a {@link MelKernel} computes, every number decided. */
export interface MelKernelSettings {
  readonly nFft: number;
  readonly hopLength: number;
  /** The weights of a frame's samples, at most nFft. */
  readonly window: Float64Array;
  /** How far into its frame the window begins. */
  readonly windowStart: number;
  /** A MelBank's tables: see there. */
  readonly mel: {
    readonly rising: Float64Array;
    readonly falling: Float64Array;
    readonly starts: Int32Array;
    readonly scales: Float64Array;
  };
  /** 2: bands sum powers; 1: magnitudes. */
  readonly power: 1 | 2;
  /** A band's value is factor * ln(max(least, sum)) + term. */
  readonly least: number;
  readonly factor: number;
  readonly term: number;
  /** A cosine transform of the bands: a Dct's table, [outputs, ceil(nMels / 2)], whose odd rows are antisymmetric. */
  readonly cosines?: { readonly outputs: number; readonly table: Float64Array } | undefined;
}

/** Sums of powers from here on have overflowed float32, or are about to. */
const OVERFLOW = 3.3e38;
/** Powers below this have lost digits in float32. */
const LEAST = 1e-37;
/** Longer transforms and hops would want too much memory for what they gain. */
const LONGEST = 16384;

/**
 * The kernel for these settings, in float32; undefined where WebAssembly SIMD does not run, or for settings that it
 * does not know: an odd nFft, one with a prime factor above 13, or a `least` that float32 does not hold.
 */
export function createMelKernel(settings: MelKernelSettings): MelKernel | undefined {
  const { nFft, hopLength, least } = settings;
  if (nFft % 2 !== 0 || nFft > LONGEST || hopLength > LONGEST || !(least >= LEAST)) return undefined;
  const radices = kernelRadices(nFft / 2);
  const engine = radices && kernelEngine();
  return engine && new MelKernel(engine, settings, layOut(settings, radices));
}

/** Log-mel frames or their cosine coefficients in WebAssembly SIMD. A frame's numbers depend on its samples alone. */
export class MelKernel {
  readonly #engine: Engine;
  readonly #layout: Layout;
  readonly #settings: MelKernelSettings;
  readonly #nMels: number;
  /** A value from here on means that float32 overflowed. */
  readonly #limit: number;

  constructor(engine: Engine, settings: MelKernelSettings, layout: Layout) {
    this.#engine = engine;
    this.#settings = settings;
    this.#layout = layout;
    this.#nMels = settings.mel.scales.length;
    this.#limit = settings.factor * Math.log(OVERFLOW) + settings.term;
  }

  /**
   * Writes `count` frames to out[at] and on, row-major: the coefficients where the settings have cosines, else the bands.
   * Frame t begins at samples[first + t * hopLength]; what lies beyond the samples is padded.
   *
   * @param topDb  values that lie further than this below the greatest of these frames are raised to that; null: none
   * @returns false where float32 overflowed: what was written is then wrong
   */
  compute(
    samples: Float32Array,
    first: number,
    count: number,
    padMode: PadMode,
    topDb: number | null,
    out: Float32Array | Float64Array,
    at: number,
  ): boolean {
    const { quads, framesAtOnce, framesKept } = this.#layout;
    const { hopLength } = this.#settings;
    const engine = this.#engine;
    this.#own();
    const nMels = this.#nMels;
    // A long signal's quads are kept here while the greatest value is sought.
    const elsewhere = topDb !== null && count > framesKept;
    const kept = new Float32Array(elsewhere ? nMels * 4 * Math.ceil(count / 4) : 0);
    let greatest = Number.NEGATIVE_INFINITY;
    for (let done = 0; done < count; done += framesAtOnce) {
      const some = Math.min(framesAtOnce, count - done);
      const to = topDb === null || elsewhere ? quads : quads + 4 * done * nMels;
      this.#fill(samples, first + done * hopLength, some, padMode);
      greatest = Math.max(greatest, engine.bands(this.#layout.input, some, to));
      if (topDb === null) this.#finish(quads, some, Number.NEGATIVE_INFINITY, out, at, done);
      else if (elsewhere) {
        const length = nMels * 4 * Math.ceil(some / 4);
        kept.set(engine.floats.subarray(quads / 4, quads / 4 + length), done * nMels);
      }
    }
    if (topDb !== null) {
      for (let done = 0; done < count; done += framesAtOnce) {
        const some = Math.min(framesAtOnce, count - done);
        const from = elsewhere ? quads : quads + 4 * done * nMels;
        if (elsewhere) {
          const length = nMels * 4 * Math.ceil(some / 4);
          engine.floats.set(kept.subarray(done * nMels, done * nMels + length), quads / 4);
        }
        this.#finish(from, some, greatest - topDb, out, at, done);
      }
    }
    return greatest < this.#limit;
  }

  /** Puts this kernel's tables into the memory, unless they are there. */
  #own(): void {
    const engine = this.#engine;
    if (engine.owner === this) return;
    const { tables, end } = this.#layout;
    engine.room(end);
    new Uint8Array(engine.floats.buffer).set(tables);
    engine.owner = this;
  }

  /** Copies the samples of frames, as far as the window reaches, to the kernel's input. */
  #fill(samples: Float32Array, first: number, frames: number, padMode: PadMode): void {
    const { window, windowStart, hopLength } = this.#settings;
    const { floats } = this.#engine;
    const start = first + windowStart;
    const end = start + (frames - 1) * hopLength + window.length;
    const from = Math.min(Math.max(start, 0), samples.length);
    const to = Math.max(from, Math.min(end, samples.length));
    const input = this.#layout.input / 4;
    floats.set(samples.subarray(from, to), input + from - start);
    for (let n = start; n < from; n++) floats[input + n - start] = paddedSample(samples, n, padMode);
    for (let n = to; n < end; n++) floats[input + n - start] = paddedSample(samples, n, padMode);
  }

  /** Frames from quads to rows of `out`. */
  #finish(
    quads: number,
    frames: number,
    floor: number,
    out: Float32Array | Float64Array,
    at: number,
    done: number,
  ): void {
    const engine = this.#engine;
    const { rows } = this.#layout;
    const { cosines } = this.#settings;
    const dims = cosines?.outputs ?? this.#nMels;
    if (cosines === undefined) engine.rows(quads, frames, floor, rows);
    else engine.cosines(quads, frames, floor, rows);
    out.set(engine.floats.subarray(rows / 4, rows / 4 + frames * dims), at + done * dims);
  }
}
