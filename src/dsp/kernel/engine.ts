import { KERNEL_HEX } from './kernel-bytes.ts';

/** The kernel's functions (see assembly/mel-kernel.ts) and its memory: one for the process, tables change hands. */
export interface Engine {
  bands(input: number, frames: number, quads: number): number;
  rows(quads: number, frames: number, floor: number, out: number): void;
  cosines(quads: number, frames: number, floor: number, out: number): void;
  /** The memory as it is now; longer after room(). */
  floats: Float32Array<ArrayBuffer>;
  /** Whose tables lie in the memory. */
  owner: object | undefined;
  /** Sees to it that the memory has this many bytes. */
  room(bytes: number): void;
}

let engine: Engine | undefined;
let tried = false;

/** The kernel, compiled on the first call; undefined where WebAssembly or its SIMD does not run. */
export function kernelEngine(): Engine | undefined {
  if (!tried) {
    tried = true;
    try {
      engine = compile();
    } catch {
      // Too old a browser, or a page whose policy forbids WebAssembly: JavaScript computes, then.
    }
  }
  return engine;
}

function compile(): Engine {
  const bytes = Uint8Array.from(KERNEL_HEX.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const memory = exports.memory as WebAssembly.Memory;
  return {
    bands: exports.bands as Engine['bands'],
    rows: exports.rows as Engine['rows'],
    cosines: exports.cosines as Engine['cosines'],
    floats: new Float32Array(memory.buffer),
    owner: undefined,
    room(length) {
      const lacking = length - memory.buffer.byteLength;
      if (lacking <= 0) return;
      memory.grow(Math.ceil(lacking / 65536));
      this.floats = new Float32Array(memory.buffer);
    },
  };
}
