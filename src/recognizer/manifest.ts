import * as z from 'zod/mini';
import type { FrontEndConfig } from '../clips/front-end.ts';
import { checkFrontEndBudget } from '../clips/front-end-budget.ts';
import { SerKitError } from '../core/errors.ts';
import { parseOptions } from '../core/options.ts';
import type { PcaJson } from '../features/pca.ts';
import type { StandardizerJson } from '../features/standardizer-json.ts';
import type { ModelArtifact } from '../models/artifact.ts';
import type { Provenance } from './provenance.ts';
import { sha256 } from './sha256.ts';
import type { XvectorJoin } from './xvector-options.ts';

// manifest.json: { format, version, sha256, recognizer }. The checksum is of `recognizer` as compact JSON, so that an
// edited label or mean is noticed as surely as an altered weight; how the file is indented does not matter.

export const MANIFEST_FILE = 'manifest.json';
export const WEIGHTS_FILE = 'weights.bin';
export const XVECTOR_FILE = 'xvector.bin';
const FORMAT = 'ser-kit-recognizer';

/**
 * 1: standardized by the corpus. 2: by the corpus, the speaker or the clip; principal components; feature sets by name. 3: features joined
 * with an x-vector. One without is still written as version 2, whose readers know all that is in it.
 */
export const MANIFEST_VERSION = 3;
const VERSION_WITHOUT_XVECTOR = 2;

/** A file beside the manifest. */
export interface SavedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Everything of a recognizer but its weights' bytes. */
export interface RecognizerDescription {
  readonly labels: readonly string[];
  readonly frontEnd: FrontEndConfig;
  readonly standardizer: StandardizerJson;
  /** Absent where every dimension goes to the network. */
  readonly pca?: PcaJson;
  readonly model: Pick<ModelArtifact, 'topology' | 'weights'>;
  readonly weightsFile: SavedFile;
  /** Absent where features are all that the network sees. */
  readonly xvector?: {
    readonly join: XvectorJoin;
    readonly standardizer: StandardizerJson;
    /** Absent where every dimension of the embedding goes to the network. */
    readonly pca?: PcaJson;
    readonly file: SavedFile;
  };
  readonly provenance: Provenance;
}

const name = z.string().check(z.minLength(1));
/** The name of a file in the same folder: nothing that leads anywhere else, in a folder or under a URL. */
const fileName = z
  .string()
  .check(z.refine((text) => /^\w[\w-]*(\.[\w-]+)*$/.test(text), 'the name of a file in the same folder'));
const savedFile = z.object({ path: fileName, bytes: z.int().check(z.nonnegative()), sha256: name });
const reports = z.object({ labels: z.array(z.string()), accuracy: z.number(), unweightedAverageRecall: z.number() });
const people = z.array(z.string());

const description = z.object({
  labels: z.array(name).check(
    z.minLength(2),
    z.refine((labels) => new Set(labels).size === labels.length, 'each label once'),
  ),
  frontEnd: z.object({
    sampleRate: z.number().check(z.positive()),
    normalizeLevel: z.boolean(),
    features: z.union([z.array(z.object({ name })).check(z.minLength(1)), name]),
  }),
  // parseStandardizer() and parsePca() look at these.
  standardizer: z.object({ scope: name }),
  pca: z.optional(z.object({ dims: z.int() })),
  model: z.object({
    topology: z.record(z.string(), z.unknown()),
    weights: z.array(z.object({ name, shape: z.array(z.int().check(z.positive())) })),
  }),
  weightsFile: savedFile,
  xvector: z.optional(
    z.object({
      join: z.enum(['frames', 'utterance']),
      standardizer: z.object({ scope: z.literal('corpus'), dims: z.int() }),
      pca: z.optional(z.object({ dims: z.int() })),
      file: savedFile,
    }),
  ),
  provenance: z.object({
    corpus: z.optional(z.string()),
    attribution: z.optional(z.string()),
    layout: z.optional(z.object({ format: z.string(), csv: z.optional(z.string()) })),
    split: z.optional(z.string()),
    shares: z.optional(z.object({ validation: z.number(), test: z.number() })),
    seed: z.int(),
    model: z.string(),
    modelOptions: z.optional(z.record(z.string(), z.unknown())),
    training: z.optional(
      z.object({
        epochs: z.int(),
        batchSize: z.int(),
        learningRate: z.number(),
        schedule: z.string(),
        weightDecay: z.number(),
        patience: z.int(),
        classWeights: z.union([z.literal('balanced'), z.array(z.number()), z.null()]),
        standardize: z.optional(z.string()),
        pca: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
        augment: z.optional(z.array(z.record(z.string(), z.unknown()))),
      }),
    ),
    xvector: z.optional(
      z.object({
        sha256: name,
        dims: z.int(),
        join: z.string(),
        components: z.int(),
        seenSpeakers: z.object({ validation: people, test: people }),
        card: z.optional(z.record(z.string(), z.unknown())),
      }),
    ),
    madeWith: z.optional(z.object({ serKit: z.string(), tfjs: z.string(), backend: z.string() })),
    clips: z.object({ train: z.int(), validation: people, test: people }),
    speakers: z.object({ train: people, validation: people, test: people }),
    overlappingSpeakers: people,
    unknownSpeakers: z.optional(z.int().check(z.nonnegative())),
    history: z.object({ epochs: z.array(z.object({ epoch: z.int() })), bestEpoch: z.int(), stopped: z.string() }),
    metrics: z.object({ train: reports, validation: reports, test: z.optional(reports) }),
    confusionMatrix: z.object({ labels: people, counts: z.array(z.array(z.int())) }),
  }),
});

