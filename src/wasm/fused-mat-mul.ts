import type * as tf from '@tensorflow/tfjs-core';
import { type Kernel, type KernelArguments, sizeOf, stockKernel } from './backend.ts';
import { withOwnRightHand } from './batch-mat-mul.ts';

const activations: Record<string, string> = { relu: 'Relu', relu6: 'Relu6', sigmoid: 'Sigmoid', elu: 'Elu' };

/**
 * A kernel for _FusedMatMul. With a transpose or a batch, tfjs's own adds the bias and applies the activation once per
 * block of 48 inner columns (K = 100 of ones and a bias of 1 give 103); here those cases are a product, then the
 * bias, then the activation, each by its own kernel.
 */
export function createFusedMatMul(matMul: Kernel): Kernel {
  const stock = stockKernel('_FusedMatMul');
  const add = stockKernel('Add');
  return (args: KernelArguments) => {
    const { backend, attrs } = args;
    const a = args.inputs.a as tf.TensorInfo;
    const b = args.inputs.b as tf.TensorInfo;
    const bias = args.inputs.bias;
    const plain =
      attrs.transposeA !== true &&
      attrs.transposeB !== true &&
      sizeOf(a.shape.slice(0, -2)) === 1 &&
      sizeOf(b.shape.slice(0, -2)) === 1;
    const activation = (attrs.activation as string | undefined) ?? 'linear';
    if (a.dtype !== 'float32' || b.dtype !== 'float32') return stock(args);
    if (plain) return withOwnRightHand(backend, b, (own) => stock({ ...args, inputs: { ...args.inputs, b: own } }));
    const known = ['linear', 'leakyrelu', 'prelu'].includes(activation) || activations[activation] !== undefined;
    if (!known) throw new Error(`${activation} activation is not supported by the wasm backend`);

    let out = matMul({
      inputs: { a, b },
      backend,
      attrs: { transposeA: attrs.transposeA, transposeB: attrs.transposeB },
    });
    const replaceBy = (next: tf.TensorInfo): void => {
      backend.disposeData(out.dataId);
      out = next;
    };
    if (bias !== undefined && bias !== null) replaceBy(add({ inputs: { a: out, b: bias }, backend, attrs: {} }));
    if (activation === 'linear') return out;
    if (activation === 'leakyrelu') {
      replaceBy(stockKernel('LeakyRelu')({ inputs: { x: out }, backend, attrs: { alpha: attrs.leakyreluAlpha } }));
    } else if (activation === 'prelu') {
      const alpha = args.inputs.preluActivationWeights;
      replaceBy(stockKernel('Prelu')({ inputs: { x: out, alpha }, backend, attrs: {} }));
    } else {
      replaceBy(stockKernel(activations[activation]!)({ inputs: { x: out }, backend, attrs: {} }));
    }
    return out;
  };
}
