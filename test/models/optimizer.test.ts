import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { flatten } from '../../src/models/flat.ts';
import { Adam, clipScale } from '../../src/models/optimizer.ts';
import { useWasm } from '../support/wasm.ts';

interface Run {
  readonly optimizer: 'adam' | 'adamw';
  readonly rate: number;
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
  readonly norms: readonly number[];
  readonly first: readonly number[];
  readonly last: readonly number[];
}

const fixture = JSON.parse(readFileSync(new URL('fixtures/optimizers.json', import.meta.url), 'utf8')) as {
  readonly shapes: readonly number[][];
  readonly start: readonly number[];
  readonly gradients: readonly number[][];
  readonly runs: readonly Run[];
};

function startVariables(): tf.Variable[] {
  let at = 0;
  return fixture.shapes.map((shape) => {
    const size = tf.util.sizeFromShape(shape);
    const values = fixture.start.slice(at, at + size);
    at += size;
    return tf.tidy(() => tf.variable(tf.tensor(values, shape)));
  });
}

function adamOf(variables: readonly tf.Variable[], run: Run): Adam {
  const { betas, epsilon, weightDecay, optimizer } = run;
  return new Adam(variables, { betas, epsilon, weightDecay, decoupled: optimizer === 'adamw' });
}

function stepWith(adam: Adam, run: Run, step: number): void {
  const gradient = tf.tensor1d([...fixture.gradients[step]!]);
  const norm = Math.hypot(...fixture.gradients[step]!);
  adam.step(gradient, run.rate, clipScale(norm, run.clipNorm));
  gradient.dispose();
}

const valuesOf = (variables: readonly tf.Variable[]): Float32Array =>
  tf.tidy(() => flatten(variables).dataSync() as Float32Array);

function expectClose(got: ArrayLike<number>, expected: readonly number[]): void {
  const worst = Math.max(...expected.map((value, i) => Math.abs(value - got[i]!) / Math.max(1, Math.abs(value))));
  expect(worst).toBeLessThan(2e-6);
}

describe('Adam', () => {
  useWasm();

  it.each(fixture.runs)("makes PyTorch's ten steps of $optimizer with a decay of $weightDecay", (run) => {
    const variables = startVariables();
    const adam = adamOf(variables, run);
    for (let step = 0; step < 10; step++) {
      stepWith(adam, run, step);
      if (step === 0) expectClose(valuesOf(variables), run.first);
    }
    expectClose(valuesOf(variables), run.last);
    // A neutral run would hide a wrong one.
    const moved = Math.max(...run.last.map((value, i) => Math.abs(value - fixture.start[i]!)));
    expect(moved).toBeGreaterThan(0.02);
    adam.dispose();
    tf.dispose(variables);
  });

  it('shortens gradients as clip_grad_norm_ does, and lets short ones be', () => {
    const [, , , clipped] = fixture.runs;
    expect(Math.hypot(...fixture.gradients[1]!)).toBeCloseTo(clipped!.norms[1]!, 5);
    expect(clipped!.norms.some((norm) => norm > 5)).toBe(true);
    expect(clipScale(6, 5)).toBeCloseTo(5 / 6, 6);
    expect(clipScale(4, 5)).toBe(1);
    expect(clipScale(0, 5)).toBe(1);
  });

  it('goes on from its state with the same bits', async () => {
    const run = fixture.runs[1]!;
    const variables = startVariables();
    const adam = adamOf(variables, run);
    for (let step = 0; step < 4; step++) stepWith(adam, run, step);
    const { mean, meanSquare } = await adam.state();
    const others = variables.map((variable) => tf.variable(variable.clone()));
    const other = adamOf(others, run);
    other.restore(adam.steps, mean, meanSquare);
    for (let step = 4; step < 10; step++) {
      stepWith(adam, run, step);
      stepWith(other, run, step);
    }
    expect(valuesOf(others)).toEqual(valuesOf(variables));
  });

  it('keeps two vectors and a mask, and gives them back', () => {
    const variables = startVariables();
    const before = tf.memory().numTensors;
    const adam = adamOf(variables, fixture.runs[3]!);
    for (let step = 0; step < 3; step++) stepWith(adam, fixture.runs[3]!, step);
    expect(tf.memory().numTensors).toBe(before + 3);
    adam.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
