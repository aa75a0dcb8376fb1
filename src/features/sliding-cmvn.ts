import * as z from 'zod/mini';
import { SerKitError } from '../core/errors.ts';
import { checkFeatureMatrix, type FeatureMatrix } from '../core/feature-matrix.ts';
import { count, parseOptions } from '../core/options.ts';

/** Options of {@link slidingCmvn}. The meanings are Kaldi's (apply-cmvn-sliding); the defaults are its x-vector recipe's. */
export interface SlidingCmvnOptions {
  /** Frames in the window: cmn-window. @default 300, three seconds of 10 ms steps */
  readonly window?: number | undefined;
  /** Without centring, how many frames the first ones wait for, at most `window`: min-cmn-window. @default 100, or window */
  readonly minWindow?: number | undefined;
  /** True: the window's deviation becomes 1 as well: norm-vars. @default false */
  readonly variance?: boolean | undefined;
  /** True: the window lies around its frame. False: it ends with it, and is one frame longer, as Kaldi's. @default true */
  readonly center?: boolean | undefined;
}

/** {@link slidingCmvn} for features that come in parts. */
export interface SlidingCmvn {
  /** Takes the next frames, any number of them; gives those that are decided by now. */
  push(matrix: FeatureMatrix): FeatureMatrix;
  /** Ends the signal: gives the frames that waited for what follows. The next push() begins a new signal. */
  flush(): FeatureMatrix;
}

const slidingCmvnSchema = () =>
  z.strictObject({
    window: z.optional(count),
    minWindow: z.optional(count),
    variance: z.optional(z.literal([true, false])),
    center: z.optional(z.literal([true, false])),
  });

/** Kaldi's floor under a variance. */
const LEAST_VARIANCE = 1e-10;

/** Room for this many frames before the signal's length is known: a window may be wider than any signal. */
const FIRST_ROWS = 512;

class SlidingWindow implements SlidingCmvn {
  readonly #who: string;
  readonly #window: number;
  readonly #minWindow: number;
  readonly #variance: boolean;
  readonly #center: boolean;
  /** Of the signal so far: its dims (0 before it begins), its frames, and how many of them are given. */
  #dims = 0;
  #received = 0;
  #given = 0;
  /** The latest frames, in a ring: frame t lies at row t % rows. It grows to #mostRows with the signal. */
  readonly #mostRows: number;
  #rows: number;
  #ring = new Float32Array(0);
  #names: readonly string[] | undefined;
  /** Sums over the frames from #from to before #to. */
  #from = 0;
  #to = 0;
  #sum = new Float64Array(0);
  #squares = new Float64Array(0);

  constructor(who: string, options: SlidingCmvnOptions) {
    const {
      window = 300,
      minWindow,
      variance = false,
      center = true,
    } = parseOptions(who, slidingCmvnSchema(), options);
    if (minWindow !== undefined && minWindow > window) {
      throw new SerKitError('bad-option', `${who}: minWindow expected <= window = ${window}, got ${minWindow}`);
    }
    this.#who = who;
    this.#window = window;
    this.#minWindow = minWindow ?? Math.min(100, window);
    this.#variance = variance;
    this.#center = center;
    // A window and, without centring, its own frame, and the frame that leaves it.
    this.#mostRows = window + 2;
    this.#rows = Math.min(this.#mostRows, FIRST_ROWS);
  }

