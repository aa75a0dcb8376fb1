// Compiles the AssemblyScript under src into the WebAssembly that is committed beside it as hexadecimal text.
// `npm run kernel`; the same source and compiler give the same bytes, and tests hold that.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Each module: its source, the file that its bytes are written to, and what it adds to the compiler's options. */
export const MODULES = {
  mel: {
    source: 'src/dsp/kernel/assembly/mel-kernel.ts',
    target: 'src/dsp/kernel/kernel-bytes.ts',
    options: ['--disable', 'bulk-memory'],
  },
  polyphase: {
    source: 'src/dsp/kernel/assembly/polyphase-kernel.ts',
    target: 'src/dsp/kernel/polyphase-bytes.ts',
    options: ['--disable', 'bulk-memory'],
  },
  native: {
    source: 'src/wasm/native/assembly/index.ts',
    target: 'src/wasm/native/native-bytes.ts',
    // tfjs's memory, which may grow to 4 GB. engine.ts marks it as shared where it is.
    options: ['--importMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  },
};

/** The text of a module's file of bytes. */
export async function buildKernel({ source, options }) {
  let wasm;
  const common = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd'];
  const { error, stderr } = await asc.main(
    [source, '--baseDir', root, '--outFile', 'kernel.wasm', ...common, ...options],
    {
      writeFile: (name, contents) => {
        if (name === 'kernel.wasm') wasm = contents;
      },
    },
  );
  if (error !== null) throw new Error(`${error.message}\n${stderr}`);
  // Hexadecimal, as gzip finds the repeats in it that base64 hides: 0.5 kB less in a bundle.
  const hex = Buffer.from(wasm).toString('hex');
  const entry = source.slice(source.indexOf('assembly/'));
  return `// Made by scripts/build-kernel.mjs from ${entry}: do not edit. ${wasm.length} bytes of WebAssembly.
export const KERNEL_HEX =
  '${hex}';
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const module of Object.values(MODULES)) {
    const text = await buildKernel(module);
    writeFileSync(`${root}${module.target}`, text);
    console.log(text.split('\n')[0]);
  }
}
