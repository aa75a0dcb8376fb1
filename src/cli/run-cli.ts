import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import type { Act } from './act.ts';
import { addAugmentCommand } from './command-augment.ts';
import { addDatasetCommand } from './command-dataset.ts';
import { addEvaluateCommand } from './command-evaluate.ts';
import { addFeaturesCommand } from './command-features.ts';
import { addPredictCommand } from './command-predict.ts';
import { addTrainCommand } from './command-train.ts';
import { addXvectorCommand } from './command-xvector.ts';
import { EXIT, failureOf } from './failure.ts';
import { processTerminal, type Terminal } from './terminal.ts';

const HELP_AFTER = `
A first walk, with CREMA-D or a folder of your own recordings (LABEL/SPEAKER/x.wav):
  ser-kit dataset recordings              what is there, and what cannot be used
  ser-kit train recordings --out runs/a   learn from most speakers, be judged on the others
  ser-kit predict runs/a some.wav         name the emotion of any recording
  ser-kit evaluate runs/a recordings      judge it again, on the same held-out speakers
  ser-kit features some.wav               MFCCs, as librosa computes them
  ser-kit augment some.wav --config augment.json --out heard   hear what augmentation does to it
  ser-kit xvector compare a.wav b.wav     how alike two recordings' voices are

Only WAV files are read; ffmpeg -i in.mp3 out.wav makes one of nearly anything.
Each command has more to say: ser-kit train --help

Results go to stdout, everything else to stderr. Exit status: 0 good, 1 failed, 2 wrong use, 130 interrupted.`;

/** Runs one command line; the process's exit status. */
export async function runCli(args: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  let status: number = EXIT.good;
  const act: Act =
    (work) =>
    async (...rest) => {
      status = await work(...rest);
    };
  const program = new Command('ser-kit')
    .description('Speech emotion recognition: train on labelled recordings, name the emotion of new ones.')
    .version(packageJson.version)
    .addHelpText('after', HELP_AFTER);
  for (const add of [
    addDatasetCommand,
    addTrainCommand,
    addEvaluateCommand,
    addPredictCommand,
    addFeaturesCommand,
    addAugmentCommand,
    addXvectorCommand,
  ]) {
    add(program, terminal, act);
  }
  for (const command of withCommandsOf(program)) {
    command
      .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
      .showHelpAfterError('(--help lists what there is)')
      .exitOverride();
  }
  try {
    await program.parseAsync(args as string[], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.good : EXIT.wrongUse;
    const { message, status: failed } = failureOf(error);
    terminal.err(`ser-kit: ${message}\n`);
    if (process.env.SER_KIT_DEBUG !== undefined && error instanceof Error) terminal.err(`${error.stack}\n`);
    return failed;
  }
}

/** A command, its commands, and theirs. */
function withCommandsOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withCommandsOf)];
}
