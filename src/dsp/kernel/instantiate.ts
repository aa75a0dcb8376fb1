/**
 * What a kernel exports, compiled from the text that scripts/build-kernel.mjs made of it; undefined where WebAssembly or its
 * SIMD does not run: in too old a browser, or on a page whose policy forbids WebAssembly. JavaScript computes, then.
 */
export function instantiate<T extends object>(hex: string): (T & { readonly memory: WebAssembly.Memory }) | undefined {
  try {
    const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    return { ...exports } as unknown as T & { readonly memory: WebAssembly.Memory };
  } catch {
    return undefined;
  }
}

/** Sees to it that the memory has so many bytes; views of it made before may have none afterwards. False where it cannot grow. */
export function makeRoom(memory: WebAssembly.Memory, bytes: number): boolean {
  const lacking = bytes - memory.buffer.byteLength;
  if (lacking <= 0) return true;
  try {
    memory.grow(Math.ceil(lacking / 65536));
    return true;
  } catch {
    return false;
  }
}
