import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createXvector, parseKaldiNnet3, type XvectorWeights } from '../../src/xvector/index.ts';
import { errorOf } from '../support/error-of.ts';
import { useWasm } from '../support/wasm.ts';
import { testFrames, testSound } from './kaldi-formulas.ts';
import { component, kaldi, type ModelOptions, network, type Part, writeModel } from './kaldi-writer.ts';

interface Fixture {
  readonly models: Readonly<Record<string, ModelOptions>>;
  readonly features: readonly { model: string; node: string; frames: number; embedding: string }[];
  readonly frames: readonly { seed: number; seconds: number; dims: number; loudness: number }[];
  readonly waveforms: readonly { model: string; node: string; sound: number; embedding: string }[];
}

const fixture = JSON.parse(readFileSync(new URL('fixtures/kaldi.json', import.meta.url), 'utf8')) as Fixture;
const file = (name: string): Uint8Array => readFileSync(new URL(`fixtures/kaldi-${name}.raw`, import.meta.url));

/** The committed files; the full-width one is written here from its formula. */
const written = new Map<string, Uint8Array>();
function bytesOf(model: string): Uint8Array {
  if (model !== 'full') return file(model);
  if (!written.has(model)) written.set(model, writeModel(fixture.models[model]!));
  return written.get(model)!;
}

/** Parsed once each: the full-width one takes a while. */
const parsed = new Map<string, XvectorWeights>();
function weightsOf(model: string, embeddingNode: string): XvectorWeights {
  const key = `${model} ${embeddingNode}`;
  if (!parsed.has(key)) parsed.set(key, parseKaldiNnet3(bytesOf(model), { embeddingNode }));
  return parsed.get(key)!;
}

