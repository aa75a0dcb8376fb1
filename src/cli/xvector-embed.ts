import type { Command } from 'commander';
import type { Act } from './act.ts';
import { BACKENDS } from './backend.ts';
import { embedRecording } from './embed-recording.ts';
import { EXIT } from './failure.ts';
import { openXvector } from './open-xvector.ts';
import { choiceOption } from './options.ts';
import { COMPACT } from './read-xvector.ts';
import type { Terminal } from './terminal.ts';
import { showWarnings } from './voice-warnings.ts';

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
        const embed = embedRecording(xvector);
        const answers: object[] = [];
        let failed = false;
        for (const file of files) {
          const found = await embed(file);
          if ('error' in found) {
            failed = true;
            answers.push(found);
            if (!options.json) terminal.err(`ser-kit: ${found.error.message}\n`);
            continue;
          }
          const embedding = Array.from(found.embedding);
          answers.push({ ...found, embedding });
          if (options.json) continue;
          terminal.out(`${file}: ${embedding.map((x) => Number(x.toPrecision(6))).join(' ')}\n`);
          showWarnings(file, found.warnings, terminal);
        }
        if (options.json) terminal.out(`${JSON.stringify(answers)}\n`);
        xvector.dispose();
        return failed ? EXIT.failed : EXIT.good;
      }),
    );
}
