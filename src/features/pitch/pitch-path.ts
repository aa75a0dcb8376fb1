/** What librosa adds to a probability before its logarithm: the smallest normal float64. */
const TINY = 2.2250738585072014e-308;
const LOG_TINY = Math.log(TINY);

/** How pitch may move from frame to frame. */
interface PathPriors {
  /** Pitches, evenly spaced on a logarithmic scale. */
  readonly nBins: number;
  /** How many bins away the next frame's pitch may lie; nearer ones are likelier, in a triangle. */
  readonly reach: number;
  /** The chance of passing from voiced to unvoiced or back. */
  readonly switchProb: number;
}

/**
 * The likeliest path through a hidden Markov model of pitch, by Viterbi's algorithm. States 0..nBins are voiced pitches,
 * nBins..2 nBins the same pitches unvoiced.
 *
 * For the best predecessor of every state, only max over k of (value[k] + weight[j - k]) is needed, once for the voiced
 * and once for the unvoiced. The log of a triangle is concave, therefore the best k never falls as j grows: with the
 * best of every second state known, those of the states between lie between them.
 */
export class PitchPath {
  readonly #nBins: number;
  readonly #reach: number;
  /** Log weights of moves by -reach..reach, and for each source the log of what they sum to. */
  readonly #moves: Float64Array;
  readonly #norms: Float64Array;
  readonly #stay: number;
  readonly #switch: number;
  /** Log probabilities of the best paths to each state, voiced and unvoiced. */
  readonly #voiced: Float64Array;
  readonly #unvoiced: Float64Array;
  readonly #source: Float64Array;
  readonly #fromVoiced: Float64Array;
  readonly #fromUnvoiced: Float64Array;
  readonly #bestVoiced: Int32Array;
  readonly #bestUnvoiced: Int32Array;
  /** The predecessors of all states, 2 nBins a frame, of the frames from #open on. */
  #before = new Uint16Array(0);
  /** The path's states, of the frames before #open: whatever follows, the best path goes through them. */
  #settled = new Uint16Array(0);
  #open = 0;
  readonly #held: number;
  readonly #live: Uint16Array;
  /** Of each state, the frame before which it was last seen to be live. */
  readonly #seen: Int32Array;
  #frames = 0;

