import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestDifference, type NdArray, numericGradient, randomArray } from './reference-arrays.ts';
import type { RecurrentInputs, RecurrentOptions, RecurrentReference } from './reference-recurrent.ts';
import { tensorOf, useWasm } from './wasm.ts';

const LEARNT = ['x', 'kernel', 'recurrent', 'bias'] as const;

interface Shape {
  readonly rows: number;
  readonly frames: number;
  readonly dims: number;
  readonly units: number;
}

/** Random inputs. Of the mask, some rows are all 0, and there are gaps; of the scale, some numbers are 0. */
export function recurrentInputs(
  { rows, frames, dims, units }: Shape,
  gates: number,
  seed: number,
  withMask: boolean,
  withScale: boolean,
): RecurrentInputs {
  const chosen = (shape: number[], from: number, off: number): NdArray => {
    const draw = randomArray(shape, from);
    return { shape, data: draw.data.map((v) => (v < off ? 0 : 1)) };
  };
  const mask = chosen([rows, frames], seed + 4, -0.3);
  if (seed % 3 === 0) mask.data.fill(0, 0, frames);
  const scale = chosen([rows, units], seed + 5, -0.5);
  scale.data.forEach((v, i) => {
    scale.data[i] = v * 1.5;
  });
  return {
    x: randomArray([rows, frames, dims], seed),
    kernel: randomArray([dims, gates * units], seed + 1, 0.7),
    recurrent: randomArray([units, gates * units], seed + 2, Math.min(0.7, 1.4 / Math.sqrt(units))),
    bias: randomArray([gates * units], seed + 3, 0.5),
    ...(withMask && { mask }),
    ...(withScale && { stateScale: scale }),
  };
}

/** Runs a kernel; its first output. */
export function runRecurrent(name: string, inputs: tf.NamedTensorMap, options: RecurrentOptions): tf.Tensor {
  const outputs = tf.engine().runKernel(name, inputs, options as unknown as tf.NamedAttrMap);
  return (outputs as unknown as tf.Tensor[])[0]!;
}

const tensorsOf = (inputs: RecurrentInputs): tf.NamedTensorMap =>
  Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, tensorOf(value as NdArray)]));

/** y, and the gradients of x, kernel, recurrent and bias for a given dy, from the backend. */
function fromBackend(
  name: string,
  inputs: RecurrentInputs,
  options: RecurrentOptions,
  dy: NdArray,
): (Float32Array | Int32Array | Uint8Array)[] {
  return tf.tidy(() => {
    const tensors = tensorsOf(inputs);
    const run = (...learnt: tf.Tensor[]): tf.Tensor =>
      runRecurrent(name, { ...tensors, ...Object.fromEntries(LEARNT.map((key, i) => [key, learnt[i]!])) }, options);
    const { value, grads } = tf.valueAndGrads(run)(
      LEARNT.map((key) => tensors[key]!),
      tensorOf(dy),
    );
    return [value, ...grads].map((t) => t.dataSync());
  });
}

const dot = (a: NdArray, b: NdArray): number => a.data.reduce((sum, v, i) => sum + v * b.data[i]!, 0);

function expectEqual(
  name: string,
  reference: RecurrentReference,
  inputs: RecurrentInputs,
  options: RecurrentOptions,
  gradients = true,
): void {
  const y = reference(inputs, options);
  const dy = randomArray(y.shape, 77);
  const [value, ...grads] = fromBackend(name, inputs, options, dy);
  expect(largestDifference(value!, y.data)).toBeLessThan(1e-5);
  const unrecorded = tf.tidy(() => runRecurrent(name, tensorsOf(inputs), options).dataSync());
  expect(unrecorded, 'without a gradient').toEqual(value);
  if (!gradients) return;
  LEARNT.forEach((key, i) => {
    const expected = numericGradient((moved) => dot(reference({ ...inputs, [key]: moved }, options), dy), inputs[key]);
    expect(largestDifference(grads[i]!, expected), key).toBeLessThan(1e-5);
  });
}

