import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { count, parseOptions } from '../core/options.ts';
import { weightsFileKind, wrongKindError } from './file-kind.ts';
import type { StoredTensor } from './stored-tensor.ts';
import { readTorchFile } from './torch-file.ts';
import { checkXvectorWeights, type XvectorFrameLayer, type XvectorLayer, type XvectorWeights } from './weights.ts';

/** Options of {@link parseSpeechBrainCheckpoint} and {@link parseXvectorSafetensors}. */
export interface SpeechBrainOptions {
  /**
   * Each TDNN layer's dilation, which is not in the file: tdnn_dilations in SpeechBrain's YAML.
   * @default 1, 2, 3, then 1 for layers that see one frame, as SpeechBrain's
   */
  readonly dilations?: readonly number[] | undefined;
}

const optionsSchema = () => z.strictObject({ dilations: z.optional(z.array(count)) });

export function parseSpeechBrainOptions(who: string, options: SpeechBrainOptions): SpeechBrainOptions {
  return parseOptions(who, optionsSchema(), options);
}

const DILATIONS: readonly number[] = [1, 2, 3];
const LEAKY_SLOPE = 0.01;
const NORM_EPSILON = 1e-5;
const MOST_BLOCKS = 64;

/**
 * The network of SpeechBrain's `Xvector` from its `embedding_model.ckpt`, such as that of spkrec-xvect-voxceleb. The widths come from
 * the shapes, and batch norm is folded in float64. Nothing in the file can run anything: the pickle in it is read by a list of what
 * is allowed, and the files in the zip are never inflated. SpeechBrain's random noise on the pooled mean is left out.
 *
 * @throws SerKitError 'bad-format', 'truncated', 'altered', 'unsupported' (named: another function, another network, an older format),
 *   'git-lfs-pointer', 'not-finite', 'empty', 'bad-option'
 *
 * @example
 * const weights = parseSpeechBrainCheckpoint(await readFile('embedding_model.ckpt'));
 * const xvector = createXvector(weights);
 */
export function parseSpeechBrainCheckpoint(bytes: Uint8Array, options: SpeechBrainOptions = {}): XvectorWeights {
  const who = 'parseSpeechBrainCheckpoint';
  const { dilations } = parseSpeechBrainOptions(who, options);
  checkBytes(who, bytes);
  if (weightsFileKind(bytes) !== 'torch') throw wrongKindError(who, bytes, 'torch');
  return speechBrainWeights(who, readTorchFile(who, bytes), dilations);
}

export function checkBytes(who: string, bytes: unknown): void {
  if (!(bytes instanceof Uint8Array)) {
    throw new SerKitError('bad-input', `${who}: bytes expected a Uint8Array, got ${quote(bytes)}`);
  }
}

