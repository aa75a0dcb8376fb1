import * as tf from '@tensorflow/tfjs-core';

type Registrable = Parameters<typeof tf.serialization.registerClass>[0];

/**
 * Makes layers known to tfjs, by whose names a saved topology can then call them. Done where a layer is made, and not on
 * import, so that bundlers may drop what is unused.
 */
export function registerLayer(...layers: readonly { readonly className: string }[]): void {
  for (const layer of layers) tf.serialization.registerClass(layer as unknown as Registrable);
}
