import type { Command } from 'commander';
import type { SkippedClip } from '../clips/skipped-clip.ts';
import { SerKitError } from '../core/errors.ts';
import type { LabelledClip } from '../core/labelled-clip.ts';
import { plural } from '../datasets/corpus.ts';
import { embedCorpus } from '../node/embed-corpus.ts';
import type { EmbeddingsEvaluation } from '../xvector/evaluate-embeddings.ts';
import { type TrialsOptions, trialKinds } from '../xvector/trials.ts';
import type { Act } from './act.ts';
import { BACKENDS } from './backend.ts';
import { EXIT, WrongUse } from './failure.ts';
import { onInterrupt } from './interrupt.ts';
import { type CorpusChoice, FORMATS, openCheckedCorpus } from './open-corpus.ts';
import { openXvector } from './open-xvector.ts';
import { choiceOption, wholeNumber } from './options.ts';
import { type PickClips, pickSpeakers, speakersPicked } from './pick-speakers.ts';
import { Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { clipsOf, percent, skippedLine } from './text.ts';
import { voiceWarnings, WarningCounter } from './voice-warnings.ts';

interface Options {
  readonly speakers?: string;
  readonly onlySpeakers?: string;
  readonly otherSentences?: true;
  readonly seed: number;
  readonly cache?: string;
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
    .argument('<xvector>', 'the network: a file of any format that convert reads, or compact, which comes with ser-kit')
    .argument('<dir>', 'recordings of at least two speakers, two or more of each')
    .option('--speakers <ids>', 'only these speakers, as 1001,1002')
    .option('--only-speakers <file>', 'only these, named in a text file, one a line (names may hold commas)')
    .option('--other-sentences', 'only pairs of different sentences, where the corpus says what is spoken (CREMA-D)')
    .option('--seed <number>', 'of the interval', wholeNumber(0), 1)
    .option('--cache <dir>', 'keep x-vectors there, and take from there what an earlier run computed')
    .addOption(choiceOption('--format <format>', 'how the folder is laid out', FORMATS, 'auto'))
    .option('--csv <file>', 'the CSV, within the folder, that names path, label and speaker')
    .addOption(choiceOption('--backend <name>', 'what TensorFlow.js computes with', BACKENDS, 'wasm'))
    .option('--json', 'one JSON value on stdout')
    .action(act((file: string, dir: string, options: Options) => evaluate(file, dir, options, terminal)));
}

async function evaluate(file: string, dir: string, options: Options, terminal: Terminal): Promise<number> {
  const pick = await pickOf(options, dir);
  const { xvector, scoring, scoringDigest, trainedOn } = await openXvector(file, options.backend);
  const { weights } = xvector;
  // It was made to learn, with the file's name, what is wrong with it; embedCorpus() makes its own.
  xvector.dispose();
  const progress = new Progress(terminal, 'embedding clips');
  const interrupt = onInterrupt(() => progress.close());
  const { signal } = interrupt;
  try {
    const corpus = await openCheckedCorpus(dir, options, terminal, signal, pick);
    const trials = trialsOptions(corpus.clips, corpus.name, options);
    refuseWithoutPairs(corpus.clips, trials, dir);
    const counter = new WarningCounter();
    const warningsOf = voiceWarnings(weights);
    const watched = corpus.clips.map(
      (clip): LabelledClip => ({
        ...clip,
        async load() {
          const waveform = await clip.load();
          counter.add(clip.id, warningsOf(waveform));
          return waveform;
        },
      }),
    );
    const clips: LabelledClip[] = [];
    const embeddings: Float32Array[] = [];
    const skipped: SkippedClip[] = [];
    const onProgress = ({ done, total }: { done: number; total: number }): void => progress.update(done, total);
    try {
      for await (const found of embedCorpus(watched, weights, { cache: options.cache, signal, onProgress })) {
        if (found.embedding === undefined) skipped.push(found.skipped);
        else {
          clips.push(found.clip);
          embeddings.push(found.embedding);
        }
      }
    } finally {
      progress.close();
    }
    for (const each of skipped.slice(0, 10)) terminal.err(`${skippedLine(each)}\n`);
    if (skipped.length > 0) terminal.err(`${plural(skipped.length, 'clip')} could not be used\n`);
    const warnings = counter.all;
    for (const { code, clips: count, first, message } of warnings) {
      terminal.err(`warning (${code}): ${count} of ${plural(corpus.clips.length, 'clip')}; ${first}: ${message}\n`);
    }
    const { evaluateEmbeddings } = await import('../xvector/evaluate-embeddings.ts');
    const evaluation = evaluateEmbeddings(embeddings, clips, { seed: options.seed, scoring, ...trials });
    const notes = notesOf(evaluation, clips, trainedOn);
    if (options.json) {
      for (const note of notes) terminal.err(`${note}\n`);
      const result = { ...evaluation, corpus: corpus.name, scoring: scoringDigest, warnings };
      terminal.out(`${JSON.stringify(result)}\n`);
    } else terminal.out(`${[...linesOf(evaluation, clipsOf(clips)), ...notes].join('\n')}\n`);
    return EXIT.good;
  } finally {
    interrupt.done();
  }
}

async function pickOf({ speakers, onlySpeakers }: Options, dir: string): Promise<PickClips> {
  if (speakers === undefined) return await speakersPicked(onlySpeakers === undefined ? {} : { onlySpeakers });
  if (onlySpeakers !== undefined) throw new WrongUse('--speakers and --only-speakers: give one of them');
  const ids = speakers.split(',').map((id) => id.trim());
  return pickSpeakers(
    `--speakers: expected ids of speakers in ${dir}, commas between them,`,
    ids.filter((id) => id !== ''),
    true,
  );
}

type SentenceClip = LabelledClip & { readonly sentence?: { readonly code: string } };

/** @throws SerKitError 'bad-option' where sentences are asked for that the corpus does not name */
function trialsOptions(
  clips: readonly SentenceClip[],
  corpus: string,
  { otherSentences }: Options,
): TrialsOptions<LabelledClip> {
  if (!otherSentences) return {};
  const sentences = new Map(clips.map((clip) => [clip.id, clip.sentence?.code]));
  if ([...sentences.values()].includes(undefined)) {
    throw new SerKitError(
      'bad-option',
      `--other-sentences expected a corpus that says what is spoken in every clip, got ${corpus}`,
    );
  }
  return { without: (a, b) => sentences.get(a.id) === sentences.get(b.id) };
}

/** Before anything is embedded. @throws SerKitError 'too-short' */
function refuseWithoutPairs(clips: readonly LabelledClip[], trials: TrialsOptions<LabelledClip>, dir: string): void {
  const { same, different } = trialKinds(clips, trials);
  if (same && different) return;
  const of = trials.without === undefined ? '' : ' of different sentences';
  const expected = different
    ? `two recordings or more${of} of one speaker`
    : `recordings${of} of two known speakers or more`;
  throw new SerKitError('too-short', `${dir}: expected ${expected}, got ${clipsOf(clips)}`);
}

function notesOf(
  { speakers, low }: EmbeddingsEvaluation,
  clips: readonly LabelledClip[],
  trainedOn: ReadonlySet<string>,
): string[] {
  const heard = [...new Set(clips.map((clip) => clip.speakerId))].filter((id) => trainedOn.has(id)).length;
  const few = low === null ? 'too few for an interval' : 'with so few the interval is too narrow';
  return [
    ...(heard > 0 ? [`note: it learnt from ${heard} of these speakers; on new voices it will err more`] : []),
    ...(speakers < 20 ? [`note: ${plural(speakers, 'speaker')}: ${few}`] : []),
  ];
}

function linesOf(
  { equalErrorRate, low, high, threshold, pairs, method }: EmbeddingsEvaluation,
  what: string,
): string[] {
  const interval = low === null || high === null ? '' : ` (95 % interval ${percent(low)} to ${percent(high)})`;
  return [
    `equal error rate ${percent(equalErrorRate)}${interval} at a score of ${threshold.toFixed(3)}`,
    `scored by ${method}: ${what}, ${plural(pairs.same, 'pair')} of one speaker and ${pairs.different} of two`,
  ];
}