/** The network of SpeechBrain's state dict. @throws SerKitError 'bad-format', 'unsupported', 'not-finite', 'bad-option' */
export function speechBrainWeights(
  who: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  dilations: readonly number[] | undefined,
): XvectorWeights {
  const blocks = blockCount(who, tensors);
  if (dilations !== undefined && dilations.length !== blocks) {
    throw new SerKitError(
      'bad-option',
      `${who}: dilations expected ${blocks}, one a TDNN layer, got ${quote(dilations)}`,
    );
  }
  const unread = new Map(tensors);
  /** A tensor's numbers; a null in the shape is any size. */
  const take = (key: string, expected: readonly (number | null)[]) => {
    const tensor = unread.get(key);
    if (tensor === undefined) throw new SerKitError('bad-format', `${who}: expected a tensor ${quote(key)}, got none`);
    const { shape } = tensor;
    const fits = shape.length === expected.length && expected.every((size, d) => size === null || size === shape[d]);
    if (!fits || shape.includes(0)) {
      const sizes = expected.map((size) => size ?? 'any').join(', ');
      throw new SerKitError('bad-format', `${who}: ${key} expected shape [${sizes}], got ${quote(shape)}`);
    }
    unread.delete(key);
    const values = tensor.read();
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      throw new SerKitError(
        'not-finite',
        `${who}: ${key} expected finite numbers, got ${values[wrong]} at index ${wrong}`,
      );
    }
    return { shape, values };
  };
  const frameLayers: XvectorFrameLayer[] = [];
  let inputs: number | null = null;
  for (let block = 0; block < blocks; block++) {
    const conv = `blocks.${3 * block}.conv`;
    const weight = take(`${conv}.weight`, [null, inputs, null]);
    const [outputs, wide, taps] = weight.shape as readonly [number, number, number];
    const name = `frame${block + 1}`;
    const offsets = offsetsOf(who, `${conv}.weight`, taps, dilations?.[block] ?? (taps === 1 ? 1 : DILATIONS[block]));
    frameLayers.push({
      name,
      inputs: wide,
      outputs,
      offsets,
      kernel: kernelOf(weight.values, outputs, wide, taps),
      bias: Float32Array.from(take(`${conv}.bias`, [outputs]).values),
      slope: LEAKY_SLOPE,
      norm: foldedNorm(who, `blocks.${3 * block + 2}.norm`, outputs, take),
    });
    unread.delete(`blocks.${3 * block + 2}.norm.num_batches_tracked`);
    inputs = outputs;
  }
  const linear = `blocks.${3 * blocks + 1}.w`;
  const weight = take(`${linear}.weight`, [null, 2 * inputs!]);
  const [outputs, pooled] = weight.shape as readonly [number, number];
  const embedding: XvectorLayer = {
    name: `segment${blocks + 1}`,
    inputs: pooled,
    outputs,
    kernel: kernelOf(weight.values, outputs, pooled, 1),
    bias: Float32Array.from(take(`${linear}.bias`, [outputs]).values),
    slope: null,
    norm: null,
  };
  const [extra] = unread.keys();
  if (extra !== undefined) {
    throw new SerKitError(
      'bad-format',
      `${who}: expected the tensors of ${blocks} TDNN layers and ${linear} alone, got ${quote(extra)} as well`,
    );
  }
  // A mirror image needs more frames than it adds; the unbiased deviation two.
  const leastFrames = Math.max(2, ...frameLayers.map(({ offsets }) => offsets.at(-1)! + 1));
  const weights: XvectorWeights = {
    frontEnd: { kind: 'speechbrain' },
    padding: 'reflect',
    short: 'refuse',
    leastFrames,
    chunkFrames: null,
    frameLayers,
    pooling: { deviation: 'unbiased', added: 1e-5, floor: 0 },
    segmentLayers: [embedding],
    card: { source: 'SpeechBrain Xvector', dilations: frameLayers.map(({ offsets: [a, b] }) => (b ?? a! + 1) - a!) },
  };
  checkXvectorWeights(who, weights);
  return weights;
}

/** True for a state dict that has SpeechBrain's names. */
export function hasSpeechBrainNames(tensors: ReadonlyMap<string, unknown>): boolean {
  return tensors.has('blocks.0.conv.weight');
}