  /**
   * @param held  for how many frames predecessors are kept before it is tried to settle some; more where that fails.
   *   So memory stays flat for signals of any length, as all paths soon have the same past.
   */
  constructor({ nBins, reach, switchProb }: PathPriors, held = 2048) {
    this.#nBins = nBins;
    this.#reach = reach;
    this.#moves = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
      Math.log((reach + 1 - Math.abs(i - reach)) / (reach + 1)),
    );
    this.#norms = Float64Array.from({ length: nBins }, (_, k) => {
      let sum = 0;
      for (let j = Math.max(0, k - reach); j <= Math.min(nBins - 1, k + reach); j++) {
        sum += (reach + 1 - Math.abs(j - k)) / (reach + 1);
      }
      return Math.log(sum);
    });
    this.#stay = Math.log(1 - switchProb);
    this.#switch = Math.log(switchProb);
    this.#voiced = new Float64Array(nBins);
    this.#unvoiced = new Float64Array(nBins);
    this.#source = new Float64Array(nBins);
    this.#fromVoiced = new Float64Array(nBins);
    this.#fromUnvoiced = new Float64Array(nBins);
    this.#bestVoiced = new Int32Array(nBins);
    this.#bestUnvoiced = new Int32Array(nBins);
    this.#held = held;
    this.#live = new Uint16Array(2 * nBins);
    this.#seen = new Int32Array(2 * nBins);
  }

  /** Begins a path of at most so many frames. */
  begin(frames: number): void {
    const needed = Math.min(frames, this.#held) * 2 * this.#nBins;
    if (this.#before.length < needed) this.#before = new Uint16Array(needed);
    this.#settled = new Uint16Array(frames);
    this.#frames = 0;
    this.#open = 0;
  }

  /** Takes the next frame: the probability of each voiced bin, and of each unvoiced one. */
  step(probabilities: Float64Array, unvoicedProbability: number): void {
    const nBins = this.#nBins;
    const voiced = this.#voiced;
    const unvoiced = this.#unvoiced;
    const logUnvoiced = Math.log(unvoicedProbability + TINY);
    if (this.#frames++ === 0) {
      const start = -Math.log(2 * nBins);
      for (let j = 0; j < nBins; j++) {
        voiced[j] = start + logOf(probabilities[j]);
        unvoiced[j] = start + logUnvoiced;
      }
      return;
    }
    const far = bestOf(voiced, unvoiced);
    const farValue = (far < nBins ? voiced[far] : unvoiced[far - nBins]) + LOG_TINY;
    this.#reachAll(voiced, this.#fromVoiced, this.#bestVoiced);
    this.#reachAll(unvoiced, this.#fromUnvoiced, this.#bestUnvoiced);
    if ((this.#frames - this.#open) * 2 * nBins > this.#before.length) this.#settle();
    const row = (this.#frames - 1 - this.#open) * 2 * nBins;
    for (let j = 0; j < nBins; j++) {
      const v = this.#fromVoiced[j];
      const u = this.#fromUnvoiced[j];
      voiced[j] = this.#enter(j, row + j, v + this.#stay, u + this.#switch, far, farValue) + logOf(probabilities[j]);
      unvoiced[j] = this.#enter(j, row + nBins + j, v + this.#switch, u + this.#stay, far, farValue) + logUnvoiced;
    }
  }

  /** What the best way into pitch j is worth: from a voiced neighbour, an unvoiced one or from `far`; notes which. */
  #enter(j: number, at: number, voiced: number, unvoiced: number, far: number, farValue: number): number {
    let value = voiced;
    let from = this.#bestVoiced[j];
    if (unvoiced > value) {
      value = unvoiced;
      from = this.#nBins + this.#bestUnvoiced[j];
    }
    if (farValue > value) {
      value = farValue;
      from = far;
    }
    this.#before[at] = from;
    return value;
  }

  /** The states of the best path through the frames taken. The next begin() gives up the array. */
  finish(): Uint16Array {
    this.#trace(this.#frames - 1, bestOf(this.#voiced, this.#unvoiced));
    return this.#settled.subarray(0, this.#frames);
  }

  /** Settles the path to a state, from #open up to frame t. */
  #trace(t: number, state: number): void {
    for (let frame = t, s = state; frame >= this.#open; frame--) {
      this.#settled[frame] = s;
      s = this.#before[(frame - this.#open) * 2 * this.#nBins + s];
    }
  }

  /** Follows the paths to all states back to where they are one, and makes room; of nothing, makes more room. */
  #settle(): void {
    const states = 2 * this.#nBins;
    const live = this.#live;
    const seen = this.#seen.fill(-1);
    const before = this.#before;
    const last = this.#frames - 2; // the latest frame whose predecessors are there
    let t = last;
    let count = states;
    for (let s = 0; s < states; s++) live[s] = s;
    for (; t > this.#open && count > 1; t--) {
      let kept = 0;
      for (let i = 0; i < count; i++) {
        const s = before[(t - this.#open) * states + live[i]];
        if (seen[s] === t) continue;
        seen[s] = t;
        live[kept++] = s;
      }
      count = kept;
    }
    if (count === 1) {
      this.#trace(t, live[0]);
      before.copyWithin(0, (t + 1 - this.#open) * states, (last + 1 - this.#open) * states);
      this.#open = t + 1;
    }
    if (2 * (last + 1 - this.#open) * states > before.length) {
      this.#before = new Uint16Array(2 * before.length);
      this.#before.set(before);
    }
  }

  /** reached[j] = max over k of values[k] + log(move from k to j), and the k it comes from. */
  #reachAll(values: Float64Array, reached: Float64Array, best: Int32Array): void {
    const nBins = this.#nBins;
    const reach = this.#reach;
    const moves = this.#moves;
    const source = this.#source;
    for (let k = 0; k < nBins; k++) source[k] = values[k] - this.#norms[k];
    let stride = 1;
    while (stride < nBins) stride *= 2;
    for (; stride >= 1; stride >>= 1) {
      for (let j = stride - 1; j < nBins; j += 2 * stride) {
        const known = j - stride;
        const low = Math.max(j - reach, known >= 0 ? best[known] : 0);
        const high = Math.min(j + reach, j + stride < nBins ? best[j + stride] : nBins - 1);
        const shift = reach - j;
        let most = Number.NEGATIVE_INFINITY;
        let from = low;
        for (let k = low; k <= high; k++) {
          // Moves are symmetric, so k - j stands for j - k.
          const value = source[k] + moves[k + shift];
          if (value > most) {
            most = value;
            from = k;
          }
        }
        reached[j] = most;
        best[j] = from;
      }
    }
  }
}

function logOf(probability: number): number {
  return probability === 0 ? LOG_TINY : Math.log(probability + TINY);
}

/** The state of the largest value; of several, the first. */
function bestOf(voiced: Float64Array, unvoiced: Float64Array): number {
  let best = 0;
  let most = voiced[0];
  for (let j = 1; j < voiced.length; j++) {
    if (voiced[j] > most) {
      most = voiced[j];
      best = j;
    }
  }
  for (let j = 0; j < unvoiced.length; j++) {
    if (unvoiced[j] > most) {
      most = unvoiced[j];
      best = voiced.length + j;
    }
  }
  return best;
}