function unpack(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** The largest difference, as a share of the largest expected value. */
function difference(got: Float32Array, expected: Float32Array): number {
  expect(got.length).toBe(expected.length);
  let [most, largest] = [0, 0];
  for (const [i, value] of expected.entries()) {
    most = Math.max(most, Math.abs(got[i]! - value));
    largest = Math.max(largest, Math.abs(value));
  }
  return most / largest;
}

describe("raw nnet3 files against a NumPy forward pass from Kaldi's definitions", () => {
  useWasm();
  const found = { features: 0, waveforms: 0 };

  it.each(fixture.features.map((c) => [c.model, c.node, c.frames, c] as const))(
    '%s, %s: the embedding of %i frames is within 2e-5 of the largest value',
    async (model, embeddingNode, frames, c) => {
      const xvector = createXvector(weightsOf(model, embeddingNode));
      const dims = fixture.models[model]!.inputs;
      const got = await xvector.embed({ data: testFrames(frames, dims), frames, dims });
      xvector.dispose();
      const far = difference(got, unpack(c.embedding));
      found.features = Math.max(found.features, far);
      expect(far).toBeLessThan(2e-5);
    },
  );

  it.each(fixture.waveforms.map((c) => [c.model, c.node, fixture.frames[c.sound]!.seconds, c] as const))(
    '%s, %s: the embedding of %f s of sound is within 2e-3 of the largest value',
    async (model, embeddingNode, _, c) => {
      const { seed, seconds, loudness } = fixture.frames[c.sound]!;
      const xvector = createXvector(weightsOf(model, embeddingNode));
      const got = await xvector.extract({ samples: testSound(seed, seconds, loudness), sampleRate: 16000 });
      xvector.dispose();
      const far = difference(got, unpack(c.embedding));
      found.waveforms = Math.max(found.waveforms, far);
      expect(far).toBeLessThan(2e-3);
    },
  );

  it('prints the largest differences found', () => {
    console.log(`Kaldi x-vectors, largest difference as a share of the largest value: ${JSON.stringify(found)}`);
    expect(found.features * found.waveforms).toBeGreaterThan(0);
  });

  it('on the cpu backend too', async () => {
    await tf.setBackend('cpu');
    const c = fixture.features.find(({ model, frames }) => model === 'tdnn' && frames === 60)!;
    const xvector = createXvector(parseKaldiNnet3(bytesOf('tdnn'), { embeddingNode: c.node }));
    const got = await xvector.embed({ data: testFrames(60, 30), frames: 60, dims: 30 });
    xvector.dispose();
    await tf.setBackend('wasm');
    expect(difference(got, unpack(c.embedding))).toBeLessThan(2e-5);
  });
});

describe('parseKaldiNnet3()', () => {
  const narrow = file('narrow7');

  it('gives the layers of the recipe, affine, rectifier and batch norm together', () => {
    const weights = parseKaldiNnet3(narrow);
    expect(weights.frameLayers.map(({ name, inputs, outputs, offsets }) => [name, inputs, outputs, offsets])).toEqual([
      ['tdnn1.affine', 30, 16, [-2, -1, 0, 1, 2]],
      ['tdnn2.affine', 16, 16, [-2, 0, 2]],
      ['tdnn3.affine', 16, 16, [-3, 0, 3]],
      ['tdnn4.affine', 16, 16, [0]],
      ['tdnn5.affine', 16, 32, [0]],
    ]);
    expect(weights.segmentLayers.map(({ name, slope, norm }) => [name, slope, norm])).toEqual([
      ['tdnn6.affine', null, null],
    ]);
    const { padding, short, leastFrames, chunkFrames, pooling } = weights;
    expect([padding, short, leastFrames, chunkFrames]).toEqual(['valid', 'repeat', 25, 10000]);
    expect(pooling).toEqual({ deviation: 'biased', added: 0, floor: Math.fround(1e-10) });
  });

  it('takes segment6 unless another affine node after the pooling is named, and lists those for a name that is none', () => {
    expect(parseKaldiNnet3(narrow).card?.embeddingNode).toBe('tdnn6.affine');
    const { segmentLayers } = parseKaldiNnet3(narrow, { embeddingNode: 'tdnn7.affine' });
    expect(segmentLayers.map(({ name, slope }) => [name, slope])).toEqual([
      ['tdnn6.affine', 0],
      ['tdnn7.affine', null],
    ]);
    for (const embeddingNode of ['tdnn5.affine', 'tdnn6.relu', 'segment6', 'output']) {
      expect(errorOf(() => parseKaldiNnet3(narrow, { embeddingNode }))).toEqual({
        code: 'bad-option',
        message: `parseKaldiNnet3: embeddingNode expected an affine node after the pooling (tdnn6.affine, tdnn7.affine, output.affine), got "${embeddingNode}"`,
      });
    }
  });

  it('writes of the test and of Python are the same bytes', () => {
    expect(Buffer.compare(Buffer.from(writeModel(fixture.models.narrow7!)), Buffer.from(narrow))).toBe(0);
  });

  it('takes the statistics of training whatever TestMode says, and repeats them where BlockDim is below Dim', () => {
    const options = { ...fixture.models.narrow7!, segment7: null };
    const trained = parseKaldiNnet3(writeModel({ ...options, testMode: true }));
    expect(parseKaldiNnet3(writeModel({ ...options, testMode: false }))).toEqual(trained);
    const { scale } = parseKaldiNnet3(writeModel({ ...options, blocks: 2 })).frameLayers[0]!.norm!;
    expect(scale.slice(0, 8)).toEqual(scale.slice(8));
    expect(scale[0]).not.toBe(scale[1]);
  });

  it('has the features of voxceleb/v2, or those that are named', () => {
    const of = (options: Parameters<typeof parseKaldiNnet3>[1]) => parseKaldiNnet3(file('narrow6'), options).frontEnd;
    const v2 = { kind: 'kaldi', sampleRate: 16000, nMels: 30, fMin: 20, fMax: 7600, cmnWindow: 300, vad: true };
    expect(of({})).toEqual(v2);
    const telephone = { sampleRate: 8000, nMels: 24, fMax: 3700, vad: undefined };
    expect(of({ frontEnd: telephone })).toEqual({ ...v2, sampleRate: 8000, nMels: 24, fMax: 3700 });
    expect(errorOf(() => of({ frontEnd: { bands: 3 } as never })).code).toBe('bad-option');
    for (const frontEnd of [{ fMax: 9000 }, { fMin: 7700 }, { nMels: 2 }, { sampleRate: 500, fMax: 200 }]) {
      const { code, message } = errorOf(() => of({ frontEnd }));
      expect(code).toBe('bad-option');
      expect(message).toMatch(/^parseKaldiNnet3: frontEnd:? .*expected/);
    }
    expect(errorOf(() => of({ node: 'x' } as never)).code).toBe('bad-option');
  });

  it('reads bytes that lie anywhere in their buffer', () => {
    const shifted = new Uint8Array(narrow.length + 3).subarray(3);
    shifted.set(narrow);
    expect(parseKaldiNnet3(shifted)).toEqual(parseKaldiNnet3(narrow));
  });
});

const AFFINE = (rows: number, cols: number): Record<string, Part | Part[]> => ({
  LearningRate: kaldi.real(0.001),
  LinearParams: kaldi.matrix(
    Float32Array.from({ length: rows * cols }, (_, i) => i + 1),
    rows,
  ),
  BiasParams: kaldi.vector(new Float32Array(rows)),
});

const NORM = (dim: number, variance = 3): Record<string, Part | Part[]> => ({
  Dim: kaldi.integer(dim),
  BlockDim: kaldi.integer(dim),
  Epsilon: kaldi.real(1),
  TargetRms: kaldi.real(1),
  TestMode: kaldi.boolean(true),
  Count: kaldi.real(7),
  StatsMean: kaldi.vector(new Float32Array(dim).fill(1)),
  StatsVar: kaldi.vector(new Float32Array(dim).fill(variance)),
});

/** input (2) -> `chain` of nodes a, b, ... -> pooling over `dims` -> end (1). */
function chained(
  dims: number,
  chain: readonly (readonly [string, string, Record<string, Part | Part[]>])[],
): Uint8Array {
  const lines = ['input-node name=input dim=2'];
  const parts: Part[][] = [];
  const add = (name: string, input: string, type: string, fields: Record<string, Part | Part[]>): void => {
    lines.push(`component-node name=${name} component=${name} input=${input}`);
    parts.push(component(name, type, fields));
  };
  for (const [i, [input, type, fields]] of chain.entries()) add('abcdef'[i]!, input, type, fields);
  add('stats', 'abcdef'[chain.length - 1]!, 'StatisticsExtractionComponent', {
    InputDim: kaldi.integer(dims),
    InputPeriod: kaldi.integer(1),
    OutputPeriod: kaldi.integer(1),
    IncludeVarinance: kaldi.boolean(true),
  });
  add('pool', 'stats', 'StatisticsPoolingComponent', {
    InputDim: kaldi.integer(2 * dims + 1),
    InputPeriod: kaldi.integer(1),
    LeftContext: kaldi.integer(0),
    RightContext: kaldi.integer(10000),
    NumLogCountFeatures: kaldi.integer(0),
    OutputStddevs: kaldi.boolean(true),
    VarianceFloor: kaldi.real(1e-10),
  });
  add('end', 'Round(pool, 1)', 'AffineComponent', AFFINE(1, 2 * dims));
  lines.push('output-node name=output input=end');
  return network(lines, parts);
}

describe('parseKaldiNnet3() of other chains', () => {
  it('joins frames in the order of Append, and sorts their weights by frame', () => {
    const [layer] = parseKaldiNnet3(
      chained(1, [
        [
          'Append(Offset(input, 1), input)',
          'FixedAffineComponent',
          { LinearParams: AFFINE(1, 4).LinearParams!, BiasParams: AFFINE(1, 4).BiasParams! },
        ],
      ]),
    ).frameLayers;
    expect([layer!.offsets, [...layer!.kernel]]).toEqual([
      [0, 1],
      [3, 4, 1, 2],
    ]);
  });

  it('takes a linear component, one that does nothing at extraction, and batch norm before the rectifier', () => {
    const weights = parseKaldiNnet3(
      chained(1, [
        [
          'input',
          'LinearComponent',
          { Params: kaldi.matrix(Float32Array.of(1, 2), 1), UseNaturalGradient: kaldi.boolean(true) },
        ],
        ['a', 'AffineComponent', AFFINE(1, 1)],
        ['b', 'BatchNormComponent', NORM(1)],
        ['c', 'RectifiedLinearComponent', { Dim: kaldi.integer(1) }],
        [
          'd',
          'DropoutComponent',
          { Dim: kaldi.integer(1), DropoutProportion: kaldi.real(0.5), TestMode: kaldi.boolean(false) },
        ],
      ]),
    );
    expect(weights.frameLayers.map(({ kernel, bias, slope, norm }) => [[...kernel], [...bias], slope, norm])).toEqual([
      [[1, 2], [0], null, null],
      // (x - 1) / sqrt(3 + 1), and then the rectifier.
      [[0.5], [-0.5], 0, null],
    ]);
  });

  it.each([
    [
      'offsets that are not even',
      [['Append(Offset(input, -2), Offset(input, -1), input, Offset(input, 3))', 'AffineComponent', AFFINE(1, 8)]],
      /node a expected offsets that are evenly spaced/,
    ],
    ['a frame twice', [['Append(input, input)', 'AffineComponent', AFFINE(1, 4)]], /evenly spaced, each once/],
    [
      'widths that do not fit',
      [['input', 'AffineComponent', AFFINE(1, 3)]],
      /component a: columns expected 1 x 2 of the inputs, got 3/,
    ],
    [
      'batch norm of untrained statistics',
      [
        ['input', 'AffineComponent', AFFINE(1, 2)],
        ['a', 'BatchNormComponent', { ...NORM(1), Count: kaldi.real(0) }],
      ],
      /component b: Count expected > 0/,
    ],
    [
      'two rectifiers',
      [
        ['input', 'AffineComponent', AFFINE(1, 2)],
        ['a', 'RectifiedLinearComponent', { Dim: kaldi.integer(1) }],
        ['b', 'RectifiedLinearComponent', { Dim: kaldi.integer(1) }],
      ],
      /node c expected an affine component before it/,
    ],
    [
      'another nonlinearity',
      [
        ['input', 'AffineComponent', AFFINE(1, 2)],
        ['a', 'TanhComponent', { Dim: kaldi.integer(1) }],
      ],
      /node b expected a component of the x-vector recipes, got "TanhComponent"/,
    ],
    [
      'two nodes joined',
      [
        ['input', 'AffineComponent', AFFINE(1, 2)],
        ['Append(input, a)', 'AffineComponent', AFFINE(1, 3)],
      ],
      /node b: input expected frames of one node, got "input and a"/,
    ],
    [
      'a sum',
      [['Sum(input, input)', 'AffineComponent', AFFINE(1, 2)]],
      /node a: input expected Append, Offset by frames, or Round, got "Sum/,
    ],
    [
      'frames that begin after the pooled ones',
      [
        ['Offset(input, 2)', 'AffineComponent', AFFINE(1, 2)],
        ['Offset(a, -3)', 'AffineComponent', AFFINE(1, 1)],
      ],
      /got none from -1 to -1/,
    ],
    [
      'weights that are not finite',
      [['input', 'AffineComponent', { ...AFFINE(1, 2), BiasParams: kaldi.vector(Float32Array.of(Number.NaN)) }]],
      /a: bias expected finite numbers, got NaN/,
    ],
  ] as const)('refuses %s by name', (_, chain, message) => {
    expect(errorOf(() => parseKaldiNnet3(chained(1, chain as never))).message).toMatch(message);
  });
});
