import { besselI0 } from '../dsp/bessel.ts';

// The low-pass filter of the resampler: a sinc under a Kaiser window. Time `t` is counted in samples of the lower of
// the two rates, so one prototype serves every pair of rates.

/** Half the filter's length. 64 zero crossings, Kaiser beta 14.77: as resampy's `kaiser_best` (McFee 2016). */
export const HALF_WIDTH = 64;
const BETA = 14.769656459379492;
/**
 * Half-amplitude point, in Nyquist frequencies of the lower rate. The filter is flat up to about 0.9 of them and closed
 * from 1.05 on.
 */
const CUTOFF = 0.97;

const I0_BETA = besselI0(BETA);

/** The prototype at time t: unit gain at 0 Hz, zero from HALF_WIDTH on. */
function prototype(t: number): number {
  const edge = t / HALF_WIDTH;
  if (edge <= -1 || edge >= 1) return 0;
  const angle = Math.PI * CUTOFF * t;
  const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
  return (CUTOFF * sinc * besselI0(BETA * Math.sqrt(1 - edge * edge))) / I0_BETA;
}

/** The filter at every place where an output can fall between two inputs, for rates in the ratio up / down. */
export interface PhaseTable {
  /** Inputs that one output looks at; an even number. */
  readonly taps: number;
  /** Inputs from the first that an output looks at to the one at or before it. */
  readonly before: number;
  /** [up, taps], row-major: row `p` is for outputs that fall p / up of an input's spacing after an input. */
  readonly rows: Float64Array;
}

function buildPhaseTable(up: number, down: number): PhaseTable {
  const scale = Math.min(1, up / down);
  const half = Math.ceil(HALF_WIDTH / scale);
  const taps = 2 * half;
  const before = half - 1;
  const rows = new Float64Array(up * taps);
  for (let phase = 0; phase < up; phase++) {
    for (let tap = 0; tap < taps; tap++) {
      rows[phase * taps + tap] = scale * prototype(scale * (tap - before - phase / up));
    }
  }
  return { taps, before, rows };
}

/** Above this many numbers (8 MB) no table is kept for a pair of rates. */
const MAX_TABLE = 2 ** 20;
const MAX_CACHED = 8;
const cache = new Map<string, PhaseTable>();

/** Whether the pair of rates, in lowest terms, has a table. */
export function hasPhaseTable(up: number, down: number): boolean {
  return Number.isInteger(up) && 2 * HALF_WIDTH * Math.max(up, down) <= MAX_TABLE;
}

/** The table for a pair of rates in lowest terms; the last few are kept, as a corpus asks for one thousands of times. */
export function phaseTable(up: number, down: number): PhaseTable {
  const key = `${up}/${down}`;
  const table = cache.get(key) ?? buildPhaseTable(up, down);
  cache.delete(key);
  cache.set(key, table);
  if (cache.size > MAX_CACHED) cache.delete(cache.keys().next().value as string);
  return table;
}

/** Steps of the prototype's table within one `t`: lines between them are within 1e-7 of it. */
export const STEPS = 2048;
let prototypeTable: Float64Array | undefined;

/** The prototype from t = 0 to HALF_WIDTH in steps of 1 / STEPS, and two zeros; for pairs of rates without a table. */
export function sampledPrototype(): Float64Array {
  if (prototypeTable === undefined) {
    prototypeTable = new Float64Array(HALF_WIDTH * STEPS + 2);
    for (let i = 0; i < HALF_WIDTH * STEPS; i++) prototypeTable[i] = prototype(i / STEPS);
  }
  return prototypeTable;
}
