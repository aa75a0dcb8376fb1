import { parabolaPlace } from '../dsp/parabola.ts';

/** The shortest and the longest lag at which the next period is looked for, as shares of the expected period. */
const NEAREST = 0.8;
const FARTHEST = 1.25;

/** How alike neighbouring periods have to be to go on, and how large (as a share of the loudest sample). */
const LEAST_LIKENESS = 0.3;
const LEAST_PEAK = 0.01;
/** The same where the next period's centre is beyond the voiced stretch. */
const LIKENESS_BEYOND = 0.7;
const PEAK_BEYOND = 0.0233;

/**
 * Marks that follow one another a period apart, in samples (fractions too). From the largest sample near the middle of
 * a voiced stretch it goes either way, each next mark where a window of one period around the mark, laid upon the
 * signal 0.8 to 1.25 periods on, is most alike (normalized cross-correlation, its summit by a parabola): the waveform
 * matching that Praat's "To PointProcess (cc)" does. Nothing is allocated but where there are more marks than ever before.
 */
export class GlottalPeriods {
  /** The marks of the last signal, ascending; `count` of them. */
  times = new Float64Array(64);
  count = 0;
  /** What the last match found: the next mark, the likeness there, and the largest sample of the window. */
  #next = 0;
  #likeness = 0;
  #peak = 0;
  /** What #compare() found, and sums of squares. */
  #likenesses = new Float64Array(256);
  #squares = new Float64Array(1024);

  readonly #every: boolean;

  /** @param every  whether every period of a voiced stretch is marked, however little it is like its neighbour */
  constructor(every = false) {
    this.#every = every;
  }

  /** Forgets the marks. */
  clear(): void {
    this.count = 0;
  }

  /**
   * Marks the voiced stretch [from, to) of the samples; stretches come in ascending order.
   *
   * @param periodAt  the expected period in samples at a place in the signal
   * @param loudest  the largest absolute sample of the signal
   */
  mark(samples: Float32Array, from: number, to: number, loudest: number, periodAt: (place: number) => number): void {
    const middle = (from + to) / 2;
    const half = 0.5 * periodAt(middle);
    const start = largest(
      samples,
      Math.max(0, Math.round(middle - half)),
      Math.min(samples.length - 1, Math.round(middle + half)),
    );
    const last = this.count > 0 ? this.times[this.count - 1] : Number.NEGATIVE_INFINITY;
    const first = this.count;
    this.#walk(samples, start, -1, from, last, loudest, periodAt);
    const { times } = this;
    for (let i = first, j = this.count - 1; i < j; i++, j--) {
      const mark = times[i];
      times[i] = times[j];
      times[j] = mark;
    }
    if (start - last > NEAREST * periodAt(start)) this.#add(start);
    this.#walk(samples, start, 1, to, last, loudest, periodAt);
  }

