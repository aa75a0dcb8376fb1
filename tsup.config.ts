import { defineConfig } from 'tsup';

// One entry a door; the names on the left are the paths that package.json's `exports` points at.
export default defineConfig({
  entry: {
    index: 'src/index.ts',
    features: 'src/features/index.ts',
    'features/voice': 'src/features/voice/index.ts',
    'features/xvector': 'src/xvector/index.ts',
    'features/xvector/compact': 'src/xvector/compact/index.ts',
    augment: 'src/augment/index.ts',
    datasets: 'src/datasets/index.ts',
    'datasets/cremad': 'src/datasets/cremad/index.ts',
    metrics: 'src/metrics/index.ts',
    layers: 'src/layers/index.ts',
    models: 'src/models/index.ts',
    recognizer: 'src/recognizer/index.ts',
    wasm: 'src/wasm/index.ts',
    report: 'src/report/index.ts',
    node: 'src/node/index.ts',
    // No door: the code of extractCorpus()'s and augmentCorpus()'s worker threads (src/node/worker-file.ts looks for it beside itself).
    'feature-worker': 'src/node/feature-worker.ts',
    cli: 'src/cli/main.ts',
  },
  format: ['esm'],
  target: 'es2022',
  platform: 'neutral',
  external: [/^node:/],
  // tsc takes `.ts` endings in imports only where it emits nothing but declarations.
  dts: { compilerOptions: { noEmit: false, emitDeclarationOnly: true } },
  splitting: true,
  treeshake: true,
  sourcemap: true,
  clean: true,
});