  push(matrix: FeatureMatrix): FeatureMatrix {
    checkFeatureMatrix(this.#who, matrix);
    const { data: input, frames, dims, names } = matrix;
    if (this.#dims === 0) this.#begin(dims, names);
    if (dims !== this.#dims) {
      throw new SerKitError('bad-input', `${this.#who}: dims expected ${this.#dims} as before, got ${dims}`);
    }
    const first = this.#given;
    const data = new Float32Array(Math.max(0, this.#decided(this.#received + frames) - first) * dims);
    for (let t = 0; t < frames; t++) {
      if (this.#received === this.#rows && this.#rows < this.#mostRows) this.#grow(this.#received + frames - t);
      this.#ring.set(input.subarray(t * dims, (t + 1) * dims), (this.#received % this.#rows) * dims);
      this.#received++;
      this.#give(this.#decided(this.#received), data, first);
    }
    return this.#matrix(data);
  }

  flush(): FeatureMatrix {
    if (this.#dims === 0)
      throw new SerKitError('empty', `${this.#who}: flush() expected frames pushed before, got none`);
    const data = new Float32Array((this.#received - this.#given) * this.#dims);
    this.#give(this.#received, data, this.#given);
    const matrix = this.#matrix(data);
    this.#dims = 0;
    return matrix;
  }

  #begin(dims: number, names: readonly string[] | undefined): void {
    this.#dims = dims;
    this.#names = names;
    this.#received = 0;
    this.#given = 0;
    this.#from = 0;
    this.#to = 0;
    if (this.#ring.length !== this.#rows * dims) this.#ring = new Float32Array(this.#rows * dims);
    this.#sum = new Float64Array(dims);
    this.#squares = new Float64Array(dims);
  }

  /** Makes room for `wanted` frames, or all that the window needs. All frames so far are there: none was overwritten. */
  #grow(wanted: number): void {
    this.#rows = Math.min(this.#mostRows, Math.max(wanted, 2 * this.#rows));
    const ring = new Float32Array(this.#rows * this.#dims);
    ring.set(this.#ring);
    this.#ring = ring;
  }

  #matrix(data: Float32Array<ArrayBuffer>): FeatureMatrix {
    const dims = this.#dims;
    return { data, frames: data.length / dims, dims, ...(this.#names && { names: this.#names }) };
  }

  /** How many frames have, among `received` frames, the window that they have in the whole. */
  #decided(received: number): number {
    const window = this.#window;
    // The window of a centred frame reaches ceil(window / 2) frames on from it, and is whole from the start.
    if (this.#center) return received < window ? 0 : received - Math.ceil(window / 2) + 1;
    return received < this.#minWindow ? 0 : received;
  }

  /** Gives the frames up to before `until`. */
  #give(until: number, data: Float32Array<ArrayBuffer>, first: number): void {
    const dims = this.#dims;
    for (; this.#given < until; this.#given++) {
      const t = this.#given;
      this.#slide(t);
      const n = this.#to - this.#from;
      const row = (t % this.#rows) * dims;
      const at = (t - first) * dims;
      for (let d = 0; d < dims; d++) {
        const mean = this.#sum[d] / n;
        const centred = this.#ring[row + d] - mean;
        if (!this.#variance) data[at + d] = centred;
        else if (n === 1) data[at + d] = 0;
        else data[at + d] = centred / Math.sqrt(Math.max(this.#squares[d] / n - mean * mean, LEAST_VARIANCE));
      }
    }
  }

  /** Moves the sums to the window of frame t: SlidingWindowCmn of Kaldi's feat/feature-functions. */
  #slide(t: number): void {
    let from = this.#center ? t - Math.floor(this.#window / 2) : t - this.#window;
    let to = this.#center ? from + this.#window : t + 1;
    if (from < 0) {
      to -= from;
      from = 0;
    }
    if (!this.#center) to = Math.max(t + 1, this.#minWindow);
    if (to > this.#received) {
      from = Math.max(0, from - (to - this.#received));
      to = this.#received;
    }
    // Summed afresh once a window's length, so that rounding does not pile up over an hour.
    const afresh = t % this.#window === 0;
    if (afresh) {
      this.#sum.fill(0);
      this.#squares.fill(0);
      this.#from = from;
      this.#to = from;
    }
    for (; this.#to < to; this.#to++) this.#add(this.#to, 1);
    for (; this.#from < from; this.#from++) this.#add(this.#from, -1);
  }

  #add(t: number, sign: 1 | -1): void {
    const row = (t % this.#rows) * this.#dims;
    for (let d = 0; d < this.#dims; d++) {
      const x = this.#ring[row + d];
      this.#sum[d] += sign * x;
      this.#squares[d] += sign * x * x;
    }
  }
}

/**
 * Sliding cepstral mean (and variance) normalisation, [frames, dims] as the input: each frame less the mean of the
 * frames in a window around it and, with `variance`, divided by their (population) deviation, in units of that then.
 * At both ends the window is moved inwards; a recording shorter than it is normalised as a whole. What a room or a
 * microphone adds to cepstra and log-mel energies goes, changes within the window stay. The numbers are those of
 * Kaldi's apply-cmvn-sliding: a variance below 1e-10 counts as 1e-10, and one frame alone becomes 0. After Viikki and
 * Laurila 1998.
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'not-finite'
 * @example
 * const normalised = slidingCmvn(mfcc(waveform, { hopLength: 160 }), { window: 300, variance: true });
 */
export function slidingCmvn(matrix: FeatureMatrix, options: SlidingCmvnOptions = {}): FeatureMatrix {
  checkFeatureMatrix('slidingCmvn', matrix);
  const sliding = new SlidingWindow('slidingCmvn', options);
  const { dims, frames } = matrix;
  const first = sliding.push(matrix);
  const rest = sliding.flush();
  const data = new Float32Array(frames * dims);
  data.set(first.data);
  data.set(rest.data, first.data.length);
  return { ...first, data, frames };
}

/**
 * {@link slidingCmvn} for features that come in parts: together its matrices are, number for number, what slidingCmvn()
 * gives of the whole. A centred frame waits for the half window after it; without centring only the first ones wait,
 * until minWindow frames are there.
 *
 * @throws SerKitError 'bad-option'; push() 'bad-input', 'not-finite'; flush() 'empty' where nothing was pushed
 * @example
 * const stream = createMfcc({ sampleRate: 16000, hopLength: 160, topDb: null }).stream();
 * const sliding = createSlidingCmvn({ window: 300, center: false });
 * const normalised = sliding.push(stream.push(samples)); // and so on, block by block
 * const rest = [sliding.push(stream.flush()), sliding.flush()];
 */
export function createSlidingCmvn(options: SlidingCmvnOptions = {}): SlidingCmvn {
  return new SlidingWindow('createSlidingCmvn', options);
}
