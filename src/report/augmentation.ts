import * as z from 'zod/mini';
import { SerKitError } from '../core/errors.ts';
import { checkFeatureMatrix, type FeatureMatrix } from '../core/feature-matrix.ts';
import { parseOptions, positive } from '../core/options.ts';
import { checkWaveform, type Waveform } from '../core/waveform.ts';
import { type Axes, blockHeight, drawBlock, MARGIN, peakOf, SILENT_PEAK, secondsOf } from './augmentation-block.ts';
import { escapeXml, svgDocument, textWidth } from './svg.ts';

/** One recording of an {@link AugmentationPicture}. */
export interface PicturedVersion {
  /** What stands above it. */
  readonly name: string;
  readonly waveform: Waveform;
  /** [frames, bands] in dB, bands evenly spaced from 0 Hz to half the sample rate; frame t lies at t times the hop. */
  readonly spectrogram: FeatureMatrix;
  /** [frames, dims]: features about 0, each in its own deviations, such as the network sees; the spectrogram's hop. */
  readonly features?: FeatureMatrix | undefined;
  /** What stands beneath it, such as what was drawn; long lines are broken. */
  readonly notes?: readonly string[] | undefined;
}

/** Features without a sound of their own, such as a mixture of those of two recordings. */
export interface PicturedFeatures extends Pick<PicturedVersion, 'name' | 'notes'> {
  readonly features: FeatureMatrix;
  readonly waveform?: undefined;
  readonly spectrogram?: undefined;
}

/** What {@link augmentationSvg} draws. */
export interface AugmentationPicture {
  readonly original: PicturedVersion;
  /** What was made of it, at least one. */
  readonly versions: readonly (PicturedVersion | PicturedFeatures)[];
}

export interface AugmentationSvgOptions {
  readonly title?: string | undefined;
  /** Seconds from one frame to the next. */
  readonly hopSec: number;
  /** The spectrograms are drawn up to here, in Hz. @default half the sample rate, which they do not go beyond */
  readonly maxHz?: number | undefined;
  /** How many stand side by side: 1, below one another, or 2. @default 1 */
  readonly columns?: 1 | 2 | undefined;
}

const schema = z.strictObject({
  title: z.optional(z.string()),
  hopSec: positive,
  maxHz: z.optional(positive),
  columns: z.optional(z.literal([1, 2])),
});

const WIDTH = 960;
const TOP = 60;
/** Between one recording and the next. */
const GAP = 18;
const LEAST_LOUDEST_DB = -40;
const LEAST_REACH = 0.001;
/** Where one is so much greater than another, that one would be a line: 20 dB. */
const MOST_APART = 10;

/**
 * A recording before and after augmentation, as an SVG document: waveform and spectrogram of the original and of each
 * version, and their features where they have some (of what has features alone, those), with notes beneath. Beneath the title stands what is drawn, and where it stops. All have the same axes, so that what is longer,
 * louder or higher looks so: time up to the longest, samples up to the greatest (each up to its own where
 * they lie more than 20 dB apart; where that is beyond 1, full scale is marked), the spectrograms' black at the loudest of all, at least -40 dB, and white 70 dB below.
 *
 * @throws SerKitError 'bad-input' for a matrix of another shape; 'empty' without versions or frames; 'not-finite'; 'bad-option'
 */
