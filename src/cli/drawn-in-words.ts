import type { TransformJson } from '../augment/transform.ts';
import type { Waveform } from '../core/waveform.ts';

/**
 * What a transform drew, for people: a line for each transform that was at work, and for one that was left out. Numbers
 * have four digits at most, and seeds are left out.
 *
 * @param json  the transform's toJSON()
 * @param drawn  what it drew, as run() and draw() give it
 * @param of  the recording that it was drawn for
 */
export function drawnInWords(json: TransformJson, drawn: unknown, of: Waveform): string[] {
  const parts = json.transforms as readonly TransformJson[];
  switch (json.transform) {
    case 'compose':
      return parts.flatMap((part, i) => drawnInWords(part, (drawn as readonly unknown[])[i], of));
    case 'maybe': {
      const it = json.of as TransformJson;
      return drawn === null ? [`${nameOf(it)}: left out`] : drawnInWords(it, (drawn as { drawn: unknown }).drawn, of);
    }
    case 'oneOf': {
      const { index, drawn: its } = drawn as { index: number; drawn: unknown };
      return drawnInWords(parts[index]!, its, of);
    }
    case 'someOf': {
      const { indices, drawn: all } = drawn as { indices: readonly number[]; drawn: readonly unknown[] };
      if (indices.length === 0) return [`${parts.map(nameOf).join(', ')}: left out`];
      return indices.flatMap((index, i) => drawnInWords(parts[index]!, all[i], of));
    }
    default: {
      const said = inSeconds(json, drawn, of) ?? wordsOf(json, drawn);
      return [said === '' ? nameOf(json) : `${nameOf(json)}: ${said}`];
    }
  }
}

/** 'gain'; 'gain + addNoise' for what is made of others. */
function nameOf({ transform, transforms, of, name }: TransformJson): string {
  if (Array.isArray(transforms))
    return [...new Set(transforms.map(nameOf))].join(transform === 'compose' ? ' + ' : ' or ');
  if (of !== undefined) return nameOf(of as TransformJson);
  return transform === 'ownFunction' && typeof name === 'string' ? name : transform;
}

/** Of what is drawn in samples, frames or dimensions; undefined for all else. */
function inSeconds(
  { transform, durationSec, shorter }: TransformJson,
  drawn: unknown,
  { samples, sampleRate }: Waveform,
): string | undefined {
  const seconds = (count: number): string => `${Number((count / sampleRate).toFixed(3))} s`;
  switch (transform) {
    case 'addNoise':
    case 'addBackground':
      return samples.every((v) => v === 0) ? 'silent: none is added' : undefined;
    case 'crop': {
      const { startSample: start, lengthSamples: length } = drawn as { startSample: number; lengthSamples: number };
      const least = Array.isArray(durationSec) ? durationSec[0] : durationSec;
      const isShorter = typeof least === 'number' && length < Math.floor(least * sampleRate);
      if (shorter === 'keep' && isShorter) return 'the clip is shorter: kept whole';
      return `from ${seconds(start)} on, ${seconds(length)}`;
    }
    case 'pad': {
      const { beforeSamples: before, afterSamples: after } = drawn as Readonly<
        Record<'beforeSamples' | 'afterSamples', number>
      >;
      return before + after === 0 ? 'long enough' : `${seconds(before)} before, ${seconds(after)} after`;
    }
    case 'shift': {
      const { shiftSamples: by } = drawn as { shiftSamples: number };
      return `${seconds(Math.abs(by))} ${by < 0 ? 'earlier' : 'later'}`;
    }
    case 'maskTime':
    case 'maskFrequency': {
      const { masks } = drawn as { masks: readonly { start: number; width: number }[] };
      const unit = transform === 'maskTime' ? 'frame' : 'dimension';
      const words = masks
        .filter(({ width }) => width > 0)
        .sort((a, b) => a.start - b.start)
        .map(({ start, width }) =>
          width === 1 ? `${unit} ${start} hidden` : `${unit}s ${start} to ${start + width - 1} hidden`,
        );
      return words.join(' and ') || 'nothing hidden';
    }
    default:
      return undefined;
  }
}

/** What is heard at once, drawn or not. */
const TELLING = ['color', 'method', 'formants'] as const;

/** What was drawn, behind those of the options that say what kind of change it is. */
function wordsOf({ transform, ...options }: TransformJson, drawn: unknown): string {
  const fixed = TELLING.filter((key) => typeof options[key] === 'string')
    .filter((key) => drawn === null || typeof drawn !== 'object' || !(key in drawn))
    .map((key) => `${key} ${options[key]}`);
  return [...fixed, ...entriesInWords(drawn, transform)].join(', ');
}

function entriesInWords(drawn: unknown, transform: string): string[] {
  if (drawn === null || typeof drawn !== 'object') return drawn === null ? [] : [valueInWords(drawn)];
  return Object.entries(drawn).flatMap(([key, value]) => {
    if (/seed$/i.test(key) || value === null || value === undefined) return [];
    if (typeof value === 'object' && !Array.isArray(value)) return entriesInWords(value, transform);
    if (typeof value === 'boolean') return value ? [spaced(key)] : [];
    const [, name = key, ending] = /^(.+?)(Db|Hz|Sec|Ms|Kbps)$/.exec(key) ?? [];
    const unit = ending === undefined ? '' : ` ${UNITS[ending]}`;
    const words = name === transform ? '' : `${name === 'snr' ? 'SNR' : spaced(name)} `;
    return [`${words}${valueInWords(value)}${unit}`];
  });
}

const UNITS: Readonly<Record<string, string>> = { Db: 'dB', Hz: 'Hz', Sec: 's', Ms: 'ms', Kbps: 'kbit/s' };

/** 'cutoffOrder' -> 'cutoff order'. */
const spaced = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

function valueInWords(value: unknown): string {
  if (typeof value === 'number') return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
  if (!Array.isArray(value)) return String(value);
  if (value.length === 0) return 'none';
  return value
    .map((each) =>
      each !== null && typeof each === 'object' ? entriesInWords(each, '').join(' ') : valueInWords(each),
    )
    .join(' and ');
}
