import type { Command } from 'commander';
import { checkCorpus } from '../datasets/check-corpus.ts';
import { plural } from '../datasets/corpus.ts';
import type { Act } from './act.ts';
import { EXIT } from './failure.ts';
import { onInterrupt } from './interrupt.ts';
import { type CorpusChoice, FORMATS, openCorpus } from './open-corpus.ts';
import { choiceOption } from './options.ts';
import { Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { clipsOf, problemLines } from './text.ts';

interface Options {
  readonly format: CorpusChoice['format'];
  readonly csv?: string;
  readonly json?: true;
}

export function addDatasetCommand(program: Command, terminal: Terminal, act: Act): void {
  program
    .command('dataset')
    .description('what is in a folder of recordings: clips, speakers, labels, and files that cannot be used')
    .argument('<dir>', 'CREMA-D, or a folder of LABEL/[SPEAKER/]x.wav, or one with a labels.csv of path,label,speaker')
    .addOption(choiceOption('--format <format>', 'how the folder is laid out', FORMATS, 'auto'))
    .option('--csv <file>', 'the CSV, within the folder, that names path, label and speaker')
    .option('--json', 'one JSON value on stdout')
    .action(
      act(async (dir: string, options: Options) => {
        const { json, ...choice } = options;
        const corpus = await openCorpus(dir, choice, terminal);
        const progress = new Progress(terminal, 'reading clips');
        const interrupt = onInterrupt(() => progress.close());
        const checked = await checkCorpus(corpus, {
          onProgress: (done, total) => progress.update(done, total),
          signal: interrupt.signal,
        }).finally(() => {
          progress.close();
          interrupt.done();
        });
        const { clips, problems } = checked;
        const known = clips.filter((clip) => clip.speakerKnown !== false);
        const speakers = new Set(known.map((clip) => clip.speakerId)).size;
        const order = corpus.labels ?? [...new Set(clips.map((clip) => clip.label as string))].sort();
        const counts = order.map((label) => [label, clips.filter((clip) => clip.label === label).length] as const);
        const status = clips.length === 0 ? EXIT.failed : EXIT.good;
        if (json) {
          terminal.out(
            `${JSON.stringify({ clips: clips.length, speakers, labels: Object.fromEntries(counts), problems })}\n`,
          );
          return status;
        }
        const rates = [...checked.sampleRates].map(([rate, count]) => `${count} at ${rate} Hz`).join(', ');
        const width = Math.max(...order.map((label) => label.length), 0);
        terminal.out(
          [
            corpus.name,
            `${clipsOf(clips)}, ${(checked.seconds / 60).toFixed(1)} minutes${rates === '' ? '' : ` (${rates})`}`,
            ...counts.map(([label, count]) => `  ${label.padEnd(width)} ${String(count).padStart(6)}`),
            ...(checked.skipped > 0 ? [`${plural(checked.skipped, 'clip')} cannot be used`] : []),
            ...(problems.length > 0
              ? [`problems: ${problems.length}`, ...problemLines(problems)]
              : ['no problems found']),
            ...(corpus.attribution === undefined ? [] : [corpus.attribution]),
            '',
          ].join('\n'),
        );
        return status;
      }),
    );
}
