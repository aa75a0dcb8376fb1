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
 * matching that Praat's "To PointProcess (cc)" does. Nothing is allocated but where a stretch has more marks than any
 * before.
 */
export class GlottalPeriods {
  /** The marks of the last signal, ascending; `count` of them. */
  times: Float64Array;
  count = 0;
  #backward = new Float64Array(64);
  #forward = new Float64Array(64);
  /** What the last match found: the next mark, the likeness there, and the largest sample of the window. */
  #next = 0;
  #likeness = 0;
  #peak = 0;
  /** The power of the mark's window, and sums of squares of the samples from #from on. */
  #power = 0;
  #squares = new Float64Array(1024);
  #from = 0;
  readonly #stride: number;

  constructor(sampleRate: number) {
    this.times = new Float64Array(64);
    // Speech's likeness has no ripple above some 2 kHz worth the search lag by lag at high rates.
    this.#stride = Math.max(1, Math.floor(sampleRate / 8000));
  }

  /** Forgets the marks. */
  clear(): void {
    this.count = 0;
  }

  /**
   * Marks the voiced stretch [from, to) of the samples that begin at `origin` and end before `end`; stretches come in
   * ascending order.
   *
   * @param periodAt  the expected period in samples at a place in the signal
   * @param loudest  the largest absolute sample of the signal
   */
  mark(
    samples: Float32Array,
    origin: number,
    end: number,
    from: number,
    to: number,
    loudest: number,
    periodAt: (place: number) => number,
  ): void {
    const middle = (from + to) / 2;
    const half = 0.5 * periodAt(middle);
    const start = largest(
      samples,
      Math.max(origin, Math.round(middle - half)),
      Math.min(end - 1, Math.round(middle + half)),
    );
    const last = this.count > 0 ? this.times[this.count - 1] : Number.NEGATIVE_INFINITY;
    const before = this.#walk(samples, origin, end, start, -1, from, last, loudest, periodAt);
    const after = this.#walk(samples, origin, end, start, 1, to, last, loudest, periodAt);
    this.#reserve(this.count + before + after + 1);
    for (let i = before - 1; i >= 0; i--) this.times[this.count++] = this.#backward[i];
    if (start - last > NEAREST * periodAt(start)) this.times[this.count++] = start;
    for (let i = 0; i < after; i++) this.times[this.count++] = this.#forward[i];
  }