/** How many TDNN layers there are: blocks.0.conv, blocks.3.conv, ... */
function blockCount(who: string, tensors: ReadonlyMap<string, unknown>): number {
  const names = [...tensors.keys()];
  if (!hasSpeechBrainNames(tensors)) {
    const ecapa = names.some((name) => /^(mfa|asp|asp_bn|fc)\./.test(name));
    const others = names.filter((name) => CONV_WEIGHT.test(name));
    if (others.length > 0) throw withoutBlock(who, 0, others);
    const what = ecapa
      ? 'those of an ECAPA-TDNN network'
      : `${names.length} tensors${names.length > 0 ? `: ${names.slice(0, 3).map(quote).join(', ')}` : ''}`;
    throw new SerKitError(
      'unsupported',
      `${who}: expected the tensors of SpeechBrain's Xvector (embedding_model.ckpt), "blocks.0.conv.weight" first, got ${what}`,
    );
  }
  const convs = names.filter((name) => CONV_WEIGHT.test(name));
  if (convs.length > MOST_BLOCKS) {
    throw new SerKitError(
      'unsupported',
      `${who}: expected at most ${MOST_BLOCKS} TDNN layers at blocks 0, 3, 6, ..., got ${convs.length}: ${convs.slice(0, 8).join(', ')}`,
    );
  }
  const missing = convs.findIndex((_, i) => !tensors.has(`blocks.${3 * i}.conv.weight`));
  if (missing >= 0) throw withoutBlock(who, 3 * missing, convs);
  // A last layer without its kernel still has a bias.
  const bias = `blocks.${3 * convs.length}.conv.bias`;
  if (tensors.has(bias)) throw withoutBlock(who, 3 * convs.length, convs);
  return convs.length;
}

const CONV_WEIGHT = /^blocks\.\d+\.conv\.weight$/;

/** TDNN layers lie at blocks 0, 3, 6, ...: which of them has no kernel. */
function withoutBlock(who: string, block: number, convs: readonly string[]): SerKitError {
  const weight = quote(`blocks.${block}.conv.weight`);
  const got = `${convs.slice(0, 8).join(', ')}${convs.length > 8 ? ', ...' : ''}`;
  return new SerKitError(
    'unsupported',
    `${who}: expected TDNN layers at blocks 0, 3, 6, ... without a gap, ${weight} among them, got no such tensor beside ${got}`,
  );
}

/** As many frames before as after. */
function offsetsOf(who: string, key: string, taps: number, dilation: number | undefined): number[] {
  if (dilation === undefined) {
    throw new SerKitError(
      'bad-option',
      `${who}: ${key} sees ${taps} frames, and how far apart is not in the file: dilations expected one number a TDNN layer (tdnn_dilations in SpeechBrain's YAML), got none`,
    );
  }
  const reach = ((taps - 1) * dilation) / 2;
  if (!Number.isInteger(reach) || reach > 10_000) {
    throw new SerKitError(
      'unsupported',
      `${who}: ${key} expected as many frames before as after, and at most 10000, got ${taps} frames ${dilation} apart`,
    );
  }
  return Array.from({ length: taps }, (_, tap) => tap * dilation - reach);
}

/** [outputs, inputs, taps] -> [taps, inputs, outputs]. */
function kernelOf(values: ArrayLike<number>, outputs: number, inputs: number, taps: number): Float32Array {
  const kernel = new Float32Array(values.length);
  let at = 0;
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      for (let tap = 0; tap < taps; tap++) kernel[(tap * inputs + input) * outputs + output] = values[at++]!;
    }
  }
  return kernel;
}

/** weight * (x - mean) / sqrt(variance + 1e-5) + bias as x * scale + shift. */
function foldedNorm(
  who: string,
  norm: string,
  outputs: number,
  take: (key: string, shape: readonly number[]) => { readonly values: ArrayLike<number> },
): NonNullable<XvectorLayer['norm']> {
  const [weight, bias, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map(
    (name) => take(`${norm}.${name}`, [outputs]).values,
  ) as [ArrayLike<number>, ArrayLike<number>, ArrayLike<number>, ArrayLike<number>];
  const scale = new Float32Array(outputs);
  const shift = new Float32Array(outputs);
  for (let i = 0; i < outputs; i++) {
    if (variance[i]! < 0) {
      throw new SerKitError(
        'bad-format',
        `${who}: ${norm}.running_var expected >= 0, got ${variance[i]} at index ${i}`,
      );
    }
    const exact = weight[i]! / Math.sqrt(variance[i]! + NORM_EPSILON);
    scale[i] = exact;
    shift[i] = bias[i]! - mean[i]! * exact;
  }
  return { scale, shift };
}
