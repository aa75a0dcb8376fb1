import { quote, SerKitError } from '../core/errors.ts';
import { checkBlock } from '../core/finite.ts';
import { createOutputs, type Outputs, resampledLength } from './resample-outputs.ts';

/** A signal on its way to another sample rate, block by block. */
export interface ResampleStream {
  /** Takes the next samples, any number of them; gives those of the new rate that are decided by now. */
  push(block: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer>;
  /** Ends the signal: gives what waited for the samples after it. The next push() begins a new signal. */
  flush(): Float32Array<ArrayBuffer>;
}

/** Room for this many samples beside the filter's length; longer blocks are taken in parts. */
const ROOM = 4096;

/**
 * resample() for a signal that comes in blocks: together the blocks that come out are, sample for sample, what
 * resample() gives of the whole. It lags behind by half the filter: 64 samples of the lower of the two rates (4 ms where
 * that is 16 kHz). Memory is constant.
 *
 * @param rates  both in Hz
 * @throws SerKitError 'bad-option' for the rates; push() 'bad-input', 'not-finite'
 * @example
 * const toModel = createResampler({ from: 48000, to: 16000 });
 * const features = createMfcc({ sampleRate: 16000, topDb: null }).stream();
 * const frames = features.push(toModel.push(samples));
 */
export function createResampler(rates: { readonly from: number; readonly to: number }): ResampleStream {
  const { from, to } = checkedRates(rates);
  return new BlockResampler(from, to);
}

/** By hand, as resample() does it: zod is three times the size of all the rest. */
function checkedRates(rates: { readonly from: number; readonly to: number }): { from: number; to: number } {
  const refuse = (what: string): never => {
    throw new SerKitError('bad-option', `createResampler: ${what}`);
  };
  if (rates === null || typeof rates !== 'object') refuse(`options expected { from, to }, got ${quote(rates)}`);
  const unknown = Object.keys(rates).find((name) => name !== 'from' && name !== 'to');
  if (unknown !== undefined) refuse(`unknown option ${quote(unknown)} (known: from, to)`);
  for (const name of ['from', 'to'] as const) {
    const rate = rates[name];
    if (typeof rate !== 'number' || !(rate > 0) || !Number.isFinite(rate)) {
      refuse(`${name} expected Hz > 0, got ${quote(rate)}`);
    }
  }
  return rates;
}

class BlockResampler implements ResampleStream {
  readonly #from: number;
  readonly #to: number;
  readonly #outputs: Outputs;
  /** Inputs from index #start on, `#held` of them: silence before the signal, then its latest samples. */
  readonly #inputs: Float64Array<ArrayBuffer>;
  #start: number;
  #held: number;
  #next = 0;

  constructor(from: number, to: number) {
    this.#from = from;
    this.#to = to;
    this.#outputs = createOutputs(from, to);
    const length = this.#outputs.endInput(0) - this.#outputs.firstInput(0);
    this.#inputs = new Float64Array(2 * length + ROOM + Math.ceil(from / to));
    this.#start = this.#outputs.firstInput(0);
    this.#held = -this.#start;
  }

  push(block: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
    checkBlock('createResampler', block);
    if (this.#from === this.#to) return block.slice();
    const first = this.#next;
    const out = new Float32Array(this.#decided(this.#start + this.#held + block.length) - first);
    for (let taken = 0; taken < block.length; ) {
      this.#forget();
      const room = Math.min(this.#inputs.length - this.#held, block.length - taken);
      this.#inputs.set(block.subarray(taken, taken + room), this.#held);
      this.#held += room;
      taken += room;
      this.#compute(this.#decided(this.#start + this.#held), out, first);
    }
    return out;
  }

  flush(): Float32Array<ArrayBuffer> {
    if (this.#from === this.#to) return new Float32Array(0);
    const first = this.#next;
    const end = resampledLength(this.#start + this.#held, this.#from, this.#to);
    const out = new Float32Array(Math.max(0, end - first));
    // Silence after the signal, a few outputs at a time: the buffer need not hold it all.
    for (let n = first; n < end; n++) {
      this.#forget();
      const missing = this.#outputs.endInput(n) - (this.#start + this.#held);
      if (missing > 0) {
        this.#inputs.fill(0, this.#held, this.#held + missing);
        this.#held += missing;
      }
      this.#compute(n + 1, out, first);
    }
    this.#inputs.fill(0);
    this.#next = 0;
    this.#start = this.#outputs.firstInput(0);
    this.#held = -this.#start;
    return out;
  }

  /** How many outputs look at none but the first `received` inputs. */
  #decided(received: number): number {
    let n = Math.max(this.#next, Math.floor(((received - this.#outputs.endInput(0)) * this.#to) / this.#from) - 1);
    while (n > this.#next && this.#outputs.endInput(n - 1) > received) n--;
    while (this.#outputs.endInput(n) <= received) n++;
    return n;
  }

  #compute(end: number, out: Float32Array<ArrayBuffer>, first: number): void {
    if (end <= this.#next) return;
    this.#outputs.compute(this.#inputs, this.#start, this.#next, end, out.subarray(this.#next - first));
    this.#next = end;
  }

  /** Drops inputs that no later output looks at. */
  #forget(): void {
    const end = this.#start + this.#held;
    const keep = Math.min(end, Math.max(this.#start, this.#outputs.firstInput(this.#next)));
    this.#inputs.copyWithin(0, keep - this.#start, this.#held);
    this.#held = end - keep;
    this.#start = keep;
  }
}
