// The tests in test/layers and those of the x-vector's numbers once more, on the real tfjs-node: `node scripts/check-layers-tfjs-node.mjs FOLDER`, where
// @tensorflow/tfjs-node is installed in FOLDER. The same files; only tfjs is the folder's, and the backend its. Left out:
// what is about the kernels of wasm, of which tfjs-node has none, and about another backend.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startVitest } from 'vitest/node';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? '.');
const packages = join(folder, 'node_modules/@tensorflow');
if (!existsSync(join(packages, 'tfjs-node'))) {
  console.error('usage: node scripts/check-layers-tfjs-node.mjs FOLDER, in which @tensorflow/tfjs-node is installed');
  process.exit(2);
}
process.env.TFJS_NODE = folder;
process.env.TF_CPP_MIN_LOG_LEVEL = '2';

const alias = [
  { find: /^.*\/support\/wasm\.ts$/, replacement: join(root, 'test/support/tfjs-node.ts') },
  // The very files that tfjs-node requires, as tfjs is one in a process.
  { find: /^@tensorflow\/tfjs-core$/, replacement: join(packages, 'tfjs-core/dist/tf-core.node.js') },
  { find: /^@tensorflow\/tfjs-layers$/, replacement: join(packages, 'tfjs-layers/dist/tf-layers.node.js') },
];
const settings = { root, pool: 'forks', watch: false, testTimeout: 60_000, hookTimeout: 60_000 };
const vitest = await startVitest(
  'test',
  ['test/layers', 'test/xvector/forward'],
  {
    ...settings,
    include: ['test/layers/**/*.test.ts', 'test/xvector/forward.test.ts'],
    exclude: ['**/*cpu*.test.ts'],
    testNamePattern: '^(?!.*in one kernel)',
  },
  {
    resolve: { alias },
  },
);
const files = vitest.state.getFiles();
const passed = files.length > 0 && files.every(({ result }) => result?.state !== 'fail');
await vitest.close();
process.exitCode = passed ? process.exitCode : 1;
