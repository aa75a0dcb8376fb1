import { instantiate, makeRoom } from './instantiate.ts';
import { KERNEL_HEX } from './polyphase-bytes.ts';

/** A change of rate by up / down: output n lies at input n * down / up. */
export interface Ratio {
  readonly up: number;
  readonly down: number;
  /** Inputs that one output looks at; an even number. */
  readonly taps: number;
  /** [up, taps], row-major: row `p` is for outputs that fall p / up of an input's spacing after an input. */
  readonly rows: Float64Array;
}

/** The kernel's function (see assembly/polyphase-kernel.ts) and its memory: one for the process, tables change hands. */
interface Engine {
  block(
    up: number,
    down: number,
    taps: number,
    phase: number,
    groups: number,
    x: number,
    pairs: number,
    out: number,
  ): void;
  readonly memory: WebAssembly.Memory;
  /** Whose rows lie at the memory's beginning. */
  rows?: Float64Array;
}

/** Outputs of a row that are made at once. */
const GROUP = 8;
/** A call takes about as many inputs as this, so that what it works on stays in the caches. */
const INPUTS_AT_ONCE = 8192;

let engine: Engine | undefined;
let tried = false;

/** The kernel, compiled on the first call; undefined where it does not run. */
function polyphaseEngine(): Engine | undefined {
  if (!tried) engine = instantiate<Engine>(KERNEL_HEX);
  tried = true;
  return engine;
}

/**
 * Sums of products with the filter's rows: out[i] for i from 0 to before n, in WebAssembly SIMD, with the bits that JavaScript
 * gives. Output 0 has row number `phase` and looks at inputs[at] and on; all that outputs look at is there.
 *
 * @returns false where it does not run, or would not pay; nothing is written then
 */
export function polyphase(
  ratio: Ratio,
  phase: number,
  inputs: Float64Array,
  at: number,
  n: number,
  out: Float32Array,
): boolean {
  const { up, down, taps, rows } = ratio;
  if (n < (GROUP / 4) * up || n < GROUP) return false;
  const kernel = polyphaseEngine();
  if (kernel === undefined) return false;

  const atOnce = Math.max(1, Math.floor(INPUTS_AT_ONCE / (GROUP * Math.max(up, down))));
  const groups = Math.min(atOnce, Math.ceil(n / (GROUP * up)));
  const pairs = GROUP * down * groups + taps;
  const x = align(8 * rows.length);
  const pairsAt = x + align(8 * (pairs + down));
  const outAt = pairsAt + 16 * pairs;
  const size = GROUP * up * groups;
  const { memory } = kernel;
  if (!makeRoom(memory, outAt + 4 * size)) return false;
  if (kernel.rows !== rows) new Float64Array(memory.buffer).set(rows);
  kernel.rows = rows;

  const inside = new Float64Array(memory.buffer, x, pairs + down);
  for (let first = 0; first < n; first += size, at += GROUP * down * groups) {
    const some = inputs.subarray(at, at + inside.length);
    inside.set(some);
    // Outputs past the last are of silence, and dropped.
    inside.fill(0, some.length);
    kernel.block(up, down, taps, phase, groups, x, pairsAt, outAt);
    out.set(new Float32Array(memory.buffer, outAt, Math.min(size, n - first)), first);
  }
  return true;
}

function align(at: number): number {
  return Math.ceil(at / 64) * 64;
}
