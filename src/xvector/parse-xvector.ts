import { weightsFileKind, wrongKindError } from './file-kind.ts';
import { parseKaldiNnet3 } from './kaldi-nnet3.ts';
import { parseOwnFormat } from './own-format.ts';
import { parseXvectorSafetensors } from './safetensors.ts';
import { checkBytes, parseSpeechBrainCheckpoint } from './speechbrain.ts';
import type { XvectorWeights } from './weights.ts';

/**
 * An x-vector network from any file of weights that is read here, told by its first bytes: ser-kit's own ({@link encodeXvector}),
 * SpeechBrain's checkpoint ({@link parseSpeechBrainCheckpoint}), safetensors ({@link parseXvectorSafetensors}),
 * Kaldi's raw nnet3 ({@link parseKaldiNnet3}, with its defaults). Nothing in a file is ever run.
 *
 * @throws SerKitError as those do: 'bad-format', 'truncated', 'altered', 'newer-version', 'unsupported', 'git-lfs-pointer', 'empty',
 *   'not-finite', 'bad-input'
 *
 * @example
 * const xvector = createXvector(parseXvector(await readFile('voices.xvector')));
 */
export function parseXvector(bytes: Uint8Array): XvectorWeights {
  const who = 'parseXvector';
  checkBytes(who, bytes);
  switch (weightsFileKind(bytes)) {
    case 'ser-kit':
      return parseOwnFormat(who, bytes);
    case 'torch':
      return parseSpeechBrainCheckpoint(bytes);
    case 'safetensors':
      return parseXvectorSafetensors(bytes);
    case 'kaldi':
      return parseKaldiNnet3(bytes);
    default:
      throw wrongKindError(who, bytes, 'ser-kit', 'torch', 'safetensors', 'kaldi');
  }
}
