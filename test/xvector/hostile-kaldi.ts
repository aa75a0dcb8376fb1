import { readFileSync } from 'node:fs';
import { component, kaldi, network, type Part } from './kaldi-writer.ts';

/** A file that has to be refused, with what the message says. */
export interface HostileFile {
  readonly name: string;
  readonly bytes: () => Uint8Array;
  readonly message: RegExp;
}

const whole = (): Buffer => readFileSync(new URL('fixtures/kaldi-narrow7.raw', import.meta.url));

/** The good file with the first `from` after `after` replaced, text of any length. */
function changed(from: string, to: string | readonly number[], after = ''): () => Uint8Array {
  return () => {
    const bytes = whole();
    const at = bytes.indexOf(Buffer.from(from, 'latin1'), after === '' ? 0 : bytes.indexOf(after));
    if (at < 0) throw new Error(`no ${from} in the file`);
    const written = typeof to === 'string' ? Buffer.from(to, 'latin1') : Buffer.from(to);
    return Buffer.concat([bytes.subarray(0, at), written, bytes.subarray(at + from.length)]);
  };
}

/** A field of the good file whose value, of `length` bytes, is replaced: the first one after `after`. */
function field(token: string, length: number, to: readonly number[], after = ''): () => Uint8Array {
  return () => {
    const bytes = whole();
    const at = bytes.indexOf(`<${token}> `, after === '' ? 0 : bytes.indexOf(after)) + token.length + 3;
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(to), bytes.subarray(at + length)]);
  };
}

const cut = (length: number) => (): Uint8Array => whole().subarray(0, length);

const text = (content: string) => (): Uint8Array => Buffer.from(content, 'latin1');

/** Matrix header: FM, rows, cols. */
const header = (letters: string, rows: number, cols: number): number[] => [
  ...kaldi.token(letters),
  ...kaldi.integer(rows),
  ...kaldi.integer(cols),
];

const affine = (name: string, rows: number, cols: number): Part[] =>
  component(name, 'AffineComponent', {
    LinearParams: kaldi.matrix(new Float32Array(rows * cols), rows),
    BiasParams: kaldi.vector(new Float32Array(rows)),
  });

const pooled = (dims: number): Part[][] => [
  component('stats', 'StatisticsExtractionComponent', {
    InputDim: kaldi.integer(dims),
    InputPeriod: kaldi.integer(1),
    OutputPeriod: kaldi.integer(1),
    IncludeVarinance: kaldi.boolean(true),
  }),
  component('pool', 'StatisticsPoolingComponent', {
    InputDim: kaldi.integer(2 * dims + 1),
    InputPeriod: kaldi.integer(1),
    LeftContext: kaldi.integer(0),
    RightContext: kaldi.integer(10000),
    NumLogCountFeatures: kaldi.integer(0),
    OutputStddevs: kaldi.boolean(true),
    VarianceFloor: kaldi.real(1e-10),
  }),
];

const node = (name: string, input: string, of = name): string =>
  `component-node name=${name} component=${of} input=${input}`;

/** One square component as 9,000 layers: a file of kilobytes that would be gigabytes. */
const manyOfOne = (): Uint8Array => {
  const lines = ['input-node name=input dim=100'];
  for (let i = 0; i < 9000; i++) lines.push(node(`n${i}`, i === 0 ? 'input' : `n${i - 1}`, 'square'));
  lines.push(node('stats', 'n8999'), node('pool', 'stats'), node('end', 'pool'));
  return network(lines, [affine('square', 100, 100), ...pooled(100), affine('end', 1, 200)]);
};

const cycle = (): Uint8Array =>
  network(
    [
      'input-node name=input dim=1',
      node('a', 'Offset(b, -1)'),
      node('b', 'a'),
      node('stats', 'b'),
      node('pool', 'stats'),
      node('end', 'pool'),
    ],
    [affine('a', 1, 1), affine('b', 1, 1), ...pooled(1), affine('end', 1, 2)],
  );

