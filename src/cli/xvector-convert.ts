import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { SerKitError } from '../core/errors.ts';
import { writeAtomically } from '../node/atomic-file.ts';
import { makeFolder } from '../node/make-folder.ts';
import { writeReasonOf } from '../node/paths.ts';
import { encodeXvector, type XvectorValues } from '../xvector/own-format.ts';
import { encodeXvectorSafetensors } from '../xvector/safetensors.ts';
import { embeddingDims, type XvectorWeights } from '../xvector/weights.ts';
import type { Act } from './act.ts';
import { EXIT, WrongUse } from './failure.ts';
import { choiceOption, wholeNumbers } from './options.ts';
import { type ForeignXvector, readForeignXvector, readKaldiFrontEnd } from './read-foreign-xvector.ts';
import type { Terminal } from './terminal.ts';

interface Options {
  readonly values?: XvectorValues;
  readonly dilations?: readonly number[];
  readonly embeddingNode?: string;
  readonly frontEnd?: string;
  readonly force?: true;
  readonly json?: true;
}

export function addXvectorConvert(parent: Command, terminal: Terminal, act: Act): void {
  parent
    .command('convert')
    .description("an x-vector network's weights, from any format that is read to ser-kit's own or to safetensors")
    .argument('<in>', "SpeechBrain's embedding_model.ckpt, a binary Kaldi nnet3 raw model, .safetensors or .xvector")
    .argument('<out>', 'a file whose name ends in .xvector or .safetensors')
    .addOption(
      choiceOption(
        '--values <type>',
        "of an .xvector's kernels; int8 is a quarter of the size and off by at most 0.4 % of an output's largest weight (default: float32)",
        ['float32', 'float16', 'int8'],
      ),
    )
    .option(
      '--dilations <list>',
      "of SpeechBrain's TDNN layers, which are not in its files (default: 1,2,3, then 1 for layers that see one frame)",
      wholeNumbers,
    )
    .option(
      '--embedding-node <name>',
      "the affine node of a Kaldi network that gives the embedding, such as tdnn7.affine (default: the pooling's next)",
    )
    .option(
      '--front-end <file>',
      'JSON of the features that a Kaldi network was trained on, which are not in its file: sampleRate, nMels, fMin, fMax, cmnWindow, vad, or some of them (default: those of egs/voxceleb/v2)',
    )
    .option('--force', 'overwrite a file that exists')
    .option('--json', 'one JSON value on stdout')
    .action(act((from: string, to: string, options: Options) => convert(from, to, options, terminal)));
}

async function convert(from: string, to: string, options: Options, terminal: Terminal): Promise<number> {
  const ending = /\.(xvector|safetensors)$/.exec(to)?.[1];
  if (ending === undefined) throw new WrongUse(`out expected a name that ends in .xvector or .safetensors, got ${to}`);
  const { values = 'float32', force, json } = options;
  if (ending === 'safetensors' && values !== 'float32') {
    throw new WrongUse(`--values ${values} expected a name that ends in .xvector, got ${to}: safetensors keep float32`);
  }
  const found = await stat(to).catch(() => undefined);
  if (found?.isDirectory()) throw new SerKitError('exists', `${to}: expected the name of a file, got a folder`);
  if (found !== undefined && force !== true) {
    throw new SerKitError('exists', `${to}: expected a new file, got one that exists; --force overwrites it`);
  }
  const { dilations, embeddingNode } = options;
  const frontEndTold = options.frontEnd === undefined ? undefined : await readKaldiFrontEnd(options.frontEnd);
  const { weights, assumed } = await readForeignXvector(from, {
    ...(dilations && { dilations }),
    ...(embeddingNode !== undefined && { embeddingNode }),
    ...(frontEndTold && { frontEnd: frontEndTold }),
  });
  const bytes = ending === 'safetensors' ? encodeXvectorSafetensors(weights) : encodeXvector(weights, { values });
  try {
    const folder = dirname(resolve(to));
    makeFolder(folder);
    writeAtomically(to, bytes, folder);
  } catch (cause) {
    throw new SerKitError('not-writable', `${to}: expected a file that can be written: ${writeReasonOf(cause)}`, {
      cause,
    });
  }
  for (const note of notesOn(assumed)) terminal.err(`note: ${note}\n`);
  const { frontEnd, frameLayers, leastFrames } = weights;
  if (json) {
    const answer = {
      out: to,
      bytes: bytes.length,
      values,
      frontEnd: frontEnd.kind,
      inputs: frameLayers[0]!.inputs,
      dims: embeddingDims(weights),
      numbers: numbersOf(weights),
      leastFrames,
      assumed,
    };
    terminal.out(`${JSON.stringify(answer)}\n`);
  } else {
    const widths = frameLayers.map(({ outputs }) => outputs).join(', ');
    terminal.out(
      `${to}: ${bytes.length} bytes; frames of ${frameLayers[0]!.inputs} (${frontEnd.kind}), layers of ${widths}, x-vectors of ${embeddingDims(weights)}\n`,
    );
  }
  return EXIT.good;
}

/** What was assumed, in words, and the option that says otherwise. */
function notesOn({ dilations, frontEnd }: ForeignXvector['assumed']): string[] {
  const notes: string[] = [];
  if (dilations !== undefined) {
    notes.push(
      `the file does not say how far apart the frames are that its layers see; assumed dilations of ${dilations.join(', ')}, as SpeechBrain's (--dilations LIST says otherwise)`,
    );
  }
  if (frontEnd !== undefined) {
    const settings = Object.entries(frontEnd).map(([name, value]) => `${name} ${value}`);
    notes.push(
      `the file does not say what features the network was trained on; assumed ${settings.join(', ')}, as egs/voxceleb/v2 (--front-end FILE says otherwise)`,
    );
  }
  return notes;
}

function numbersOf({ frameLayers, segmentLayers }: XvectorWeights): number {
  return [...frameLayers, ...segmentLayers].reduce(
    (sum, { kernel, bias, norm }) => sum + kernel.length + bias.length + (norm === null ? 0 : 2 * bias.length),
    0,
  );
}
