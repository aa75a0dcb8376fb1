import type { Command } from 'commander';
import type { Act } from './act.ts';
import { BACKENDS } from './backend.ts';
import { EXIT } from './failure.ts';
import { type FileError, fileErrorOf } from './file-error.ts';
import { openXvector } from './open-xvector.ts';
import { choiceOption } from './options.ts';
import { readRecording } from './read-recording.ts';
import { COMPACT } from './read-xvector.ts';
import type { Terminal } from './terminal.ts';

type Answer = { file: string } & ({ embedding: number[] } | { error: FileError });

export function addXvectorEmbed(parent: Command, terminal: Terminal, act: Act): void {
  parent
    .command('embed')
    .description('the x-vector of recordings: numbers that are near each other where one person speaks')
    .argument('<file...>', 'WAV files of any sample rate')
    .option(
      '--xvector <file>',
      'the network: a file of any format that convert reads, or the one that comes with ser-kit',
      COMPACT,
    )
    .addOption(choiceOption('--backend <name>', 'what TensorFlow.js computes with', BACKENDS, 'wasm'))
    .option('--json', 'one JSON value on stdout')
    .action(
      act(async (files: string[], options: { xvector: string; backend: string; json?: true }) => {
        const { xvector } = await openXvector(options.xvector, options.backend);
        const answers: Answer[] = [];
        for (const file of files) {
          const answer = await readRecording(file)
            .then((waveform) => xvector.extract(waveform))
            .then((embedding): Answer => ({ file, embedding: Array.from(embedding) }))
            .catch((error: unknown): Answer => ({ file, error: fileErrorOf(file, error) }));
          answers.push(answer);
          if (options.json) continue;
          if ('error' in answer) terminal.err(`ser-kit: ${answer.error.message}\n`);
          else terminal.out(`${file}: ${answer.embedding.map((x) => Number(x.toPrecision(6))).join(' ')}\n`);
        }
        if (options.json) terminal.out(`${JSON.stringify(answers)}\n`);
        xvector.dispose();
        return answers.some((answer) => 'error' in answer) ? EXIT.failed : EXIT.good;
      }),
    );
}
