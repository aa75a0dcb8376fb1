import { quote, SerKitError } from '../core/errors.ts';

/** What a node is computed from: another node, or a function of such, as `Append(Offset(input, -2), input)`. */
export type KaldiDescriptor =
  | { readonly node: string }
  | { readonly function: string; readonly inputs: readonly KaldiDescriptor[]; readonly numbers: readonly number[] };

/** How often functions may be inside each other. */
const DEEPEST = 20;

/** Of each function, how many of its arguments are nodes or functions; the others are numbers. */
const NODE_ARGUMENTS: Readonly<Record<string, number>> = {
  Append: Number.POSITIVE_INFINITY,
  Sum: Number.POSITIVE_INFINITY,
  Failover: 2,
  Switch: Number.POSITIVE_INFINITY,
  IfDefined: 1,
  Offset: 1,
  Round: 1,
};

/**
 * Reads a descriptor of an nnet3 config line.
 *
 * @throws SerKitError 'unsupported' for a function that is none of the table's, 'bad-format' quoting the text
 */
export function parseDescriptor(who: string, text: string): KaldiDescriptor {
  const tokens = text.match(/[(),]|[^\s(),]+/g) ?? [];
  let at = 0;
  const refuse = (expected: string): never => {
    throw new SerKitError('bad-format', `${who}: input= expected ${expected}, got ${quote(text)}`);
  };
  const parse = (depth: number): KaldiDescriptor => {
    const name = tokens[at++];
    if (name === undefined || /^[(),]$/.test(name)) return refuse('a node or a function');
    if (tokens[at] !== '(') return { node: name };
    if (!Object.hasOwn(NODE_ARGUMENTS, name)) {
      throw new SerKitError(
        'unsupported',
        `${who}: input= expected functions among ${Object.keys(NODE_ARGUMENTS).join(', ')}, got ${quote(text)}`,
      );
    }
    if (depth > DEEPEST) refuse(`at most ${DEEPEST} functions inside each other`);
    const inputs: KaldiDescriptor[] = [];
    const numbers: number[] = [];
    do {
      at++;
      if (inputs.length < NODE_ARGUMENTS[name]!) inputs.push(parse(depth + 1));
      else {
        const number = tokens[at++] ?? '';
        if (!/^-?\d{1,9}$/.test(number)) refuse('whole numbers');
        numbers.push(Number(number));
      }
    } while (tokens[at] === ',');
    if (tokens[at++] !== ')') refuse('a closing bracket');
    return { function: name, inputs, numbers };
  };
  const descriptor = parse(0);
  return at === tokens.length ? descriptor : refuse('one descriptor');
}

/** The nodes that it names. */
export function nodesIn(descriptor: KaldiDescriptor): readonly string[] {
  return 'node' in descriptor ? [descriptor.node] : descriptor.inputs.flatMap(nodesIn);
}

/** One node at frame offsets, in the order in which they are joined. */
export interface KaldiTaps {
  readonly node: string;
  readonly offsets: readonly number[];
  /** Whether the frame number is rounded: what is asked for at frame 0 stays there. */
  readonly rounded: boolean;
}

/**
 * The descriptor as frames of one node.
 *
 * @throws SerKitError 'unsupported' where it joins several nodes, or does anything but Append, Offset and Round
 */
export function tapsOf(who: string, name: string, descriptor: KaldiDescriptor): KaldiTaps {
  const refuse = (expected: string, got: string): never => {
    throw new SerKitError('unsupported', `${who}: node ${name}: input expected ${expected}, got ${quote(got)}`);
  };
  const walk = (part: KaldiDescriptor): KaldiTaps => {
    if ('node' in part) return { node: part.node, offsets: [0], rounded: false };
    const { inputs, numbers } = part;
    const taps = inputs.map(walk);
    const [first] = taps as [KaldiTaps];
    if (part.function === 'Append') {
      const other = taps.find(({ node }) => node !== first.node);
      if (other !== undefined) refuse('frames of one node', `${first.node} and ${other.node}`);
      if (taps.some(({ rounded }) => rounded) && taps.length > 1) refuse('Append of Offset', 'Append of Round');
      return { ...first, offsets: taps.flatMap(({ offsets }) => offsets) };
    }
    if (part.function === 'Offset' && (numbers.length === 1 || (numbers.length === 2 && numbers[1] === 0))) {
      if (first.rounded) refuse('Round outside', 'Offset of Round');
      return { ...first, offsets: first.offsets.map((offset) => offset + numbers[0]!) };
    }
    if (part.function === 'Round' && numbers.length === 1 && numbers[0]! > 0) return { ...first, rounded: true };
    return refuse('Append, Offset by frames, or Round', `${part.function} with ${numbers.join(', ') || 'no number'}`);
  };
  return walk(descriptor);
}
