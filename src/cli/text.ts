import type { SkippedClip } from '../clips/skipped-clip.ts';
import type { LabelledClip } from '../core/labelled-clip.ts';
import { type CorpusProblem, plural } from '../datasets/corpus.ts';
import type { ClassificationReport } from '../metrics/classification-report.ts';
import type { Provenance } from '../recognizer/provenance.ts';

const SHOWN_PER_CODE = 3;
const FEW_CLIPS = 50;

/** Problems by code, the first few of each in words. */
export function problemLines(problems: readonly Pick<CorpusProblem, 'code' | 'message' | 'path'>[]): string[] {
  const byCode = new Map<string, (typeof problems)[number][]>();
  for (const problem of problems) {
    const list = byCode.get(problem.code) ?? [];
    list.push(problem);
    byCode.set(problem.code, list);
  }
  return [...byCode].flatMap(([code, list]) => {
    // A line that says of one more would take as much room as the one.
    const shown = list.length === SHOWN_PER_CODE + 1 ? list : list.slice(0, SHOWN_PER_CODE);
    const lines = shown.map(
      ({ path, message }) => `  ${code}: ${message.includes(path) ? message : `${path}: ${message}`}`,
    );
    const more = list.length - shown.length;
    return more > 0 ? [...lines, `  ${code}: ${more} more`] : lines;
  });
}

export function skippedLine({ id, message }: SkippedClip): string {
  return `skipped ${message.startsWith(id) ? message : `${id}: ${message}`}`;
}

/** How many clips of how many speakers; clips whose speaker nobody knows are counted as no speaker. */
export function clipsOf(clips: readonly Pick<LabelledClip, 'speakerId' | 'speakerKnown'>[]): string {
  const known = clips.filter((clip) => clip.speakerKnown !== false);
  const speakers = new Set(known.map((clip) => clip.speakerId)).size;
  const unknown = clips.length - known.length;
  const all = plural(clips.length, 'clip');
  if (unknown === 0) return `${all} of ${plural(speakers, 'speaker')}`;
  if (speakers === 0) return `${all} of unknown speakers`;
  return `${all} (${known.length} of ${plural(speakers, 'speaker')}, ${unknown} of unknown speakers)`;
}

/** What speaks against a figure where nobody knows who speaks in some of the clips. */
export function unknownSpeakersNote(count: number): string {
  return `note: who speaks is not known for ${plural(count, 'clip')} of the split: voices may be in more than one part, and on new ones it may do worse`;
}

/** What speaks against the figures where the x-vector knew speakers that they are of. */
export function seenSpeakersNotes({ xvector }: Pick<Provenance, 'xvector'>): string[] {
  const { validation = [], test = [] } = xvector?.seenSpeakers ?? {};
  const parts = [
    ...(test.length > 0 ? [`${test.length} of the speakers kept for testing`] : []),
    ...(validation.length > 0 ? [`${validation.length} of those the best epoch was chosen by`] : []),
  ];
  return parts.length === 0
    ? []
    : [`note: the x-vector was trained on ${parts.join(' and ')}; on new voices it may do worse`];
}

/** What speaks against a test: few clips, one voice, or a network that names one label whatever it hears. */
export function smallTestNotes(
  clips: readonly Pick<LabelledClip, 'speakerId' | 'speakerKnown'>[],
  report: ClassificationReport<string>,
): string[] {
  const notes: string[] = [];
  const known = clips.filter((clip) => clip.speakerKnown !== false);
  const oneVoice = known.length === clips.length && new Set(known.map((clip) => clip.speakerId)).size === 1;
  if (clips.length > 0 && (clips.length < FEW_CLIPS || oneVoice)) {
    notes.push(`note: the test is ${clipsOf(clips)}: on others it may come out quite differently`);
  }
  const named = (Object.entries(report.perClass) as [string, { recall: number }][]).filter(
    ([, { recall }]) => recall > 0,
  );
  if (named.length === 1)
    notes.push(`note: it is right on "${named[0]![0]}" alone: it has not learnt to tell labels apart`);
  return notes;
}

/** A path as it can be pasted into a shell. */
export function shellWord(path: string): string {
  return /^[\w./@%+=:,-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Accuracy and UAR, and beside them what always naming the most frequent label would get. */
export function resultLine(name: string, report: ClassificationReport<string>): string {
  const { accuracy, unweightedAverageRecall } = report;
  const baseline = majorityBaseline(report);
  return (
    `${name}: accuracy ${percent(accuracy)}, UAR ${percent(unweightedAverageRecall)}` +
    ` (always "${baseline.label}": accuracy ${percent(baseline.accuracy)}, UAR ${percent(baseline.unweightedAverageRecall)})`
  );
}

/** What always naming the most frequent label of these clips reaches. */
export function majorityBaseline(report: ClassificationReport<string>): {
  readonly label: string;
  readonly accuracy: number;
  readonly unweightedAverageRecall: number;
} {
  const entries = Object.entries(report.perClass) as [string, { support: number }][];
  const present = entries.filter(([, { support }]) => support > 0);
  const total = present.reduce((sum, [, { support }]) => sum + support, 0);
  const [label, { support }] = present.reduce((most, entry) => (entry[1].support > most[1].support ? entry : most));
  return { label, accuracy: support / total, unweightedAverageRecall: 1 / present.length };
}

const BLOCKS = ' ▁▂▃▄▅▆▇█';

/** A learning curve in one line of text for training and one for validation, each epoch a block from 0 to 1. */
export function curveLines({ epochs, bestEpoch }: Provenance['history']): string[] {
  const line = (part: 'train' | 'validation'): string => {
    const blocks = epochs.map((e) => BLOCKS[Math.round(e[part].unweightedAverageRecall * 8)] ?? ' ').join('');
    const last = epochs[epochs.length - 1]![part].unweightedAverageRecall;
    return `${part.padEnd(10)} UAR |${blocks}| ${last.toFixed(3)} in the last epoch`;
  };
  return [
    'learning curve: an epoch a block, which is empty at 0 and full at 1',
    line('train'),
    line('validation'),
    `best: epoch ${bestEpoch} of ${epochs.length}`,
  ];
}
