import type * as tf from '@tensorflow/tfjs-core';
import { floats, type KernelArguments, sizeOf, stockKernel, type WasmBackend } from './backend.ts';
import { type Address, addressOf, nativeOf } from './native/engine.ts';

/** tfjs's names of what can follow a product, and the codes of assembly/finish.ts. */
const CODES: Readonly<Record<string, number>> = {
  linear: 0,
  relu: 1,
  relu6: 2,
  sigmoid: 3,
  elu: 4,
  prelu: 5,
  leakyrelu: 5,
};

/** What comes after a product: native's finish() takes the first three; the rest, for rare shapes, is tfjs's kernels'. */
export interface Epilogue {
  readonly bias: Address;
  readonly activation: number;
  readonly slopes: Address;
  /** What native cannot do: call it with the product, which it disposes where it makes a new one. */
  after(product: tf.TensorInfo): tf.TensorInfo;
  /** Frees what was made for it. */
  dispose(): void;
}

/**
 * The bias and the activation of a fused kernel, for a product with `columns` columns.
 *
 * @throws Error for an activation that tfjs does not name, before anything is made
 */
export function epilogueOf({ inputs, attrs, backend }: KernelArguments, columns: number): Epilogue {
  const name = (attrs.activation as string | undefined) ?? 'linear';
  const code = CODES[name];
  if (code === undefined) throw new Error(`${name} activation is not supported by the wasm backend`);
  const alpha = inputs.preluActivationWeights ?? undefined;
  if (name === 'prelu' && alpha === undefined) throw new Error('prelu activation needs preluActivationWeights');
  const bias = inputs.bias ?? undefined;
  const made: tf.TensorInfo[] = [];
  /** One number for each column: as it lies, or one number repeated. */
  const row = (value: number, of?: tf.TensorInfo): Address => {
    if (of !== undefined && sizeOf(of.shape) === columns) return addressOf(backend, of);
    const repeated = backend.makeOutput([columns], 'float32');
    made.push(repeated);
    floats(backend, repeated).fill(of === undefined ? value : floats(backend, of)[0]!);
    return addressOf(backend, repeated);
  };
  const lateBias = bias !== undefined && !isRow(bias, columns);
  const slopesInRow = name === 'leakyrelu' || (name === 'prelu' && isRow(alpha!, columns));
  const late = lateBias || (name === 'prelu' && !slopesInRow);

  const finishLate = (product: tf.TensorInfo): tf.TensorInfo => {
    let out = product;
    const replaceBy = (next: tf.TensorInfo): void => {
      backend.disposeData(out.dataId);
      out = next;
    };
    if (lateBias) replaceBy(stockKernel('Add')({ inputs: { a: out, b: bias }, backend, attrs: {} }));
    if (name === 'prelu') {
      replaceBy(preluOf(backend, out, alpha!));
    } else {
      const slopes = name === 'leakyrelu' ? row(attrs.leakyreluAlpha as number) : 0;
      nativeOf(backend).finish(sizeOf(out.shape) / columns, columns, addressOf(backend, out), 0, code, slopes);
    }
    return out;
  };
  return {
    bias: bias === undefined || lateBias ? 0 : row(0, bias),
    activation: late ? CODES.linear! : code,
    slopes: late || !slopesInRow ? 0 : row((attrs.leakyreluAlpha as number | undefined) ?? 0.2, alpha),
    after: (product) => (late && sizeOf(product.shape) > 0 ? finishLate(product) : product),
    dispose: () => disposeAll(backend, made),
  };
}

/** max(x, 0) + alpha min(x, 0), for any alpha that broadcasts: tfjs's own kernel takes one that fits x's last axes only. */
function preluOf(backend: WasmBackend, x: tf.TensorInfo, alpha: tf.TensorInfo): tf.TensorInfo {
  const run = (name: string, a: tf.TensorInfo, b: tf.TensorInfo): tf.TensorInfo =>
    stockKernel(name)({ inputs: { a, b }, backend, attrs: {} });
  const zero = backend.makeOutput([], 'float32');
  floats(backend, zero).fill(0);
  const positive = run('Maximum', x, zero);
  const negative = run('Minimum', x, zero);
  const scaled = run('Multiply', negative, alpha);
  const out = run('Add', positive, scaled);
  disposeAll(backend, [zero, positive, negative, scaled]);
  return out;
}

/** Whether a tensor broadcasts as one number for each column, or one for all. */
function isRow(of: tf.TensorInfo, columns: number): boolean {
  const size = sizeOf(of.shape);
  return of.dtype === 'float32' && (size === 1 || (size === columns && of.shape[of.shape.length - 1] === columns));
}

function disposeAll(backend: WasmBackend, made: readonly tf.TensorInfo[]): void {
  for (const { dataId } of made) backend.disposeData(dataId);
}
