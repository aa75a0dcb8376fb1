import { greatestCommonDivisor } from '../dsp/greatest-common-divisor.ts';
import { polyphase } from '../dsp/kernel/polyphase.ts';
import { HALF_WIDTH, hasPhaseTable, type PhaseTable, phaseTable, STEPS, sampledPrototype } from './resample-filter.ts';

/** How samples of the new rate are made of samples of the old one, for a pair of rates. */
export interface Outputs {
  /** The first input that output n looks at; negative near the beginning, where there is silence. */
  firstInput(n: number): number;
  /** One past the last input that output n looks at. */
  endInput(n: number): number;
  /**
   * Outputs from `from` to before `to`, into out[0] and on. `inputs` holds the inputs from index `start` on, as many as
   * they look at. An output's bits depend on its own inputs alone.
   */
  compute(inputs: Float64Array, start: number, from: number, to: number, out: Float32Array): void;
}

/** How many samples a recording of `length` samples has at the new rate; halves are rounded up. */
export function resampledLength(length: number, oldRate: number, newRate: number): number {
  return Math.round((length * newRate) / oldRate);
}

/** For any pair of rates. */
export function createOutputs(oldRate: number, newRate: number): Outputs {
  const divisor = greatestCommonDivisor(newRate, oldRate);
  const [up, down] = [newRate / divisor, oldRate / divisor];
  return hasPhaseTable(up, down)
    ? outputsByTable(up, down, phaseTable(up, down))
    : outputsByInterpolation(oldRate, newRate);
}

/**
 * Polyphase: output n lies at input n * down / up, and the filter's row for that fraction is ready. Outputs that are
 * `up` apart share a row, so four of them are summed at once and every coefficient is loaded once for the four; two
 * taps (their number is even) a turn are worth another 20 %. Where WebAssembly runs it sums eight at once, some 8 times as
 * fast and to the same bits: every sum takes its products in the order written here.
 */
export function outputsByTable(up: number, down: number, { taps, before, rows }: PhaseTable): Outputs {
  const firstInput = (n: number): number => Math.floor((n * down) / up) - before;
  return {
    firstInput,
    endInput: (n) => firstInput(n) + taps,
    compute(inputs, start, from, to, out) {
      const n = to - from;
      const phase = (from * down) % up;
      if (polyphase({ up, down, taps, rows }, phase, inputs, firstInput(from) - start, n, out)) return;
      for (let first = 0; first < Math.min(up, n); first++) {
        const row = ((from + first) * down) % up;
        const h = rows.subarray(row * taps, row * taps + taps);
        let at = firstInput(from + first) - start;
        let i = first;
        for (; i + 3 * up < n; i += 4 * up, at += 4 * down) {
          const at1 = at + down;
          const at2 = at1 + down;
          const at3 = at2 + down;
          let sum0 = 0;
          let sum1 = 0;
          let sum2 = 0;
          let sum3 = 0;
          for (let tap = 0; tap < taps; tap += 2) {
            const c = h[tap]!;
            const d = h[tap + 1]!;
            sum0 += c * inputs[at + tap]! + d * inputs[at + tap + 1]!;
            sum1 += c * inputs[at1 + tap]! + d * inputs[at1 + tap + 1]!;
            sum2 += c * inputs[at2 + tap]! + d * inputs[at2 + tap + 1]!;
            sum3 += c * inputs[at3 + tap]! + d * inputs[at3 + tap + 1]!;
          }
          out[i] = sum0;
          out[i + up] = sum1;
          out[i + 2 * up] = sum2;
          out[i + 3 * up] = sum3;
        }
        for (; i < n; i += up, at += down) {
          let sum = 0;
          for (let tap = 0; tap < taps; tap += 2)
            sum += h[tap]! * inputs[at + tap]! + h[tap + 1]! * inputs[at + tap + 1]!;
          out[i] = sum;
        }
      }
    },
  };
}

/** For rates without a small common ratio: the filter is read off the sampled prototype, with lines between samples. */
function outputsByInterpolation(oldRate: number, newRate: number): Outputs {
  const scale = Math.min(1, newRate / oldRate);
  const half = HALF_WIDTH / scale;
  const table = sampledPrototype();
  const step = scale * STEPS;
  const firstInput = (n: number): number => Math.ceil((n * oldRate) / newRate - half);
  const endInput = (n: number): number => Math.floor((n * oldRate) / newRate + half) + 1;
  return {
    firstInput,
    endInput,
    compute(inputs, start, from, to, out) {
      for (let n = from; n < to; n++) {
        const centre = (n * oldRate) / newRate;
        const end = endInput(n);
        let sum = 0;
        for (let i = firstInput(n); i < end; i++) {
          const place = Math.abs(i - centre) * step;
          const at = Math.floor(place);
          const left = table[at]!;
          sum += inputs[i - start]! * (left + (place - at) * (table[at + 1]! - left));
        }
        out[n - from] = scale * sum;
      }
    },
  };
}
