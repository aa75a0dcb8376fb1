import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { count, nonNegative, parseOptions, positive } from '../core/options.ts';
import { KaldiReader } from './kaldi-binary.ts';
import { type KaldiComponent, readKaldiComponent } from './kaldi-components.ts';
import { readKaldiNodes } from './kaldi-config.ts';
import { pathToEmbedding } from './kaldi-graph.ts';
import { kaldiLayers } from './kaldi-layers.ts';
import { checkFrontEnd } from './network-json.ts';
import { checkXvectorWeights, type XvectorFrontEnd, type XvectorWeights } from './weights.ts';

/** What a Kaldi network sees of a recording. */
export type KaldiFrontEnd = Extract<XvectorFrontEnd, { kind: 'kaldi' }>;

/** Options of {@link parseKaldiNnet3}. */
export interface KaldiNnet3Options {
  /** The affine node that gives the embedding, `tdnn7.affine` for segment7. @default the one after the pooling: `tdnn6.affine` */
  readonly embeddingNode?: string | undefined;
  /**
   * What differs in the features that the network was trained on: a file does not say. @default egs/voxceleb/v2: 16 kHz, 30 mel
   * bands (or as many as the network has inputs) from 20 to 7,600 Hz, sliding mean over 300 frames, energy VAD
   */
  readonly frontEnd?:
    | { readonly [K in Exclude<keyof KaldiFrontEnd, 'kind'>]?: KaldiFrontEnd[K] | undefined }
    | undefined;
}

const optionsSchema = () =>
  z.strictObject({
    embeddingNode: z.optional(z.string()),
    frontEnd: z.optional(
      z.strictObject({
        sampleRate: z.optional(positive),
        nMels: z.optional(count),
        fMin: z.optional(nonNegative),
        fMax: z.optional(positive),
        cmnWindow: z.optional(count),
        vad: z.optional(z.boolean()),
      }),
    ),
  });

/** The least chunk and the greatest of Kaldi's recipes (min_chunk_size, max_chunk_size), in frames. */
const LEAST_FRAMES = 25;
const MOST_FRAMES = 10_000;

const MOST_COMPONENTS = 10_000;

/**
 * The x-vector network in a raw Kaldi nnet3 file, in binary form, such as `final.raw` of egs/voxceleb/v2 and egs/sre16/v2 or
 * `final.ext.raw` of a vosk speaker model: the chain from its input to the affine component of the embedding, with Kaldi's ways at
 * extraction (nnet3-xvector-compute). Frame layers see whole frames alone, pooled deviations are biased with the file's floor,
 * fewer than 25 frames are repeated at both ends, more than the pooling reaches (10,000) come in chunks. Batch norm takes the
 * statistics of training, whatever its TestMode says.
 *
 * Not read: text files and .mdl (the message says what to run in Kaldi), compressed matrices, networks that are no such chain.
 * Only the arrays on the chain are decoded; what the file says of its sizes is held against its bytes first.
 *
 * @throws SerKitError 'bad-format', 'unsupported', 'truncated' naming the component or node; 'not-finite'; 'bad-option', for an
 * embeddingNode that is not there with a list of those that are, and for a front end that does not fit itself or the network's inputs;
 * 'bad-input' for anything but bytes
 * @example
 * const xvector = createXvector(parseKaldiNnet3(bytes, { embeddingNode: 'tdnn6.affine' }));
 * const embedding = await xvector.extract(waveform);
 */
export function parseKaldiNnet3(bytes: Uint8Array, options: KaldiNnet3Options = {}): XvectorWeights {
  const who = 'parseKaldiNnet3';
  const { embeddingNode, frontEnd } = parseOptions(who, optionsSchema(), options);
  if (!(bytes instanceof Uint8Array)) {
    throw new SerKitError('bad-input', `${who}: bytes expected a Uint8Array, got ${quote(bytes)}`);
  }
  const reader = new KaldiReader(who, bytes, begin(who, bytes));
  reader.expect('<Nnet3>');
  const nodes = readKaldiNodes(who, reader);
  reader.expect('<NumComponents>');
  const componentCount = reader.integer('<NumComponents>');
  if (componentCount < 1 || componentCount > MOST_COMPONENTS) {
    throw new SerKitError(
      'bad-format',
      `${who}: <NumComponents> expected 1 to ${MOST_COMPONENTS}, got ${componentCount}`,
    );
  }
  const components = new Map<string, KaldiComponent>();
  for (let i = 0; i < componentCount; i++) {
    const component = readKaldiComponent(who, reader);
    if (components.has(component.name)) {
      throw new SerKitError('bad-format', `${who}: component expected each name once, got ${quote(component.name)}`);
    }
    components.set(component.name, component);
  }
  reader.expect('</Nnet3>');
  reader.finish();

  const path = pathToEmbedding(who, nodes, components, embeddingNode);
  const { frameLayers, pooling, segmentLayers, pooledFrames } = kaldiLayers(who, path);
  const context = frameLayers.reduce((sum, { offsets }) => sum + offsets.at(-1)! - offsets[0]!, 0);
  const chunkFrames = Math.min(pooledFrames, MOST_FRAMES);
  const leastFrames = Math.max(LEAST_FRAMES, context + 1);
  if (leastFrames > chunkFrames) {
    throw new SerKitError(
      'unsupported',
      `${who}: the pooling expected to reach over at least ${leastFrames} frames, got ${chunkFrames}`,
    );
  }
  const whole: KaldiFrontEnd = {
    kind: 'kaldi',
    sampleRate: 16000,
    nMels: Math.max(30, path.inputDims),
    fMin: 20,
    fMax: 7600,
    cmnWindow: 300,
    vad: true,
    ...definedOf(frontEnd ?? {}),
  };
  checkFrontEnd(`${who}: frontEnd`, whole, path.inputDims, frontEnd === undefined ? 'unsupported' : 'bad-option');
  const weights: XvectorWeights = {
    frontEnd: whole,
    padding: 'valid',
    short: 'repeat',
    leastFrames,
    chunkFrames,
    frameLayers,
    pooling,
    segmentLayers,
    card: { source: 'Kaldi nnet3', embeddingNode: path.embedding },
  };
  checkXvectorWeights(who, weights);
  return weights;
}

/** Without the keys that are undefined: those count as not given. */
function definedOf<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** Where the network begins, after the mark of a binary file; whatever else is there is refused with what to do about it. */
function begin(who: string, bytes: Uint8Array): number {
  const text = String.fromCharCode(...bytes.subarray(0, 40));
  const refuse = (code: 'unsupported' | 'bad-format' | 'truncated' | 'empty', got: string): never => {
    throw new SerKitError(code, `${who}: bytes expected a raw nnet3 network in Kaldi's binary form, got ${got}`);
  };
  if (bytes.length === 0) return refuse('empty', 'none');
  if (/^(\0B)?\s*<TransitionModel>/.test(text)) {
    refuse('unsupported', 'an .mdl with a transition model: run nnet3-am-copy --raw=true --binary=true IN.mdl OUT.raw');
  }
  if (/^\s*<Nnet3>/.test(text)) {
    refuse('unsupported', 'one in text form: run nnet3-copy --binary=true IN.raw OUT.raw');
  }
  if (!text.startsWith('\0B')) refuse('bad-format', quote(text.slice(0, 20)));
  if (bytes.length < 11) refuse('truncated', `${bytes.length} bytes`);
  if (!text.startsWith('\0B<Nnet3> ')) refuse('unsupported', `a binary Kaldi file of ${quote(text.slice(2, 20))}`);
  return 2;
}
