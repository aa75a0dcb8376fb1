// Compiles src/dsp/kernel/assembly/mel-kernel.ts (AssemblyScript) into src/dsp/kernel/kernel-bytes.ts.
// `node scripts/build-kernel.mjs`; the same source and compiler give the same bytes, and a test holds that.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = 'src/dsp/kernel/assembly/mel-kernel.ts';
const TARGET = 'src/dsp/kernel/kernel-bytes.ts';

/** The text of kernel-bytes.ts. */
export async function buildKernel() {
  let wasm;
  const options = [
    '-O3',
    '--converge',
    '--noAssert',
    '--runtime',
    'stub',
    '--enable',
    'simd',
    '--disable',
    'bulk-memory',
  ];
  const { error, stderr } = await asc.main([SOURCE, '--baseDir', root, '--outFile', 'kernel.wasm', ...options], {
    writeFile: (name, contents) => {
      if (name === 'kernel.wasm') wasm = contents;
    },
  });
  if (error !== null) throw new Error(`${error.message}\n${stderr}`);
  // Hexadecimal, as gzip finds the repeats in it that base64 hides: 0.5 kB less in a bundle.
  const hex = Buffer.from(wasm).toString('hex');
  return `// Made by scripts/build-kernel.mjs from assembly/mel-kernel.ts: do not edit. ${wasm.length} bytes of WebAssembly.
export const KERNEL_HEX =
  '${hex}';
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await buildKernel();
  writeFileSync(`${root}${TARGET}`, text);
  console.log(text.split('\n')[0]);
}
