import { instantiate } from './instantiate.ts';
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

/** The kernel, compiled on the first call; undefined where it does not run. */
export function kernelEngine(): Engine | undefined {
  if (tried) return engine;
  tried = true;
  const kernel = instantiate<Pick<Engine, 'bands' | 'rows' | 'cosines'>>(KERNEL_HEX);
  if (kernel === undefined) return undefined;
  const { memory } = kernel;
  engine = {
    ...kernel,
    floats: new Float32Array(memory.buffer),
    owner: undefined,
    room(length) {
      const lacking = length - memory.buffer.byteLength;
      if (lacking <= 0) return;
      memory.grow(Math.ceil(lacking / 65536));
      this.floats = new Float32Array(memory.buffer);
    },
  };
  return engine;
}
