import type { Command } from 'commander';
import type { Act } from './act.ts';
import { BACKENDS } from './backend.ts';
import { EXIT } from './failure.ts';
import { type FileError, fileErrorOf } from './file-error.ts';
import { openXvector, type Verification } from './open-xvector.ts';
import { choiceOption } from './options.ts';
import { readRecording } from './read-recording.ts';
import { COMPACT } from './read-xvector.ts';
import type { Terminal } from './terminal.ts';
import { percent } from './text.ts';

type Read = { readonly file: string } & ({ readonly embedding: Float32Array } | { readonly error: FileError });

export function addXvectorCompare(parent: Command, terminal: Terminal, act: Act): void {
  parent
    .command('compare')
    .description('how alike the voices of two recordings are, and whether one person is likely to speak in both')
    .argument('<a>', 'a WAV file of any sample rate')
    .argument('<b>', 'another')
    .option(
      '--xvector <file>',
      'the network: a file of any format that convert reads, or the one that comes with ser-kit',
      COMPACT,
    )
    .addOption(choiceOption('--backend <name>', 'what TensorFlow.js computes with', BACKENDS, 'wasm'))
    .option('--json', 'one JSON value on stdout')
    .action(
      act(async (a: string, b: string, options: { xvector: string; backend: string; json?: true }) => {
        const { xvector, scoring, verification } = await openXvector(options.xvector, options.backend);
        const read: Read[] = [];
        for (const file of [a, b]) {
          read.push(
            await readRecording(file)
              .then((waveform) => xvector.extract(waveform))
              .then((embedding): Read => ({ file, embedding }))
              .catch((error: unknown): Read => ({ file, error: fileErrorOf(file, error) })),
          );
        }
        xvector.dispose();
        const files = read.map(({ embedding: _, ...rest }: Read & { embedding?: Float32Array }) => rest);
        const [one, other] = read.map((each) => ('embedding' in each ? each.embedding : undefined));
        if (one === undefined || other === undefined) {
          for (const each of read) if ('error' in each) terminal.err(`ser-kit: ${each.error.message}\n`);
          if (options.json) terminal.out(`${JSON.stringify({ files })}\n`);
          return EXIT.failed;
        }
        const score = scoring.score(one, other);
        const same = verification === undefined ? null : score >= verification.threshold;
        if (options.json) {
          const result = { files, method: scoring.method, score, same, verification: verification ?? null };
          terminal.out(`${JSON.stringify(result)}\n`);
        } else {
          terminal.out(`${NAMES[scoring.method]} ${score.toFixed(3)}${meaning(score, verification)}\n`);
        }
        return EXIT.good;
      }),
    );
}

const NAMES = { cosine: 'cosine', lda: 'cosine after LDA', plda: 'log-likelihood ratio' } as const;

/** Which side of the threshold a score is on, and how often that is wrong. */
function meaning(score: number, verification: Verification | undefined): string {
  if (verification === undefined) {
    return '\nwhat it means is not known: the network says nothing of how often it errs; `ser-kit xvector evaluate` measures that';
  }
  const { threshold, equalErrorRate, low, high, speakers, corpus } = verification;
  const likely = score >= threshold ? 'likely the same speaker' : 'likely different speakers';
  const side = score >= threshold ? 'at or above' : 'below';
  return (
    `: ${likely}, ${side} the threshold of ${threshold.toFixed(3)}\n` +
    `at it, ${percent(equalErrorRate)} of same and of different pairs were taken for the other (95 % interval ${percent(low)} to ${percent(high)}, ` +
    `${speakers} speakers${corpus === undefined ? '' : ` of ${corpus}`}); on other recordings it may err more`
  );
}
