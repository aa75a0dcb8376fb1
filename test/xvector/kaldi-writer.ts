import { uniform } from './kaldi-formulas.ts';

/** Bytes as Kaldi's binary output has them. */
export const kaldi = {
  token: (text: string): number[] => [...Buffer.from(`${text} `)],
  integer: (value: number): number[] => [4, ...new Uint8Array(Int32Array.of(value).buffer)],
  real: (value: number): number[] => [4, ...new Uint8Array(Float32Array.of(value).buffer)],
  double: (value: number): number[] => [8, ...new Uint8Array(Float64Array.of(value).buffer)],
  boolean: (value: boolean): number[] => [value ? 84 : 70],
  vector: (values: Float32Array): Part[] => [kaldi.token('FV'), kaldi.integer(values.length), values],
  matrix: (values: Float32Array, rows: number): Part[] => [
    kaldi.token('FM'),
    kaldi.integer(rows),
    kaldi.integer(values.length / rows),
    values,
  ],
};

export type Part = readonly number[] | Float32Array;

/** A component from its tag to its closing tag. */
export function component(
  name: string,
  type: string,
  fields: Readonly<Record<string, Part | readonly Part[]>>,
): Part[] {
  const parts: Part[] = [kaldi.token('<ComponentName>'), kaldi.token(name), kaldi.token(`<${type}>`)];
  for (const [field, value] of Object.entries(fields)) {
    parts.push(kaldi.token(`<${field}>`));
    if (value instanceof Float32Array || typeof value[0] === 'number') parts.push(value as Part);
    else parts.push(...(value as readonly Part[]));
  }
  parts.push(kaldi.token(`</${type}>`));
  return parts;
}

/** A raw network of config lines and components. */
export function network(lines: readonly string[], components: readonly (readonly Part[])[]): Uint8Array {
  const parts: Part[] = [
    [0, 66],
    kaldi.token('<Nnet3>'),
    [...Buffer.from(`\n${lines.join('\n')}\n\n`)],
    kaldi.token('<NumComponents>'),
    kaldi.integer(components.length),
    ...components.flat(),
    kaldi.token('</Nnet3>'),
  ];
  return Buffer.concat(
    parts.map((part) =>
      part instanceof Float32Array ? Buffer.from(part.buffer, part.byteOffset, part.byteLength) : Buffer.from(part),
    ),
  );
}

/** What make_kaldi.py's build() takes. */
export interface ModelOptions {
  readonly seed: number;
  readonly inputs: number;
  readonly widths: readonly number[];
  readonly segment7: number | null;
  readonly speakers: number;
  readonly rms: number;
  readonly blocks: number;
  readonly testMode: boolean;
}

/** The network that make_kaldi.py writes for these options (float32, NaturalGradientAffineComponents, Append), byte for byte. */
export function writeModel(o: ModelOptions): Uint8Array {
  let seed = o.seed;
  const lines = [`input-node name=input dim=${o.inputs}`];
  const components: Part[][] = [];
  const numbers = (count: number, scale: number, shift = 0): Float32Array =>
    Float32Array.from(uniform(++seed, count), (x) => x * scale + shift);
  const add = (name: string, type: string, source: string, fields: Parameters<typeof component>[2]): string => {
    lines.push(`component-node name=${name} component=${name} input=${source}`);
    components.push(component(name, type, fields));
    return name;
  };
  const nonlinear = (dim: number, stats: number): Parameters<typeof component>[2] => ({
    Dim: kaldi.integer(dim),
    ValueAvg: kaldi.vector(new Float32Array(stats)),
    DerivAvg: kaldi.vector(new Float32Array(stats)),
    Count: kaldi.double(1000),
    OderivRms: kaldi.vector(new Float32Array(stats)),
    OderivCount: kaldi.double(0),
    NumDimsSelfRepaired: kaldi.double(3),
    NumDimsProcessed: kaldi.double(9),
  });
  const layer = (
    name: string,
    source: string,
    offsets: readonly number[],
    inputs: number,
    outputs: number,
    whole = true,
  ): string => {
    const joined = offsets.length * inputs;
    const taps = offsets.map((t) => (t === 0 ? source : `Offset(${source}, ${t})`)).join(', ');
    const linear = numbers(outputs * joined, 1.7 / Math.sqrt(joined));
    const affine = add(
      `${name}.affine`,
      'NaturalGradientAffineComponent',
      offsets.length > 1 ? `Append(${taps})` : taps,
      {
        MaxChange: kaldi.real(0.75),
        LearningRate: kaldi.real(0.001),
        LinearParams: kaldi.matrix(linear, outputs),
        BiasParams: kaldi.vector(numbers(outputs, 0.3)),
        RankIn: kaldi.integer(20),
        RankOut: kaldi.integer(80),
        UpdatePeriod: kaldi.integer(4),
        NumSamplesHistory: kaldi.real(2000),
        Alpha: kaldi.real(4),
      },
    );
    if (!whole) return affine;
    const relu = add(`${name}.relu`, 'RectifiedLinearComponent', affine, {
      ...nonlinear(outputs, outputs),
      SelfRepairScale: kaldi.real(1e-5),
    });
    const block = outputs / o.blocks;
    return add(`${name}.batchnorm`, 'BatchNormComponent', relu, {
      Dim: kaldi.integer(outputs),
      BlockDim: kaldi.integer(block),
      Epsilon: kaldi.real(0.001),
      TargetRms: kaldi.real(o.rms),
      TestMode: kaldi.boolean(o.testMode),
      Count: kaldi.double(12345),
      StatsMean: kaldi.vector(numbers(block, 0.2, 0.4)),
      StatsVar: kaldi.vector(numbers(block, 0.2, 0.5)),
    });
  };
  const w = o.widths as readonly [number, number, number, number, number, number];
  let last = layer('tdnn1', 'input', [-2, -1, 0, 1, 2], o.inputs, w[0]);
  last = layer('tdnn2', last, [-2, 0, 2], w[0], w[1]);
  last = layer('tdnn3', last, [-3, 0, 3], w[1], w[2]);
  last = layer('tdnn4', last, [0], w[2], w[3]);
  last = layer('tdnn5', last, [0], w[3], w[4]);
  last = add('stats-extraction-0-10000', 'StatisticsExtractionComponent', last, {
    InputDim: kaldi.integer(w[4]),
    InputPeriod: kaldi.integer(1),
    OutputPeriod: kaldi.integer(1),
    IncludeVarinance: kaldi.boolean(true),
  });
  add('stats-pooling-0-10000', 'StatisticsPoolingComponent', last, {
    InputDim: kaldi.integer(2 * w[4] + 1),
    InputPeriod: kaldi.integer(1),
    LeftContext: kaldi.integer(0),
    RightContext: kaldi.integer(10000),
    NumLogCountFeatures: kaldi.integer(0),
    OutputStddevs: kaldi.boolean(true),
    VarianceFloor: kaldi.real(1e-10),
  });
  last = layer('tdnn6', 'Round(stats-pooling-0-10000, 1)', [0], 2 * w[4], w[5], o.segment7 !== null);
  if (o.segment7 !== null) {
    last = layer('tdnn7', last, [0], w[5], o.segment7);
    last = layer('output', last, [0], o.segment7, o.speakers, false);
    last = add('output.log-softmax', 'LogSoftmaxComponent', last, nonlinear(o.speakers, 0));
  }
  lines.push(`output-node name=output input=${last} objective=linear`);
  return network(lines, components);
}
