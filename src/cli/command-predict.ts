import type { Command } from 'commander';
import { isSerKitError } from '../core/errors.ts';
import type { Prediction } from '../recognizer/recognizer.ts';
import type { Act } from './act.ts';
import { BACKENDS } from './backend.ts';
import { EXIT, withoutFunction } from './failure.ts';
import { openRun } from './open-run.ts';
import { choiceOption } from './options.ts';
import { readRecording } from './read-recording.ts';
import type { Terminal } from './terminal.ts';
import { percent } from './text.ts';

type Answer = { file: string } & (Prediction | { error: { code: string; message: string } });

export function addPredictCommand(program: Command, terminal: Terminal, act: Act): void {
  program
    .command('predict')
    .description('name the emotion of recordings, with the probability of each label')
    .argument('<run>', 'the folder that `ser-kit train` saved')
    .argument('<file...>', 'WAV files of any sample rate')
    .addOption(choiceOption('--backend <name>', 'what TensorFlow.js computes with', BACKENDS, 'wasm'))
    .option('--json', 'one JSON value on stdout')
    .action(
      act(async (run: string, files: string[], options: { backend: string; json?: true }) => {
        const recognizer = await openRun(run, options.backend);
        const answers: Answer[] = [];
        for (const file of files) {
          const answer = await readRecording(file)
            .then((waveform) => recognizer.predict(waveform))
            .then((prediction): Answer => ({ file, ...prediction }))
            .catch((error: unknown): Answer => {
              if (!isSerKitError(error)) throw error;
              const found = withoutFunction(error.message.replace(/^predict: /, ''));
              const message = found.startsWith(file) ? found : `${file}: ${found}`;
              return { file, error: { code: error.code, message } };
            });
          answers.push(answer);
          if (!options.json) show(answer, terminal);
        }
        if (options.json) terminal.out(`${JSON.stringify(answers)}\n`);
        else if (answers.some((answer) => !('error' in answer))) {
          const { corpus, metrics } = recognizer.provenance;
          const judged = metrics.test ?? metrics.validation;
          terminal.err(
            `trained on ${corpus ?? 'an unnamed corpus'}; right on ${percent(judged.accuracy)} of its ${metrics.test ? 'test' : 'validation'} clips\n`,
          );
        }
        recognizer.dispose();
        return answers.some((answer) => 'error' in answer) ? EXIT.failed : EXIT.good;
      }),
    );
}

function show(answer: Answer, terminal: Terminal): void {
  if ('error' in answer) {
    terminal.err(`ser-kit: ${answer.error.message}\n`);
    return;
  }
  const shares = Object.entries(answer.probabilities).sort(([, a], [, b]) => b - a);
  const width = Math.max(...shares.map(([label]) => label.length));
  terminal.out(`${answer.file}: ${answer.label}\n`);
  for (const [label, p] of shares) {
    terminal.out(`  ${label.padEnd(width)} ${percent(p).padStart(7)} ${'█'.repeat(Math.round(p * 30))}\n`);
  }
  for (const { code, message } of answer.warnings) terminal.err(`${answer.file}: warning (${code}): ${message}\n`);
}
