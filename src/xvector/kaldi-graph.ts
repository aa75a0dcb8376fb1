import { quote, SerKitError } from '../core/errors.ts';
import type { KaldiComponent } from './kaldi-components.ts';
import type { KaldiNode } from './kaldi-config.ts';
import { nodesIn, tapsOf } from './kaldi-descriptor.ts';

/** A component at its place between the input and the embedding. */
export interface KaldiStep {
  readonly node: string;
  readonly component: KaldiComponent;
  /** The frames of the step before it that it sees, joined in this order. */
  readonly offsets: readonly number[];
  readonly rounded: boolean;
}

/** The way from the input to the embedding. */
export interface KaldiPath {
  readonly inputDims: number;
  readonly embedding: string;
  readonly steps: readonly KaldiStep[];
}

const isAffine = (type: string): boolean => /Affine|^LinearComponent$|^TdnnComponent$/.test(type);

/** The affine nodes after the pooling, in the order of the file. */
function affinesAfterPooling(
  nodes: ReadonlyMap<string, KaldiNode>,
  components: ReadonlyMap<string, KaldiComponent>,
): { readonly all: readonly string[]; readonly first: readonly string[] } {
  const typeOf = (name: string): string => components.get(nodes.get(name)?.component ?? '')?.type ?? '';
  const users = new Map<string, string[]>();
  for (const { name, input } of nodes.values()) {
    for (const source of input === null ? [] : nodesIn(input)) {
      const list = users.get(source);
      if (list === undefined) users.set(source, [name]);
      else list.push(name);
    }
  }
  const pools = [...nodes.keys()].filter((name) => typeOf(name) === 'StatisticsPoolingComponent');
  const after = new Set<string>();
  const waiting = [...pools];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    for (const user of users.get(name) ?? []) {
      if (after.has(user)) continue;
      after.add(user);
      waiting.push(user);
    }
  }
  const fromPool = new Set(pools.flatMap((pool) => users.get(pool) ?? []));
  const all = [...nodes.keys()].filter((name) => after.has(name) && isAffine(typeOf(name)));
  return { all, first: all.filter((name) => fromPool.has(name)) };
}

/**
 * Follows the graph back from the node that gives the embedding.
 *
 * @param wanted  an affine node after the pooling; undefined: the first one after it, which is segment6's
 * @throws SerKitError 'bad-option' for a node that is not there, listing those that are; 'unsupported' naming the node where the
 * graph is no chain from the input
 */
export function pathToEmbedding(
  who: string,
  nodes: ReadonlyMap<string, KaldiNode>,
  components: ReadonlyMap<string, KaldiComponent>,
  wanted: string | undefined,
): KaldiPath {
  const refuse = (what: string, expected: string, got: unknown): never => {
    throw new SerKitError('unsupported', `${who}: ${what} expected ${expected}, got ${quote(got)}`);
  };
  const { all, first } = affinesAfterPooling(nodes, components);
  if (all.length === 0) refuse('the network', 'an affine component after a StatisticsPoolingComponent', 'none');
  const list = all.slice(0, 20).join(', ');
  if (wanted !== undefined && !all.includes(wanted)) {
    throw new SerKitError(
      'bad-option',
      `${who}: embeddingNode expected an affine node after the pooling (${list}), got ${quote(wanted)}`,
    );
  }
  if (wanted === undefined && first.length !== 1) {
    throw new SerKitError(
      'bad-option',
      `${who}: embeddingNode expected to be named, one of ${list}, since ${first.length} affine nodes follow the pooling, got none`,
    );
  }
  const embedding = wanted ?? first[0]!;
  const steps: KaldiStep[] = [];
  const seen = new Set<string>();
  let name = embedding;
  for (;;) {
    const node = nodes.get(name)!;
    if (node.kind === 'input-node') return { inputDims: node.dim, embedding, steps: steps.reverse() };
    if (node.kind !== 'component-node') refuse(`node ${name}`, 'a component-node or the input-node', node.kind);
    const component = components.get(node.component);
    if (component === undefined) return refuse(`node ${name}: component`, 'one of the file', node.component);
    // A component that is met again is a cycle, or one with shared weights.
    if (seen.has(component.name)) refuse(`node ${name}`, 'a chain without cycles, each component once', component.name);
    seen.add(component.name);
    const { node: source, offsets, rounded } = tapsOf(who, name, node.input!);
    steps.push({ node: name, component, offsets, rounded });
    name = source;
  }
}
