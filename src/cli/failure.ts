import { isSerKitError } from '../core/errors.ts';
import { inWordsOfMemory } from '../models/out-of-memory.ts';

/** What the process ends with. */
export const EXIT = { good: 0, failed: 1, wrongUse: 2, interrupted: 130 } as const;

/** The command line was used wrongly: exit 2. */
export class WrongUse extends Error {}

/** A failure that has its words for people already. */
export class ToldFailure extends Error {
  constructor(
    message: string,
    readonly status: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const TFJS_PACKAGES = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-layers',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-backend-cpu',
];

/** One line for people about any error, and the exit status that goes with it. */
export function failureOf(thrown: unknown): { readonly message: string; readonly status: number } {
  if (thrown instanceof ToldFailure) return { message: thrown.message, status: thrown.status };
  const error = inWordsOfMemory('ser-kit', thrown);
  if (error instanceof WrongUse) return { message: error.message, status: EXIT.wrongUse };
  if (isSerKitError(error)) {
    if (error.code === 'out-of-memory') {
      return { message: 'out of memory: take a smaller --batch-size, or shorter recordings', status: EXIT.failed };
    }
    const message = withoutFunction(error.message).replace('(whiten: false)', '(--no-whiten)');
    if (error.code === 'diverged') {
      return { message: message.replace(' learningRate ', ' --learning-rate '), status: EXIT.failed };
    }
    if (error.code === 'bad-option') return { message, status: EXIT.wrongUse };
    return { message, status: error.code === 'aborted' ? EXIT.interrupted : EXIT.failed };
  }
  const missing = missingPackage(error);
  if (missing !== undefined) {
    const install = TFJS_PACKAGES.includes(missing) ? TFJS_PACKAGES.join(' ') : missing;
    return {
      message: `this command needs TensorFlow.js, and ${missing} is not installed; install it with: npm install ${install}`,
      status: EXIT.failed,
    };
  }
  const text = error instanceof Error ? error.message : String(error);
  return { message: text.split('\n')[0]!, status: EXIT.failed };
}

// Functions whose errors reach the command line. (Any name would take `myRun: ` for one.)
const FUNCTION =
  /^(?:openDirectory|extractCorpus|mergeCaches|describeFeatureSet|writeDirectory|openFolder|openCremad|checkCorpus|predict|splitBySpeaker|splitByClip|trainRecognizer|trainXvector|trainModel|evaluateRecognizer|loadRecognizer|importModel|decodeWav|embedCorpus|parse(?:Xvector|SpeechBrain|Kaldi|Scoring)\w*|extract|extractBatch|trialsOf|evaluateEmbeddings|scoreTrials|equalErrorRateInterval|encodeXvector\w*|(?:create|build)[A-Z]\w*): /;

/** A library's message without the function's name at its beginning, which says nothing to whoever typed a command. */
export function withoutFunction(message: string): string {
  return message.replace(FUNCTION, '');
}

/** The tfjs package that an import did not find, or undefined for any other error. */
export function missingPackage(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return undefined;
  return /'(@tensorflow\/[a-z-]+)'/.exec(error.message)?.[1];
}