/** Kaldi files that are broken or hostile: each is refused by name, within a second and 200 MB. */
export const hostileKaldi: readonly HostileFile[] = [
  { name: 'an empty file', bytes: cut(0), message: /got none/ },
  { name: 'a file cut after its mark', bytes: cut(2), message: /got 2 bytes/ },
  { name: 'a file cut in its config lines', bytes: cut(400), message: /config lines expected a line, got the end/ },
  { name: 'a file cut in a matrix', bytes: cut(5000), message: /got the end of the file after 5000 bytes/ },
  { name: 'a file without its last byte', bytes: () => whole().subarray(0, -1), message: /got the end of the file/ },
  {
    name: 'bytes after the end',
    bytes: () => Buffer.concat([whole(), Buffer.from('more')]),
    message: /to end with <\/Nnet3>, got "4 bytes more"/,
  },
  {
    name: 'a text file',
    bytes: text('<Nnet3> \ninput-node name=input dim=30\n'),
    message: /run nnet3-copy --binary=true/,
  },
  { name: 'an .mdl', bytes: text('\0B<TransitionModel> <Topology> '), message: /run nnet3-am-copy --raw=true/ },
  { name: 'an .mdl in text form', bytes: text('<TransitionModel> \n'), message: /run nnet3-am-copy --raw=true/ },
  {
    name: 'another Kaldi network',
    bytes: text('\0B<Nnet> <AffineTransform> '),
    message: /a binary Kaldi file of "<Nnet> /,
  },
  { name: 'a zip', bytes: text('PK\x03\x04embedding_model/data.pkl'), message: /in Kaldi's binary form, got "PK/ },
  {
    name: 'no line feed for megabytes',
    bytes: () => Buffer.concat([Buffer.from('\0B<Nnet3> \n'), Buffer.alloc(50e6, 97)]),
    message: /a line of at most 100000 characters/,
  },
  {
    name: 'lines without end',
    bytes: () => Buffer.concat([Buffer.from('\0B<Nnet3> \n'), Buffer.from('input-node name=x dim=1\n'.repeat(1e6))]),
    message: /each name once/,
  },
  {
    name: 'a token without end',
    bytes: changed('<NumComponents> ', 'x'.repeat(1e6)),
    message: /<NumComponents> expected a token/,
  },
  {
    name: 'a negative number of components',
    bytes: field('NumComponents', 5, kaldi.integer(-1)),
    message: /<NumComponents> expected 1 to 10000, got -1/,
  },
  {
    name: 'two thousand million components',
    bytes: field('NumComponents', 5, kaldi.integer(2 ** 31 - 1)),
    message: /<NumComponents> expected 1 to 10000/,
  },
  {
    name: 'fewer components than there are',
    bytes: field('NumComponents', 5, kaldi.integer(20)),
    message: /expected <\/Nnet3>, got "<ComponentName>"/,
  },
  {
    name: 'more components than there are',
    bytes: field('NumComponents', 5, kaldi.integer(27)),
    message: /expected <ComponentName>, got "<\/Nnet3>"/,
  },
  {
    name: 'a number of two bytes',
    bytes: field('NumComponents', 5, [2, 5, 0]),
    message: /<NumComponents>: bytes a number expected 4, got 2/,
  },
  {
    name: 'a compressed matrix',
    bytes: field('LinearParams', 13, header('CM', 16, 150)),
    message: /component tdnn1.affine: LinearParams expected a full matrix \(FM or DM\), got "CM", a compressed one/,
  },
  {
    name: 'a compressed matrix of the second kind',
    bytes: field('LinearParams', 13, header('CM2', 16, 150)),
    message: /got "CM2", a compressed one/,
  },
  {
    name: 'a sparse matrix',
    bytes: field('LinearParams', 13, header('SM', 16, 150)),
    message: /got "SM", a sparse one/,
  },
  {
    name: 'a vector in place of a matrix',
    bytes: field('LinearParams', 13, header('FV', 16, 150)),
    message: /expected a matrix \(FM or DM\), got "FV"/,
  },
  {
    name: 'a negative number of rows',
    bytes: field('LinearParams', 13, header('FM', -16, 150)),
    message: /LinearParams: rows expected >= 0, got -16/,
  },
  {
    name: 'more rows than memory',
    bytes: field('LinearParams', 13, header('FM', 2 ** 31 - 1, 2 ** 31 - 1)),
    message: /2147483647 x 2147483647 numbers of 4 bytes, got the end/,
  },
  {
    name: 'as many rows as wanted, of no columns',
    bytes: field('LinearParams', 13 + 4 * 2400, header('FM', 2 ** 31 - 1, 0)),
    message: /component tdnn1.affine: columns expected 5 x 30 of the inputs, got 0/,
  },
  {
    name: 'a negative length',
    bytes: field('BiasParams', 8, [...kaldi.token('FV'), ...kaldi.integer(-1)]),
    message: /BiasParams: length expected >= 0, got -1/,
  },
  {
    name: 'a length beyond the file',
    bytes: field('BiasParams', 8, [...kaldi.token('DV'), ...kaldi.integer(2e9)]),
    message: /1 x 2000000000 numbers of 8 bytes, got the end/,
  },
  {
    name: 'a type that is none',
    bytes: changed('<NaturalGradientAffineComponent>', '<LstmNonlinearityComponent>'),
    message: /component tdnn1.affine: type expected one of .*, got "<LstmNonlinearityComponent>"/,
  },
  {
    name: 'a type of the name of a method',
    bytes: changed('<NaturalGradientAffineComponent>', '<constructor>'),
    message: /type expected one of/,
  },
  {
    name: 'a field that is none',
    bytes: changed('<MaxChange>', '<toString>'),
    message: /component tdnn1.affine expected a field of NaturalGradientAffineComponent, got "<toString>"/,
  },
  {
    name: 'a field twice',
    bytes: changed('<LearningRate>', '<MaxChange>'),
    message: /expected each field once, got "<MaxChange>"/,
  },
  {
    name: 'a field missing',
    bytes: () =>
      network(
        [
          'input-node name=input dim=1',
          node('a', 'input'),
          node('stats', 'a'),
          node('pool', 'stats'),
          node('end', 'pool'),
        ],
        [
          component('a', 'AffineComponent', { LinearParams: kaldi.matrix(new Float32Array(1), 1) }),
          ...pooled(1),
          affine('end', 1, 2),
        ],
      ),
    message: /component a: BiasParams expected to be there, got "none"/,
  },
  {
    name: 'a component of the name of another',
    bytes: changed('<ComponentName> tdnn1.relu', '<ComponentName> tdnn1.affine'),
    message: /component expected each name once, got "tdnn1.affine"/,
  },
  {
    name: 'a flag that is neither',
    bytes: field('TestMode', 1, [88]),
    message: /tdnn1.batchnorm: TestMode expected T or F, got "X"/,
  },
  {
    name: 'a count of 0',
    bytes: field('Count', 9, kaldi.double(0), '<BatchNormComponent>'),
    message: /tdnn1.batchnorm: Count expected > 0/,
  },
  {
    name: 'a BlockDim that is no divisor',
    bytes: field('BlockDim', 5, kaldi.integer(7)),
    message: /BlockDim expected a divisor of Dim = 16, got 7/,
  },
  { name: 'a BlockDim of 0', bytes: field('BlockDim', 5, kaldi.integer(0)), message: /BlockDim expected >= 1, got 0/ },
  {
    name: 'a Dim of two thousand million',
    bytes: field('Dim', 5, kaldi.integer(2 ** 31 - 1), '<BatchNormComponent>'),
    message: /tdnn1.batchnorm: Dim expected 16, got 2147483647/,
  },
  {
    name: 'a deviation that is not finite',
    bytes: field('TargetRms', 5, kaldi.real(Number.NaN)),
    message: /TargetRms expected >= 0, got NaN/,
  },
  {
    name: 'a pooling without deviations',
    bytes: field('OutputStddevs', 1, [70]),
    message: /OutputStddevs T, got false/,
  },
  {
    name: 'a pooling of few frames',
    bytes: field('RightContext', 5, kaldi.integer(9)),
    message: /the pooling expected to reach over at least 25 frames, got 9/,
  },
  {
    name: 'an input of another width',
    bytes: changed('dim=30', 'dim=31'),
    message: /columns expected 5 x 31 of the inputs, got 150/,
  },
  { name: 'an input of no width', bytes: changed('dim=30', 'dim=-1'), message: /dim of 1 to 1,000,000, got "-1"/ },
  {
    name: 'an input that is no node',
    bytes: changed('input=tdnn1.affine', 'input=nowhere'),
    message: /tdnn1.relu to have a node of the network as its input, got "nowhere"/,
  },
  {
    name: 'a component that is not there',
    bytes: changed('component=tdnn1.relu', 'component=nowhere'),
    message: /node tdnn1.relu: component expected one of the file, got "nowhere"/,
  },
  {
    name: 'a descriptor without end',
    bytes: changed('Append(', 'Append('.repeat(10000)),
    message: /at most 20 functions inside each other/,
  },
  {
    name: 'an open bracket',
    bytes: changed('Offset(input, 2))', 'Offset(input, 2)'),
    message: /expected a closing bracket/,
  },
  {
    name: 'an offset that is no number',
    bytes: changed('Offset(input, 2)', 'Offset(input, x)'),
    message: /expected whole numbers/,
  },
  {
    name: 'an offset beyond any recording',
    bytes: changed('Round(stats-pooling-0-10000, 1)', 'Offset(stats-pooling-0-10000, 7)'),
    message: /no frames around it after the pooling/,
  },
  {
    name: 'a function that is none',
    bytes: changed('Round(stats', 'Switch2(stats'),
    message: /input= expected functions among/,
  },
  {
    name: 'a node of no kind',
    bytes: changed('output-node', 'future-node'),
    message: /config line expected input-node, component-node/,
  },
  {
    name: 'a cycle',
    bytes: cycle,
    message: /node a expected a chain without cycles, each component once|node b expected a chain without cycles/,
  },
  {
    name: 'one component as nine thousand layers',
    bytes: manyOfOne,
    message: /a chain without cycles, each component once, got "square"/,
  },
  {
    name: 'no pooling',
    bytes: () => network(['input-node name=input dim=1', node('a', 'input')], [affine('a', 1, 1)]),
    message: /an affine component after a StatisticsPoolingComponent, got "none"/,
  },
];