  /** Goes on from `start` in a direction to the stretch's bound; gives how many marks lie in that direction's list. */
  #walk(
    samples: Float32Array,
    origin: number,
    end: number,
    start: number,
    direction: -1 | 1,
    bound: number,
    last: number,
    loudest: number,
    periodAt: (place: number) => number,
  ): number {
    let found = 0;
    for (let at = start; ; ) {
      const period = periodAt(at);
      if (!(period > 1)) return found;
      const matched = this.#match(samples, origin, end, at, period, direction);
      at = matched ? this.#next : at + direction * period;
      const beyond = direction > 0 ? at > bound : at < bound;
      const alike = this.#likeness > (beyond ? LIKENESS_BEYOND : LEAST_LIKENESS);
      const loud = this.#peak > (beyond ? PEAK_BEYOND : LEAST_PEAK) * loudest;
      if (matched && alike && loud && at - last > NEAREST * period) {
        found = this.#add(direction, found, at);
      }
      if (beyond) return found;
    }
  }

  #add(direction: -1 | 1, found: number, at: number): number {
    let list = direction > 0 ? this.#forward : this.#backward;
    if (found === list.length) {
      const longer = new Float64Array(2 * found);
      longer.set(list);
      list = longer;
      if (direction > 0) this.#forward = list;
      else this.#backward = list;
    }
    list[found] = at;
    return found + 1;
  }

  #reserve(count: number): void {
    if (count <= this.times.length) return;
    const longer = new Float64Array(2 * count);
    longer.set(this.times);
    this.times = longer;
  }

  /** Looks for the window around `at` one period on in a direction; false where no summit lies in the range. */
  #match(samples: Float32Array, origin: number, end: number, at: number, period: number, direction: -1 | 1): boolean {
    const half = period / 2;
    const first = Math.round(at - half);
    const length = Math.round(at + half) - first;
    const least = Math.ceil(NEAREST * period);
    const most = Math.floor(FARTHEST * period);
    this.#likeness = 0;
    this.#peak = 0;
    if (length < 2 || first < origin || first + length > end) return false;
    // The windows that are compared, as offsets from the mark's own: those that leave the signal are not.
    const nearest = least - 1;
    const reach = direction > 0 ? end - length - first : first - origin;
    const farthest = Math.min(most + 1, reach);
    if (farthest < nearest) return false;
    this.#measure(samples, first, direction > 0 ? first + nearest : first - farthest, length, farthest - nearest);
    let best = Number.NEGATIVE_INFINITY;
    let bestLag = 0;
    const stride = this.#stride;
    for (let lag = least; lag <= Math.min(most, farthest); lag += stride) {
      const likeness = this.#likenessAt(samples, first, first + direction * lag, length);
      if (likeness > best) {
        best = likeness;
        bestLag = lag;
      }
    }
    const centre = bestLag;
    if (stride > 1 && centre > 0) {
      const last = Math.min(most, farthest, centre + stride - 1);
      for (let lag = Math.max(least, centre - stride + 1); lag <= last; lag++) {
        const likeness = this.#likenessAt(samples, first, first + direction * lag, length);
        if (likeness > best) {
          best = likeness;
          bestLag = lag;
        }
      }
    }
    if (bestLag === 0 || bestLag + 1 > farthest) return false;
    const nearer = this.#likenessAt(samples, first, first + direction * (bestLag - 1), length);
    const farther = this.#likenessAt(samples, first, first + direction * (bestLag + 1), length);
    // Still rising at the end of the range: no summit.
    if (nearer > best || farther > best) return false;
    const bend = nearer - 2 * best + farther;
    const move = bend < 0 ? (0.5 * (nearer - farther)) / bend : 0;
    this.#likeness = best;
    this.#next = at + direction * (bestLag + move);
    const there = first + direction * bestLag;
    let peak = 0;
    for (let n = there; n < there + length; n++) peak = Math.max(peak, Math.abs(samples[n]));
    this.#peak = peak;
    return true;
  }

  /** Sums squares: of the window at `first`, and of all before each place from `from` on, for `moves` moved windows. */
  #measure(samples: Float32Array, first: number, from: number, length: number, moves: number): void {
    let power = 0;
    for (let n = first; n < first + length; n++) power += samples[n] * samples[n];
    this.#power = power;
    const places = length + moves + 1;
    if (places > this.#squares.length) this.#squares = new Float64Array(2 * places);
    let sum = 0;
    for (let n = 0; n < places; n++) {
      this.#squares[n] = sum;
      if (n + 1 < places) sum += samples[from + n] * samples[from + n];
    }
    this.#from = from;
  }

  /** The normalized correlation of the window at `first` and that at `other`; 0 where one is silent. */
  #likenessAt(samples: Float32Array, first: number, other: number, length: number): number {
    let even = 0;
    let odd = 0;
    let n = 0;
    for (; n + 1 < length; n += 2) {
      even += samples[first + n] * samples[other + n];
      odd += samples[first + n + 1] * samples[other + n + 1];
    }
    if (n < length) even += samples[first + n] * samples[other + n];
    const at = other - this.#from;
    const power = this.#power * (this.#squares[at + length] - this.#squares[at]);
    return power > 0 ? (even + odd) / Math.sqrt(power) : 0;
  }
}

/** The place of the largest absolute sample between two, by a parabola. */
function largest(samples: Float32Array, from: number, to: number): number {
  let at = from;
  for (let n = from; n <= to; n++) if (Math.abs(samples[n]) > Math.abs(samples[at])) at = n;
  if (at <= from || at >= to) return at;
  const bend = samples[at - 1] - 2 * samples[at] + samples[at + 1];
  return bend === 0 ? at : at + (0.5 * (samples[at - 1] - samples[at + 1])) / bend;
}
