import { type Command, InvalidArgumentError } from 'commander';
import type { Act } from './act.ts';
import { BACKENDS } from './backend.ts';
import { type EmbeddedRecording, embedRecording } from './embed-recording.ts';
import { EXIT } from './failure.ts';
import { openXvector, type Verification } from './open-xvector.ts';
import { choiceOption } from './options.ts';
import { COMPACT } from './read-xvector.ts';
import type { Terminal } from './terminal.ts';
import { percent } from './text.ts';
import { showWarnings, unjudged } from './voice-warnings.ts';

interface Options {
  readonly threshold?: number;
  readonly xvector: string;
  readonly backend: string;
  readonly json?: true;
}

export function addXvectorCompare(parent: Command, terminal: Terminal, act: Act): void {
  parent
    .command('compare')
    .description('how alike the voices of two recordings are')
    .argument('<a>', 'a WAV file of any sample rate')
    .argument('<b>', 'another')
    .option(
      '--threshold <score>',
      'the score from which on two are taken for one speaker, as `xvector evaluate` measures it on recordings such as these; without it nothing is decided',
      anyNumber,
    )
    .option(
      '--xvector <file>',
      'the network: a file of any format that convert reads, or the one that comes with ser-kit',
      COMPACT,
    )
    .addOption(choiceOption('--backend <name>', 'what TensorFlow.js computes with', BACKENDS, 'wasm'))
    .option('--json', 'one JSON value on stdout')
    .action(act((a: string, b: string, options: Options) => compare([a, b], options, terminal)));
}

async function compare(names: readonly string[], options: Options, terminal: Terminal): Promise<number> {
  const { json, threshold } = options;
  const { xvector, scoring, verification, limits } = await openXvector(options.xvector, options.backend);
  const embed = embedRecording(xvector);
  const read: EmbeddedRecording[] = [];
  for (const name of names) read.push(await embed(name));
  xvector.dispose();
  const files = read.map(({ embedding: _, ...rest }: EmbeddedRecording & { embedding?: Float32Array }) => rest);
  for (const each of read) {
    if ('error' in each) terminal.err(`ser-kit: ${each.error.message}\n`);
    else if (!json) showWarnings(each.file, each.warnings, terminal);
  }
  const [one, other] = read;
  if (one === undefined || other === undefined || 'error' in one || 'error' in other) {
    if (json) terminal.out(`${JSON.stringify({ files })}\n`);
    return EXIT.failed;
  }
  const score = scoring.score(one.embedding, other.embedding);
  const reasons = [one, other].map(({ file, warnings }) => ({ file, reason: unjudged(warnings) }));
  const without = reasons.find(({ reason }) => reason !== undefined);
  const same = threshold === undefined || without !== undefined ? null : score >= threshold;
  if (json) {
    const card = { verification: verification ?? null, limits: limits ?? null };
    const result = { files, method: scoring.method, score, threshold: threshold ?? null, same, ...card };
    terminal.out(`${JSON.stringify(result)}\n`);
    return EXIT.good;
  }
  const said = `${NAMES[scoring.method]} ${score.toFixed(3)}`;
  if (without !== undefined) terminal.out(`${said}, which says nothing: ${without.file} is ${without.reason}\n`);
  else if (threshold !== undefined) terminal.out(`${said}: ${verdict(score, threshold)}\n`);
  else terminal.out(`${[said, ...meaning(verification, limits)].join('\n')}\n`);
  return EXIT.good;
}

const NAMES = { cosine: 'cosine', lda: 'cosine after LDA', plda: 'log-likelihood ratio' } as const;

function verdict(score: number, threshold: number): string {
  const side = score >= threshold ? 'the same speaker, at or above' : 'different speakers, below';
  return `by your threshold ${side} ${threshold}`;
}

/** What is known of such scores. It decides nothing: where the line lies depends on the recordings. */
function meaning(verification: Verification | undefined, limits: string | undefined): string[] {
  const measure =
    'measure it on recordings such as these with `ser-kit xvector evaluate`, and give it here as --threshold';
  if (verification === undefined) {
    return [`what that means is not known: the network says nothing of how often it errs; ${measure}`];
  }
  const { threshold, equalErrorRate, low, high, speakers, corpus, of } = verification;
  const whose = `${speakers} speakers${corpus === undefined ? '' : ` of ${corpus}`}${of === undefined ? '' : ` (${of})`}`;
  const interval = low === null || high === null ? '' : ` (95 % interval ${percent(low)} to ${percent(high)})`;
  return [
    `on ${whose} the line between one speaker and two was at ${threshold.toFixed(3)}, where ${percent(equalErrorRate)}${interval} of the pairs of either kind were taken for the other`,
    `on other recordings the line lies elsewhere: ${measure}`,
    ...(limits === undefined ? [] : [`limits: ${limits}`]),
  ];
}

function anyNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number.');
  return value;
}
