import { SerKitError } from '../core/errors.ts';
import { missingPackage, WrongUse } from './failure.ts';

/** tfjs backends by the name they go by in tfjs, and the package that brings each. */
const PACKAGES: Readonly<Record<string, { readonly name: string; readonly backend: string }>> = {
  wasm: { name: '@tensorflow/tfjs-backend-wasm', backend: 'wasm' },
  cpu: { name: '@tensorflow/tfjs-backend-cpu', backend: 'cpu' },
  tensorflow: { name: '@tensorflow/tfjs-node', backend: 'tensorflow' },
  'tensorflow-gpu': { name: '@tensorflow/tfjs-node-gpu', backend: 'tensorflow' },
  webgpu: { name: '@tensorflow/tfjs-backend-webgpu', backend: 'webgpu' },
};

export const BACKENDS: readonly string[] = Object.keys(PACKAGES);

/** Loads the package of a backend and makes it tfjs's current one. */
export async function startBackend(choice: string): Promise<void> {
  const chosen = PACKAGES[choice];
  if (chosen === undefined) {
    throw new WrongUse(`--backend expected one of ${BACKENDS.join(', ')}, got ${choice}`);
  }
  const { name, backend } = chosen;
  const tf = await import('@tensorflow/tfjs-core');
  await import('@tensorflow/tfjs-layers');
  tf.enableProdMode();
  try {
    if (choice === 'wasm') await import('../wasm/index.ts');
    else await import(name);
    if (!(await tf.setBackend(backend))) throw new Error(`tfjs could not start it`);
    await tf.ready();
  } catch (error) {
    if (missingPackage(error) !== undefined) throw error;
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new SerKitError('no-backend', `--backend ${choice}: ${name} is there and does not start: ${why}`, {
      cause: error,
    });
  }
}