  /** Goes on from `start` in a direction to the stretch's bound, and adds the marks as they come. */
  #walk(
    samples: Float32Array,
    start: number,
    direction: -1 | 1,
    bound: number,
    last: number,
    loudest: number,
    periodAt: (place: number) => number,
  ): void {
    for (let at = start; ; ) {
      const period = periodAt(at);
      if (!(period > 1)) return;
      const matched = this.#match(samples, at, period, direction);
      at = matched ? this.#next : at + direction * period;
      const beyond = direction > 0 ? at > bound : at < bound;
      const alike = beyond ? this.#likeness > LIKENESS_BEYOND : this.#every || this.#likeness > LEAST_LIKENESS;
      const loud = this.#peak > (beyond ? PEAK_BEYOND : LEAST_PEAK) * loudest;
      if (matched && alike && loud && at - last > NEAREST * period) this.#add(at);
      if (beyond) return;
    }
  }

  #add(at: number): void {
    if (this.count === this.times.length) {
      const longer = new Float64Array(2 * this.count);
      longer.set(this.times);
      this.times = longer;
    }
    this.times[this.count++] = at;
  }

  /** Looks for the window around `at` one period on in a direction; false where no summit lies in the range. */
  #match(samples: Float32Array, at: number, period: number, direction: -1 | 1): boolean {
    const half = period / 2;
    const first = Math.round(at - half);
    const length = Math.round(at + half) - first + 1;
    const least = Math.ceil(NEAREST * period);
    const most = Math.floor(FARTHEST * period);
    this.#likeness = 0;
    this.#peak = 0;
    if (length < 2 || first < 0 || first + length > samples.length) return false;
    // The windows that are compared, as offsets from the mark's own: those that leave the signal are not.
    const nearest = least - 1;
    const reach = direction > 0 ? samples.length - length - first : first;
    const farthest = Math.min(most + 1, reach);
    if (farthest < nearest) return false;
    this.#compare(samples, first, direction > 0 ? first + nearest : first - farthest, length, farthest - nearest + 1);
    const likenesses = this.#likenesses;
    // The likeness at a lag lies at zero + direction * lag.
    const zero = direction > 0 ? -nearest : farthest;
    let best = Number.NEGATIVE_INFINITY;
    let bestLag = 0;
    for (let lag = least; lag <= Math.min(most, farthest); lag++) {
      const likeness = likenesses[zero + direction * lag];
      if (likeness > best) {
        best = likeness;
        bestLag = lag;
      }
    }
    if (bestLag === 0 || bestLag + 1 > farthest) return false;
    const nearer = likenesses[zero + direction * (bestLag - 1)];
    const farther = likenesses[zero + direction * (bestLag + 1)];
    // Still rising at the end of the range: no summit.
    if (nearer > best || farther > best) return false;
    this.#likeness = best;
    this.#next = at + direction * (bestLag + parabolaPlace(nearer, best, farther));
    const there = first + direction * bestLag;
    let peak = 0;
    for (let n = there; n < there + length; n++) if (Math.abs(samples[n]) > peak) peak = Math.abs(samples[n]);
    this.#peak = peak;
    return true;
  }

  /**
   * Fills #likenesses with the normalized correlations of the window at `first` and those at so many places from `from`
   * on; 0 where one is silent.
   */
  #compare(samples: Float32Array, first: number, from: number, length: number, places: number): void {
    if (places > this.#likenesses.length) this.#likenesses = new Float64Array(2 * places);
    if (places + length > this.#squares.length) this.#squares = new Float64Array(2 * (places + length));
    const products = this.#likenesses;
    const squares = this.#squares;
    let i = 0;
    // Four places at a time: a sample that is loaded serves all of them.
    for (; i + 3 < places; i += 4) {
      const other = from + i;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      let y0 = samples[other];
      let y1 = samples[other + 1];
      let y2 = samples[other + 2];
      for (let n = 0; n < length; n++) {
        const x = samples[first + n];
        const y3 = samples[other + n + 3];
        s0 += x * y0;
        s1 += x * y1;
        s2 += x * y2;
        s3 += x * y3;
        y0 = y1;
        y1 = y2;
        y2 = y3;
      }
      products[i] = s0;
      products[i + 1] = s1;
      products[i + 2] = s2;
      products[i + 3] = s3;
    }
    for (; i < places; i++) {
      products[i] = 0;
      for (let n = 0; n < length; n++) products[i] += samples[first + n] * samples[from + i + n];
    }
    let power = 0;
    for (let n = first; n < first + length; n++) power += samples[n] * samples[n];
    // squares[n]: the power of all before the place `from` + n.
    squares[0] = 0;
    for (let n = 0; n + 1 < places + length; n++) squares[n + 1] = squares[n] + samples[from + n] * samples[from + n];
    for (let k = 0; k < places; k++) {
      const both = power * (squares[k + length] - squares[k]);
      products[k] = both > 0 ? products[k] / Math.sqrt(both) : 0;
    }
  }
}

/** The place of the largest absolute sample between two, by a parabola. */
function largest(samples: Float32Array, from: number, to: number): number {
  let at = from;
  for (let n = from; n <= to; n++) if (Math.abs(samples[n]) > Math.abs(samples[at])) at = n;
  if (at <= from || at >= to) return at;
  const sign = Math.sign(samples[at]);
  return at + parabolaPlace(sign * samples[at - 1], sign * samples[at], sign * samples[at + 1]);
}
