import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

interface Builder {
  readonly MODULES: Readonly<Record<string, { readonly target: string }>>;
  buildKernel(module: object): Promise<string>;
}

/** Holds a committed file of WebAssembly against what its source compiles to (`npm run kernel` writes it). */
export async function expectCompiled(name: 'mel' | 'polyphase' | 'native'): Promise<void> {
  const root = new URL('../../', import.meta.url);
  const script = new URL('scripts/build-kernel.mjs', root);
  const { buildKernel, MODULES } = (await import(/* @vite-ignore */ script.href)) as Builder;
  const module = MODULES[name]!;
  expect(await buildKernel(module)).toBe(readFileSync(new URL(module.target, root), 'utf8'));
}
