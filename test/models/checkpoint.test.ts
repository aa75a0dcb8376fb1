import { describe, expect, it } from 'vitest';
import {
  type CheckpointState,
  decodeCheckpoint,
  describeCheckpoint,
  encodeCheckpoint,
} from '../../src/models/checkpoint.ts';
import { errorOf } from './error-of.ts';

const metrics = { loss: 1.5, accuracy: 0.25, unweightedAverageRecall: 1 / 3 };
const state: CheckpointState = {
  epoch: 2,
  bestEpoch: 1,
  records: [
    { epoch: 1, loss: 1.25, train: metrics, validation: metrics },
    { epoch: 2, loss: 0.1 + 0.2, train: metrics, validation: { ...metrics, loss: 9 } },
  ],
  options: { seed: 1, epochs: 3, classWeights: null, betas: [0.9, 0.999] },
  backend: 'wasm',
  made: { model: 'ab', train: '3 cd', validation: '1 ef' },
  steps: 17,
  drawn: [17, 3],
  plateau: { rate: 0.01, best: 1.5, badEpochs: 1 },
};
const tensors = [
  { name: 'weights', values: Float32Array.of(1, -2, 3.5, 1e-40) },
  { name: 'best', values: new Float32Array(0) },
  { name: 'mean', values: Float32Array.of(Math.PI) },
];
const bytes = encodeCheckpoint(state, tensors);

/** In a Buffer of Node's, as files are read into, which lies somewhere in a pool that others use. */
function inBuffer(content: Uint8Array, offset: number): Buffer {
  const pool = Buffer.alloc(content.length + 32, 0xee);
  pool.set(content, 8 + offset);
  return pool.subarray(8 + offset, 8 + offset + content.length);
}

describe('a checkpoint', () => {
  it('gives back what was put in, from any place in a buffer', () => {
    const buffer = new Uint8Array(bytes.length + 7);
    buffer.set(bytes, 3);
    const places = [buffer.subarray(3, 3 + bytes.length), ...[0, 3, 4].map((offset) => inBuffer(bytes, offset))];
    for (const copy of [bytes, ...places]) {
      const read = decodeCheckpoint('test', copy);
      expect(read.state).toEqual(state);
      expect([...read.tensors]).toEqual(tensors.map(({ name, values }) => [name, values]));
    }
  });

  it('is the same bytes for the same state', () => {
    expect(encodeCheckpoint(state, tensors)).toEqual(bytes);
  });

  it('tells its epoch and its records without the network', () => {
    expect(describeCheckpoint(bytes)).toEqual({
      epoch: 2,
      bestEpoch: 1,
      records: state.records,
      options: state.options,
      backend: 'wasm',
    });
  });

  it('is refused as truncated wherever it is cut', async () => {
    for (let length = 1; length < bytes.length; length++) {
      expect((await errorOf(() => describeCheckpoint(bytes.subarray(0, length)))).code).toBe('truncated');
    }
  });

  it('is refused whichever bit is turned', async () => {
    for (let i = 0; i < bytes.length; i++) {
      const turned = bytes.slice();
      turned[i]! ^= 1 << (i % 8);
      const { code } = await errorOf(() => describeCheckpoint(turned));
      if (i < 8) expect(code).toBe('bad-format');
      else if (i >= 16) expect(code).toBe('altered');
      else expect(['altered', 'truncated', 'newer-version']).toContain(code);
    }
  });

  it('is refused with bytes behind it, and where it is something else', async () => {
    expect((await errorOf(() => describeCheckpoint(Uint8Array.of(...bytes, 0)))).code).toBe('altered');
    expect(await errorOf(() => describeCheckpoint(new TextEncoder().encode('{"epoch": 1}')))).toEqual({
      code: 'bad-format',
      message: 'describeCheckpoint: expected a training checkpoint, got bytes that begin "{\\"epoch\\""',
    });
    expect((await errorOf(() => describeCheckpoint(new Uint8Array(0)))).code).toBe('bad-format');
    const newer = bytes.slice();
    newer[8] = 2;
    expect((await errorOf(() => describeCheckpoint(newer))).message).toBe(
      'describeCheckpoint: expected a checkpoint of version 1, got 2',
    );
  });
});
