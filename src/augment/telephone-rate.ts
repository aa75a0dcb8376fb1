import { resample } from '../audio/resample.ts';
import type { PhaseTable } from '../audio/resample-filter.ts';
import { outputsByTable } from '../audio/resample-outputs.ts';
import { besselI0 } from '../dsp/bessel.ts';
import { greatestCommonDivisor } from '../dsp/greatest-common-divisor.ts';

// To a telephone channel's rate and back. A line's filters are far from perfect, so this one may be an eighth as long as
// resample()'s, and as much quicker.

export const CHANNEL_RATE = 8000;

/** Half the filter's length in samples of the channel, its window's beta: flat to 3400 Hz, 42 dB down from 4600 Hz on. */
const HALF_WIDTH = 8;
const BETA = 3.63;

/** A sinc that closes at half the channel's rate, under a Kaiser window; t in samples of the channel. */
function prototype(t: number): number {
  const edge = t / HALF_WIDTH;
  if (edge <= -1 || edge >= 1) return 0;
  const sinc = t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t);
  return (sinc * besselI0(BETA * Math.sqrt(1 - edge * edge))) / besselI0(BETA);
}

/** The filter for all places between two inputs where outputs fall; `perInput` inputs make a sample of the channel. */
function createTable(up: number, perInput: number): PhaseTable {
  const half = Math.ceil(HALF_WIDTH * perInput);
  const [taps, before] = [2 * half, half - 1];
  const rows = new Float64Array(up * taps);
  for (let phase = 0; phase < up; phase++) {
    const row = rows.subarray(phase * taps, (phase + 1) * taps);
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      row[tap] = prototype((tap - before - phase / up) / perInput);
      sum += row[tap]!;
    }
    // So that 0 Hz passes alike in all phases.
    for (let tap = 0; tap < taps; tap++) row[tap]! /= sum;
  }
  return { taps, before, rows };
}

/** Changes samples of one rate into `length` of another, place 0 to place 0. */
type Resampling = (samples: Float32Array<ArrayBuffer>, length: number) => Float32Array<ArrayBuffer>;

function byTable(up: number, down: number, table: PhaseTable): Resampling {
  const outputs = outputsByTable(up, down, table);
  return (samples, length) => {
    const first = outputs.firstInput(0);
    const padded = new Float64Array(outputs.endInput(length - 1) - first);
    padded.set(samples.subarray(0, padded.length + first), -first);
    const out = new Float32Array(length);
    outputs.compute(padded, first, 0, length, out);
    return out;
  };
}

/** resample() to as many samples as are wanted; those that it does not give are silent. */
function byAnyRatio(from: number, to: number): Resampling {
  return (samples, length) => {
    const padded = new Float32Array(Math.max(samples.length, Math.ceil((length * from) / to)));
    padded.set(samples);
    return resample({ samples: padded, sampleRate: from }, to).samples.slice(0, length);
  };
}

/** Above this many numbers (2 MB) no table is made. */
const MAX_TABLE = 2 ** 18;

/** The ways to the channel and back, for a rate above the channel's. */
export interface ChannelRate {
  /** As long as the clip, and longer by what the way back looks at beyond its end. */
  down(samples: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer>;
  up(samples: Float32Array<ArrayBuffer>, length: number): Float32Array<ArrayBuffer>;
}

export function createChannelRate(sampleRate: number): ChannelRate {
  const { down, up } = resamplings(sampleRate);
  return {
    down: (samples) =>
      down(samples, Math.floor((samples.length * CHANNEL_RATE) / sampleRate) + 1 + Math.ceil(HALF_WIDTH)),
    up,
  };
}

function resamplings(sampleRate: number): { readonly down: Resampling; readonly up: Resampling } {
  const divisor = greatestCommonDivisor(CHANNEL_RATE, sampleRate);
  const [low, high] = [CHANNEL_RATE / divisor, sampleRate / divisor];
  if (!Number.isInteger(low) || 2 * HALF_WIDTH * high > MAX_TABLE) {
    return { down: byAnyRatio(sampleRate, CHANNEL_RATE), up: byAnyRatio(CHANNEL_RATE, sampleRate) };
  }
  return {
    down: byTable(low, high, createTable(low, high / low)),
    up: byTable(high, low, createTable(high, 1)),
  };
}
