import { quote, SerKitError } from '../core/errors.ts';
import type { KaldiReader } from './kaldi-binary.ts';
import { type KaldiDescriptor, nodesIn, parseDescriptor } from './kaldi-descriptor.ts';

/** A node of an nnet3 graph, in the words of its config line. */
export interface KaldiNode {
  readonly kind: 'input-node' | 'component-node' | 'dim-range-node' | 'output-node';
  readonly name: string;
  /** What it is computed from; null for an input. */
  readonly input: KaldiDescriptor | null;
  /** Of a component-node. */
  readonly component: string;
  /** Of an input-node and a dim-range-node. */
  readonly dim: number;
}

const LONGEST_LINE = 100_000;
const MOST_LINES = 10_000;
/** All lines together. */
const MOST_CHARACTERS = 2_000_000;

/** Keys and values of a line: a value ends where the next key begins, since descriptors contain spaces. */
function valuesOf(line: string): Map<string, string> {
  const values = new Map<string, string>();
  const parts = line.split(/(?:^|\s)([A-Za-z][\w-]*)=/);
  for (let i = 1; i + 1 < parts.length; i += 2) values.set(parts[i]!, parts[i + 1]!.trim());
  return values;
}

/**
 * The config lines of a network, up to the empty line: its nodes by name.
 *
 * @throws SerKitError 'bad-format', 'unsupported' quoting the line; 'truncated'
 */
export function readKaldiNodes(who: string, reader: KaldiReader): ReadonlyMap<string, KaldiNode> {
  const nodes = new Map<string, KaldiNode>();
  const refuse = (expected: string, got: string): never => {
    throw new SerKitError('bad-format', `${who}: config line expected ${expected}, got ${quote(got)}`);
  };
  const rest = reader.line('the line of <Nnet3>', LONGEST_LINE);
  if (rest.trim() !== '') refuse('to begin on a new line', rest);
  let characters = 0;
  for (;;) {
    const line = reader.line('config lines', LONGEST_LINE);
    if (line === '') break;
    characters += line.length;
    if (nodes.size >= MOST_LINES || characters > MOST_CHARACTERS) {
      refuse(`at most ${MOST_LINES} lines of ${MOST_CHARACTERS} characters together`, line);
    }
    const kind = /^\S+/.exec(line)?.[0] ?? '';
    const values = valuesOf(line.slice(kind.length));
    const value = (key: string): string => values.get(key) || refuse(`${key}=`, line);
    const name = value('name');
    if (nodes.has(name)) refuse('each name once', line);
    const node = { name, input: null, component: '', dim: 0 };
    if (kind === 'input-node') nodes.set(name, { ...node, kind, dim: dimOf(value('dim')) });
    else if (kind === 'output-node') nodes.set(name, { ...node, kind, input: parseDescriptor(who, value('input')) });
    else if (kind === 'dim-range-node') {
      nodes.set(name, { ...node, kind, input: { node: value('input-node') }, dim: dimOf(value('dim')) });
    } else if (kind === 'component-node') {
      const component = value('component');
      nodes.set(name, { ...node, kind, component, input: parseDescriptor(who, value('input')) });
    } else refuse('input-node, component-node, dim-range-node or output-node', line);
  }
  for (const node of nodes.values()) {
    for (const source of node.input === null ? [] : nodesIn(node.input)) {
      if (!nodes.has(source)) refuse(`${node.name} to have a node of the network as its input`, source);
    }
  }
  return nodes;

  function dimOf(text: string): number {
    const dim = /^\d+$/.test(text) ? Number(text) : 0;
    return dim >= 1 && dim <= 1_000_000 ? dim : refuse('dim of 1 to 1,000,000', text);
  }
}
