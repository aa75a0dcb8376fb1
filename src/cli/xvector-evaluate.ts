import type { Command } from 'commander';
import { SerKitError } from '../core/errors.ts';
import type { LabelledClip } from '../core/labelled-clip.ts';
import { plural } from '../datasets/corpus.ts';
import type { EmbeddingsEvaluation } from '../xvector/evaluate-embeddings.ts';
import type { Act } from './act.ts';
import { BACKENDS } from './backend.ts';
import { embedCorpus } from './embed-corpus.ts';
import { EXIT } from './failure.ts';
import { onInterrupt } from './interrupt.ts';
import { type CorpusChoice, FORMATS, openCheckedCorpus } from './open-corpus.ts';
import { openXvector } from './open-xvector.ts';
import { choiceOption, wholeNumber } from './options.ts';
import { Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { clipsOf, percent, skippedLine } from './text.ts';

interface Options {
  readonly speakers?: string;
  readonly otherSentences?: true;
  readonly seed: number;
  readonly format: CorpusChoice['format'];
  readonly csv?: string;
  readonly backend: string;
  readonly json?: true;
}

export function addXvectorEvaluate(parent: Command, terminal: Terminal, act: Act): void {
  parent
    .command('evaluate')
    .description(
      'how often an x-vector network errs about who speaks: the equal error rate over all pairs of recordings',
    )
    .argument('<xvector>', 'the network, a .xvector file')
    .argument('<dir>', 'recordings of at least two speakers, two or more of each')
    .option('--speakers <ids>', 'only these speakers, as 1001,1002')
    .option('--other-sentences', 'only pairs of different sentences, where the corpus says what is spoken (CREMA-D)')
    .option('--seed <number>', 'of the interval', wholeNumber(0), 1)
    .addOption(choiceOption('--format <format>', 'how the folder is laid out', FORMATS, 'auto'))
    .option('--csv <file>', 'the CSV, within the folder, that names path, label and speaker')
    .addOption(choiceOption('--backend <name>', 'what TensorFlow.js computes with', BACKENDS, 'wasm'))
    .option('--json', 'one JSON value on stdout')
    .action(act((file: string, dir: string, options: Options) => evaluate(file, dir, options, terminal)));
}

async function evaluate(file: string, dir: string, options: Options, terminal: Terminal): Promise<number> {
  const { xvector, scoring, trainedOn } = await openXvector(file, options.backend);
  const progress = new Progress(terminal, 'embedding clips');
  const interrupt = onInterrupt(() => progress.close());
  try {
    const pick = (all: readonly LabelledClip[]) => ofSpeakers(all, options.speakers, dir);
    const corpus = await openCheckedCorpus(dir, options, terminal, interrupt.signal, pick);
    const sentences = new Map(corpus.clips.map((clip) => [clip.id, sentenceOf(clip)]));
    if (options.otherSentences && [...sentences.values()].includes(undefined)) {
      throw new SerKitError(
        'bad-option',
        `--other-sentences expected a corpus that says what is spoken in every clip, got ${corpus.name}`,
      );
    }
    const { clips, embeddings, skipped } = await embedCorpus(xvector, corpus.clips, {
      onProgress: (done, total) => progress.update(done, total),
      signal: interrupt.signal,
    }).finally(() => progress.close());
    for (const each of skipped.slice(0, 10)) terminal.err(`${skippedLine(each)}\n`);
    if (skipped.length > 0) terminal.err(`${plural(skipped.length, 'clip')} could not be used\n`);
    const { evaluateEmbeddings } = await import('../xvector/evaluate-embeddings.ts');
    const evaluation = evaluateEmbeddings(embeddings, clips as readonly LabelledClip[], {
      seed: options.seed,
      scoring,
      ...(options.otherSentences && { without: (a, b) => sentences.get(a.id) === sentences.get(b.id) }),
    });
    const heard = [...new Set(clips.map((clip) => clip.speakerId))].filter((id) => trainedOn.has(id)).length;
    const notes = [
      ...(heard > 0 ? [`note: it learnt from ${heard} of these speakers; on new voices it will err more`] : []),
      ...(evaluation.speakers < 20
        ? [`note: ${plural(evaluation.speakers, 'speaker')}: with so few the interval is too narrow`]
        : []),
    ];
    if (options.json) {
      for (const note of notes) terminal.err(`${note}\n`);
      terminal.out(`${JSON.stringify({ ...evaluation, corpus: corpus.name })}\n`);
    } else terminal.out(`${[...linesOf(evaluation, clipsOf(clips)), ...notes].join('\n')}\n`);
    return EXIT.good;
  } finally {
    interrupt.done();
    xvector.dispose();
  }
}

function linesOf(
  { equalErrorRate, low, high, threshold, pairs, method }: EmbeddingsEvaluation,
  what: string,
): string[] {
  return [
    `equal error rate ${percent(equalErrorRate)} (95 % interval ${percent(low)} to ${percent(high)}) at a score of ${threshold.toFixed(3)}`,
    `scored by ${method}: ${what}, ${plural(pairs.same, 'pair')} of one speaker and ${pairs.different} of two`,
  ];
}

/** @throws SerKitError 'bad-option' naming those that are not there */
function ofSpeakers(clips: readonly LabelledClip[], wanted: string | undefined, dir: string): readonly LabelledClip[] {
  if (wanted === undefined) return clips;
  const ids = wanted.split(',').map((id) => id.trim());
  const known = new Set(clips.map((clip) => clip.speakerId));
  const missing = ids.filter((id) => !known.has(id));
  if (missing.length > 0) {
    throw new SerKitError('bad-option', `--speakers expected speakers of ${dir}, got ${missing.join(', ')}`);
  }
  return clips.filter((clip) => ids.includes(clip.speakerId));
}

/** The code of what is spoken, where the clip has it. */
function sentenceOf(clip: LabelledClip & { readonly sentence?: { readonly code: string } }): string | undefined {
  return clip.sentence?.code;
}