export function augmentationSvg(picture: AugmentationPicture, options: AugmentationSvgOptions): string {
  const who = 'augmentationSvg';
  const { title = 'Augmentation', hopSec, maxHz, columns = 1 } = parseOptions(who, schema, options);
  const { original, versions } = picture;
  if (versions.length === 0) throw new SerKitError('empty', `${who}: versions expected at least one, got none`);
  const all = [original, ...versions];
  for (const each of all) check(who, each);

  const width = Math.max(WIDTH, MARGIN + textWidth(title, 16) + MARGIN);
  const blockWidth = (width - GAP * (columns - 1)) / columns;
  const sounds = all.filter((each) => each.waveform !== undefined);
  const axes = axesOf(all, sounds, hopSec, maxHz);
  const body = [
    `<desc>${escapeXml(description(all, sounds, hopSec))}</desc>`,
    `<text x="${MARGIN}" y="28" font-size="16" font-weight="bold">${escapeXml(title)}</text>`,
    `<text x="${MARGIN}" y="46" font-size="11" fill="#555">${escapeXml(caption(sounds, axes))}</text>`,
  ];
  let top = TOP;
  for (let first = 0; first < all.length; first += columns) {
    const row = all.slice(first, first + columns);
    row.forEach((each, i) => {
      body.push(...drawBlock(each, axes, { left: i * (blockWidth + GAP), top, width: blockWidth }));
    });
    top += Math.max(...row.map((each) => blockHeight(each, axes, blockWidth))) + GAP;
  }
  return svgDocument(width, Math.ceil(top - GAP + 8), title, body);
}

function check(who: string, { name, waveform, spectrogram, features }: PicturedVersion | PicturedFeatures): void {
  if (waveform !== undefined || spectrogram !== undefined || features === undefined) {
    checkWaveform(`${who}: ${name}`, waveform as unknown as Waveform);
    checkFeatureMatrix(`${who}: ${name}: spectrogram`, spectrogram as unknown as FeatureMatrix);
  }
  for (const [what, matrix] of Object.entries({ spectrogram, features })) {
    if (matrix === undefined) continue;
    checkFeatureMatrix(`${who}: ${name}: ${what}`, matrix);
    if (matrix.frames > 0 && matrix.dims > 0) continue;
    throw new SerKitError('empty', `${who}: ${name}: ${what} expected at least one frame, got none`);
  }
}

/** What all recordings of the picture are drawn against. */
function axesOf(
  all: readonly (PicturedVersion | PicturedFeatures)[],
  sounds: readonly PicturedVersion[],
  hopSec: number,
  maxHz = Number.POSITIVE_INFINITY,
): Axes {
  const greatest = (values: Float32Array, least: number): number =>
    values.reduce((most, value) => Math.max(most, value), least);
  const most = (of: (each: PicturedVersion) => number): number => Math.max(...sounds.map(of));
  const peaks = sounds.map(({ waveform }) => peakOf(waveform));
  const peak = Math.max(...peaks);
  const least = Math.min(peak, ...peaks.filter((each) => each >= SILENT_PEAK));
  return {
    hopSec,
    seconds: Math.max(...all.map((each) => secondsOf(each, hopSec))),
    reach: peak > MOST_APART * least ? undefined : Math.max(peak, LEAST_REACH),
    loudestDb: most(({ spectrogram }) => greatest(spectrogram.data, LEAST_LOUDEST_DB)),
    maxHz: Math.min(
      maxHz,
      most(({ waveform }) => waveform.sampleRate / 2),
    ),
    features: all.some((each) => each.features !== undefined),
  };
}

/** What the picture's parts are. */
function caption(sounds: readonly PicturedVersion[], { maxHz, features }: Axes): string {
  const half = Math.max(...sounds.map(({ waveform }) => waveform.sampleRate / 2));
  const upTo = maxHz < half ? ` up to ${maxHz / 1000} kHz, of the recording's ${half / 1000}` : '';
  const log = features
    ? '; log-mel features: red above, blue below, white at their mean and where they are masked'
    : '';
  return `waveform; spectrogram${upTo}${log}`;
}

/** The picture for those who do not see it. */
function description(
  all: readonly (PicturedVersion | PicturedFeatures)[],
  sounds: readonly PicturedVersion[],
  hopSec: number,
): string {
  const each = all.map((version) => {
    const { name, waveform, notes = [] } = version;
    const what = waveform === undefined ? ', features alone' : '';
    const seconds = secondsOf(version, hopSec).toFixed(2);
    return `${name}${what}, ${seconds} s${notes.length === 0 ? '' : `: ${notes.join('; ')}`}`;
  });
  return `Waveform and spectrogram of ${sounds.length} recordings. ${each.join('. ')}.`;
}