const envelope = z.object({
  format: z.literal(FORMAT),
  version: z.int().check(z.minimum(1)),
  sha256: name,
  recognizer: z.unknown(),
});

export async function writeManifest(recognizer: RecognizerDescription): Promise<Uint8Array> {
  const compact = new TextEncoder().encode(JSON.stringify(recognizer));
  const version = recognizer.xvector === undefined ? VERSION_WITHOUT_XVECTOR : MANIFEST_VERSION;
  const manifest = { format: FORMAT, version, sha256: await sha256(compact), recognizer };
  return new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`);
}

/**
 * Reads a manifest that may come from anywhere.
 *
 * @param path  for messages
 * @throws SerKitError 'bad-format', 'truncated', 'newer-version' or 'altered', each with its reason
 */
export async function readManifest(bytes: Uint8Array, path: string): Promise<RecognizerDescription> {
  const text = new TextDecoder().decode(bytes);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const started = /^\s*\{\s*"format"\s*:\s*"ser-kit-recognizer"/.test(text);
    if (started)
      throw new SerKitError('truncated', `${path}: expected a whole manifest, got one that breaks off or is damaged`, {
        cause,
      });
    throw new SerKitError('bad-format', `${path}: expected the manifest of a ser-kit recognizer, got no JSON`, {
      cause,
    });
  }
  const outer = parseOptions(path, envelope, json, 'bad-format');
  if (outer.version > MANIFEST_VERSION) {
    throw new SerKitError(
      'newer-version',
      `${path}: version expected at most ${MANIFEST_VERSION}, got ${outer.version}; it was saved by a newer ser-kit: update this one`,
    );
  }
  const found = await sha256(new TextEncoder().encode(JSON.stringify(outer.recognizer)));
  if (found !== outer.sha256) {
    throw new SerKitError(
      'altered',
      `${path}: contents expected SHA-256 ${outer.sha256.slice(0, 12)}..., got ${found.slice(0, 12)}...; the file was changed after it was saved`,
    );
  }
  parseOptions(path, description, outer.recognizer, 'bad-format');
  const recognizer = outer.recognizer as RecognizerDescription;
  checkSizes(path, recognizer);
  return recognizer;
}

/** More than any front end needs; what lies above would only ask for memory. */
const LARGEST_FRAME = 65_536;
const MOST_BANDS = 4096;
/** The options that memory is asked by: nFft, nMels, nThresholds, winLength, frameLength. Others may be any number. */
const SIZE = /^n[A-Z]|Length$/;

/**
 * Holds what the manifest says of sizes against itself, before memory is asked for: the weights' shapes make up the
 * weights' file, no layer is wider than there are weights, and no feature is larger than features are.
 */
function checkSizes(path: string, { frontEnd, model, weightsFile }: RecognizerDescription): void {
  const refuse = (what: string, expected: string, got: number): never => {
    throw new SerKitError('bad-format', `${path}: ${what} expected ${expected}, got ${got}`);
  };
  const weights = model.weights.reduce((total, { shape }) => total + shape.reduce((product, n) => product * n, 1), 0);
  if (weights * 4 !== weightsFile.bytes) {
    refuse('weightsFile.bytes', `${weights * 4} for the weights' shapes`, weightsFile.bytes);
  }
  eachNumber(model.topology, (key, value) => {
    if (key !== 'seed' && value > Math.max(weights, 1000)) {
      refuse(`topology: ${key}`, `no more than its ${weights} weights`, value);
    }
  });
  eachNumber(frontEnd.features, (key, value) => {
    const most = /^n[A-Z]/.test(key) && key !== 'nFft' ? MOST_BANDS : LARGEST_FRAME;
    if (SIZE.test(key) && value > most) refuse(`features: ${key}`, `at most ${most}`, value);
  });
  checkFrontEndBudget(path, frontEnd.features);
}

/** Calls back with every number in JSON and the key that it stands under. */
function eachNumber(json: unknown, found: (key: string, value: number) => void, key = ''): void {
  if (typeof json === 'number') found(key, json);
  if (typeof json !== 'object' || json === null) return;
  for (const [inner, item] of Object.entries(json)) eachNumber(item, found, Array.isArray(json) ? key : inner);
}