/** The tests that every recurrent kernel has to pass. */
export function describeRecurrent(name: string, gates: number, reference: RecurrentReference): void {
  describe(`${name} on wasm`, () => {
    useWasm();
    const plain: RecurrentOptions = { returnSequences: true, reverse: false, hardSigmoid: false };

    it('equals the float64 recurrence and its numeric gradients for any shape and options', () => {
      const options = fc.record({ returnSequences: fc.boolean(), reverse: fc.boolean(), hardSigmoid: fc.boolean() });
      const shape = fc.record({
        rows: fc.integer({ min: 1, max: 6 }),
        frames: fc.integer({ min: 1, max: 6 }),
        dims: fc.integer({ min: 1, max: 5 }),
        units: fc.integer({ min: 1, max: 9 }),
      });
      fc.assert(
        fc.property(
          shape,
          options,
          fc.record({ seed: fc.nat(1e6), mask: fc.boolean(), scale: fc.boolean() }),
          (s, o, { seed, mask, scale }) => {
            expectEqual(name, reference, recurrentInputs(s, gates, seed, mask, scale), o);
          },
        ),
        { numRuns: 60 },
      );
    });

    it('equals it where frames fill more than one block of the products', () => {
      const inputs = recurrentInputs({ rows: 5, frames: 70, dims: 2, units: 3 }, gates, 9, true, true);
      for (const reverse of [false, true]) {
        expectEqual(name, reference, inputs, { ...plain, reverse });
      }
    });

    it('equals it where the weights fill more than one block', () => {
      const inputs = recurrentInputs({ rows: 3, frames: 4, dims: 2, units: 140 }, gates, 10, false, true);
      expectEqual(name, reference, inputs, plain, false);
      const recurrentGradient = fromBackend(name, inputs, plain, randomArray([3, 4, 140], 77))[3]!;
      const y = (moved: NdArray): number =>
        dot(reference({ ...inputs, recurrent: moved }, plain), randomArray([3, 4, 140], 77));
      const moved = { shape: inputs.recurrent.shape, data: inputs.recurrent.data.slice() };
      for (let at = 0; at < moved.data.length; at += 4999) {
        const value = moved.data[at]!;
        moved.data[at] = value + 1e-5;
        const above = y(moved);
        moved.data[at] = value - 1e-5;
        const slope = (above - y(moved)) / 2e-5;
        moved.data[at] = value;
        expect(Math.abs(recurrentGradient[at]! - slope)).toBeLessThan(1e-5 * Math.max(1, Math.abs(slope), 10));
      }
    });

    it('of no clip is empty, and of no frame is the state that clips start with', () => {
      for (const returnSequences of [false, true]) {
        const options = { ...plain, returnSequences };
        for (const [rows, frames] of [
          [0, 3],
          [2, 0],
        ] as const) {
          const inputs = recurrentInputs({ rows, frames, dims: 2, units: 3 }, gates, 1, false, false);
          const y = reference(inputs, options);
          const [value, , dKernel, dRecurrent, dBias] = fromBackend(name, inputs, options, y);
          expect(Array.from(value!)).toEqual(Array.from(y.data));
          for (const gradient of [dKernel, dRecurrent, dBias]) expect(gradient!.every((v) => v === 0)).toBe(true);
        }
      }
    });

    it('names the input whose shape does not fit', () => {
      const good = recurrentInputs({ rows: 2, frames: 3, dims: 4, units: 5 }, gates, 1, true, true);
      for (const key of Object.keys(good) as (keyof RecurrentInputs)[]) {
        const shape = [...good[key]!.shape];
        const bad = { ...tensorsOf(good), [key]: tf.zeros([...shape.slice(0, -1), shape[shape.length - 1]! + 1]) };
        expect(() => runRecurrent(name, bad, plain)).toThrow(new RegExp(`^${name}: \\w+ expected float32 \\[`));
      }
      expect(() => runRecurrent(name, { ...tensorsOf(good), mask: tf.zeros([2, 3], 'bool') }, plain)).toThrow(
        `${name}: mask expected float32 [2, 3], got bool [2, 3]`,
      );
    });

    it('keeps nothing where no gradient can follow', () => {
      const inputs = tensorsOf(recurrentInputs({ rows: 8, frames: 9, dims: 2, units: 5 }, gates, 4, false, false));
      const backend = tf.backend() as unknown as { dataIdMap: { get(id: object): { shape: number[] } } };
      const sizes = (recorded: boolean): number[] => {
        let found: number[] = [];
        const run = (x: tf.Tensor): tf.Tensor => {
          const attrs = { ...plain, returnSequences: false } as unknown as tf.NamedAttrMap;
          const outputs = tf.engine().runKernel(name, { ...inputs, x }, attrs) as unknown as tf.Tensor[];
          found = outputs.slice(1, 4).map(({ dataId }) => tf.util.sizeFromShape(backend.dataIdMap.get(dataId).shape));
          return outputs[0]!;
        };
        tf.tidy(() => (recorded ? tf.grad(run)(inputs.x!) : run(inputs.x!)));
        return found;
      };
      expect(sizes(true)[0]).toBe(8 * 9 * 5);
      expect(sizes(false)).toEqual([0, 0, 0]);
    });

    it('leaves its inputs and what it keeps unchanged, so that the same gradient comes twice', () => {
      const inputs = recurrentInputs({ rows: 3, frames: 5, dims: 4, units: 6 }, gates, 3, true, true);
      const tensors = tensorsOf(inputs);
      const gradient = (): number[] =>
        tf.tidy(() =>
          Array.from(
            tf
              .grad((w) => runRecurrent(name, { ...tensors, recurrent: w }, plain))(tensors.recurrent!)
              .dataSync(),
          ),
        );
      const first = gradient();
      expect(gradient()).toEqual(first);
      for (const [key, value] of Object.entries(inputs) as [string, NdArray][]) {
        expect(Array.from(tensors[key]!.dataSync())).toEqual(Array.from(value.data));
      }
    });

    it('gives back all memory, whichever gradients are asked for', () => {
      const backend = tf.backend() as unknown as {
        numDataIds(): number;
        wasm: { HEAPU8: Uint8Array };
      };
      const inputs = tensorsOf(recurrentInputs({ rows: 16, frames: 20, dims: 8, units: 32 }, gates, 3, true, true));
      const step = (i: number): void => {
        const options = { ...plain, returnSequences: i % 2 === 0 };
        const key = LEARNT[i % LEARNT.length]!;
        tf.tidy(() => {
          runRecurrent(name, inputs, options);
          tf.grad((moved) => runRecurrent(name, { ...inputs, [key]: moved }, options))(inputs[key]!);
        });
      };
      for (let i = 0; i < 8; i++) step(i);
      const before = [tf.memory().numTensors, tf.memory().numBytes, backend.numDataIds(), backend.wasm.HEAPU8.length];
      for (let i = 0; i < 200; i++) step(i);
      expect([tf.memory().numTensors, tf.memory().numBytes, backend.numDataIds(), backend.wasm.HEAPU8.length]).toEqual(
        before,
      );
    });
  });
}
