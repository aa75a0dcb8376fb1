import { weightsFileKind } from '../xvector/file-kind.ts';
import { type KaldiFrontEnd, type KaldiNnet3Options, parseKaldiNnet3 } from '../xvector/kaldi-nnet3.ts';
import { parseXvector } from '../xvector/parse-xvector.ts';
import { isOwnSafetensors, parseXvectorSafetensors } from '../xvector/safetensors.ts';
import { parseSpeechBrainCheckpoint } from '../xvector/speechbrain.ts';
import type { XvectorWeights } from '../xvector/weights.ts';
import { WrongUse } from './failure.ts';
import { frontEndText } from './read-front-end.ts';
import { COMPACT, parsedXvector, readXvector, xvectorBytes } from './read-xvector.ts';

/** What a file of weights does not say, and people do. */
export interface ToldOfXvector {
  readonly dilations?: readonly number[];
  readonly embeddingNode?: string;
  readonly frontEnd?: KaldiNnet3Options['frontEnd'];
}

/** A network, and of what its file does not say the part that nobody told either. */
export interface ForeignXvector {
  readonly weights: XvectorWeights;
  readonly assumed: {
    /** Each frame layer's. */
    readonly dilations?: readonly number[];
    /** The settings that were not given. */
    readonly frontEnd?: Partial<KaldiFrontEnd>;
  };
}

/**
 * An x-vector network from a file of any format, with what it does not say.
 *
 * @throws WrongUse for what a file of its kind says itself
 */
export async function readForeignXvector(path: string, told: ToldOfXvector): Promise<ForeignXvector> {
  const bytes = path === COMPACT ? undefined : await xvectorBytes(path);
  const kind = bytes === undefined ? 'ser-kit' : weightsFileKind(bytes);
  const refuse = (...options: readonly (keyof ToldOfXvector)[]): void => {
    for (const option of options) {
      if (told[option] === undefined) continue;
      const [name, those] = WORDS[option];
      throw new WrongUse(`${name} is for ${those}, and ${path} is none`);
    }
  };
  const parsed = (parse: (bytes: Uint8Array) => XvectorWeights) => parsedXvector(path, bytes!, parse, 'give');
  const { dilations, embeddingNode, frontEnd } = told;
  if (kind === 'kaldi') {
    refuse('dilations');
    const weights = parsed((all) => parseKaldiNnet3(all, { embeddingNode, frontEnd }));
    const { kind: _, ...whole } = weights.frontEnd as KaldiFrontEnd;
    const left = Object.entries(whole).filter(([name]) => frontEnd?.[name as keyof typeof whole] === undefined);
    return { weights, assumed: left.length === 0 ? {} : { frontEnd: Object.fromEntries(left) } };
  }
  refuse('embeddingNode', 'frontEnd');
  if (kind === 'torch' || (kind === 'safetensors' && !isOwnSafetensors(bytes!))) {
    const parse = kind === 'torch' ? parseSpeechBrainCheckpoint : parseXvectorSafetensors;
    const weights = parsed((all) => parse(all, { dilations }));
    const found = weights.card?.dilations as readonly number[] | undefined;
    return { weights, assumed: dilations === undefined && found !== undefined ? { dilations: found } : {} };
  }
  refuse('dilations');
  return { weights: bytes === undefined ? await readXvector(path) : parsed(parseXvector), assumed: {} };
}

const WORDS = {
  dilations: ['--dilations', "SpeechBrain's weights, a .ckpt or .safetensors"],
  embeddingNode: ['--embedding-node', "Kaldi's nnet3 networks"],
  frontEnd: ['--front-end', "Kaldi's nnet3 networks"],
} as const;

/** What differs in a Kaldi network's features, from a JSON file; parseKaldiNnet3() checks it. */
export async function readKaldiFrontEnd(path: string): Promise<NonNullable<KaldiNnet3Options['frontEnd']>> {
  const text = await frontEndText(path);
  try {
    const json: unknown = JSON.parse(text);
    if (json !== null && typeof json === 'object' && !Array.isArray(json)) return json;
  } catch {
    // As anything else that is no object.
  }
  throw new WrongUse(
    `${path}: expected JSON of a Kaldi front end, {"sampleRate", "nMels", "fMin", "fMax", "cmnWindow", "vad"} or some of those, got ${JSON.stringify(text.slice(0, 40))}`,
  );
}
