import type { Command } from 'commander';
import { SerKitError } from '../core/errors.ts';
import type { Act } from './act.ts';
import type { Terminal } from './terminal.ts';

export function addXvectorConvert(parent: Command, _terminal: Terminal, act: Act): void {
  parent
    .command('convert')
    .description("an x-vector network's weights from any format that is read to ser-kit's own or to safetensors")
    .argument('<in>', 'embedding_model.ckpt, .safetensors, a Kaldi nnet3 raw model, .xvector')
    .argument('<out>', 'a file whose name ends in .xvector or .safetensors')
    .action(
      act(async () => {
        throw new SerKitError('unsupported', 'xvector convert is not there yet');
      }),
    );
}
