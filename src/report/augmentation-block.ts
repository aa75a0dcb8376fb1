import type { FeatureMatrix } from '../core/feature-matrix.ts';
import type { PicturedFeatures, PicturedVersion } from './augmentation.ts';
import { extremes } from './extremes.ts';
import { BLUE_TO_RED, GREYS, heatMapUrl } from './heat-map.ts';
import { roundTicks } from './round-ticks.ts';
import { at, escapeXml, textWidth } from './svg.ts';

/** What all recordings of one picture are drawn against. */
export interface Axes {
  readonly hopSec: number;
  /** The longest of them. */
  readonly seconds: number;
  /** The greatest sample of them; undefined where they differ so much that each has its own scale. */
  readonly reach: number | undefined;
  readonly loudestDb: number;
  readonly maxHz: number;
  /** Whether any of them has features. */
  readonly features: boolean;
}

/** Where a recording is drawn. */
interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
}

/** Left of a recording's strips. */
export const MARGIN = 58;
const RIGHT = 16;
const HEAD = 22;
/** However short a recording is, it is drawn as wide as this. */
const LEAST_WIDTH = 3;
const STRIPS = { wave: 64, spectrogram: 110, features: 84 } as const;
const BETWEEN = 8;
const TIME = 34;
const LINE = 16;
const NOTE_FONT = 12;

const INK = '#1b3a5c';
const ACCENT = '#b3261e';
const GREY = '#555';
const RANGE_DB = 70;
/** Levels that differ by less are drawn alike: it is not seen, and the picture is a third of its size. */
const STEP_DB = 3;
/** More rows than a strip has pixels say nothing: several become one, their mean. */
const MOST_ROWS = 128;
const REACH_DEVIATIONS = 2.5;
/** A recording whose greatest sample lies below this is called silent: -80 dB of full scale. */
export const SILENT_PEAK = 1e-4;
const SHORT_SEC = 0.1;

/** How much room a recording takes, its notes included. */
export function blockHeight(
  { waveform, notes = [] }: PicturedVersion | PicturedFeatures,
  { features }: Axes,
  width: number,
): number {
  const strips = [
    ...(waveform === undefined ? [] : [STRIPS.wave, STRIPS.spectrogram]),
    ...(features ? [STRIPS.features] : []),
  ];
  const height = strips.reduce((sum, strip) => sum + strip, BETWEEN * (strips.length - 1));
  return HEAD + height + TIME + LINE * noteLines(notes, width).length;
}

/** How long it is: a sound to its last sample, features alone to their last frame. */
export function secondsOf({ waveform, features }: PicturedVersion | PicturedFeatures, hopSec: number): number {
  return waveform === undefined ? (features!.frames - 1) * hopSec : waveform.samples.length / waveform.sampleRate;
}

/** A recording's name, strips, axis of time and notes. */
export function drawBlock(
  version: PicturedVersion | PicturedFeatures,
  axes: Axes,
  { left, top, width }: Place,
): string[] {
  const { name, waveform, spectrogram, features, notes = [] } = version;
  const from = left + MARGIN;
  const plot = width - MARGIN - RIGHT;
  const seconds = secondsOf(version, axes.hopSec);
  const x = (second: number): number => from + (plot * second) / axes.seconds;
  const end = Math.max(from + LEAST_WIDTH, x(seconds));
  const reach = axes.reach ?? Math.max(SILENT_PEAK, waveform === undefined ? 0 : peakOf(waveform));
  const scale =
    axes.reach === undefined && waveform !== undefined ? `, the waveform's own scale: ${reachText(reach)}` : '';
  const rows: string[] = [
    `<text x="${at(from)}" y="${at(top + 12)}"><tspan font-weight="bold">${escapeXml(name)}</tspan> <tspan fill="${GREY}">${lengthText(seconds)}${scale}</tspan></text>`,
  ];
  let next = top + HEAD;
  /** A strip on white as far as the recording goes, and on grey after its end. */
  const strip = (height: number): number => {
    const y = next;
    next += height + BETWEEN;
    rows.push(
      `<rect x="${at(from)}" y="${at(y)}" width="${at(plot)}" height="${height}" fill="#eceef1"/>`,
      `<rect x="${at(from)}" y="${at(y)}" width="${at(end - from)}" height="${height}" fill="#fff"/>`,
    );
    return y;
  };
  const frame = (y: number, height: number): void => {
    rows.push(`<rect x="${at(from)}" y="${at(y)}" width="${at(plot)}" height="${height}" fill="none" stroke="#888"/>`);
  };
  const label = (y: number, text: string): void => {
    rows.push(`<text x="${at(from - 6)}" y="${at(y)}" text-anchor="end" font-size="11">${text}</text>`);
  };
  const say = (y: number, text: string): void => {
    rows.push(
      `<text x="${at((from + end) / 2)}" y="${at(y + 4)}" text-anchor="middle" fill="${GREY}" stroke="#fff" stroke-width="4" paint-order="stroke">${text}</text>`,
    );
  };
  /** Frame t covers half a hop on both sides of its time; what lies outside the recording is cut off. */
  const image = (y: number, height: number, drawn: number, frames: number, url: string): void => {
    const start = x(-axes.hopSec / 2);
    rows.push(
      `<svg x="${at(from)}" y="${at(y)}" width="${at(end - from)}" height="${height}">`,
      `<image x="${at(start - from)}" y="${at(height - drawn)}" width="${at(x((frames - 0.5) * axes.hopSec) - start)}" height="${at(drawn)}" preserveAspectRatio="none" href="${url}"/>`,
      '</svg>',
    );
  };

  if (waveform !== undefined) {
    const { samples, sampleRate } = waveform;
    const wave = strip(STRIPS.wave);
    const half = STRIPS.wave / 2;
    const level = (value: number): number => wave + half - (half * value) / reach;
    rows.push(`<path d="${outline(samples, from, end, level)}" fill="none" stroke="${INK}"/>`);
    if (reach > 1.001) {
      for (const full of [-1, 1]) {
        rows.push(
          `<line x1="${at(from)}" x2="${at(from + plot)}" y1="${at(level(full))}" y2="${at(level(full))}" stroke="${ACCENT}" stroke-dasharray="4 4"/>`,
        );
      }
    }
    label(wave + 9, reachText(reach));
    label(wave + half + 4, '0');
    frame(wave, STRIPS.wave);
    if (!samples.some((v) => Math.abs(v) >= SILENT_PEAK)) say(wave + half, 'silence');

    const spectrum = strip(STRIPS.spectrogram);
    const shown = pooled(spectrogram, sampleRate / 2, axes.maxHz);
    const url = heatMapUrl({
      columns: shown.frames,
      rows: shown.dims,
      value: (t, row) => Math.round(shown.data[t * shown.dims + row]! / STEP_DB) * STEP_DB,
      range: [axes.loudestDb - RANGE_DB, axes.loudestDb],
      palette: GREYS,
    });
    image(spectrum, STRIPS.spectrogram, (STRIPS.spectrogram * shown.reachesHz) / axes.maxHz, shown.frames, url);
    for (const kHz of roundTicks(axes.maxHz / 1000, 4)) {
      const y = spectrum + STRIPS.spectrogram * (1 - (1000 * kHz) / axes.maxHz);
      if (y > spectrum + 20 || kHz === 0) label(Math.max(y + 4, spectrum + 9), String(kHz));
    }
    label(spectrum + 9, 'kHz');
    frame(spectrum, STRIPS.spectrogram);
  }

  if (axes.features) {
    const strong = strip(STRIPS.features);
    if (features !== undefined) {
      const { frames, dims, data } = features;
      const map = heatMapUrl({
        columns: frames,
        rows: dims,
        value: (t, row) => Math.round(data[t * dims + row]! * 8) / 8,
        range: [-REACH_DEVIATIONS, REACH_DEVIATIONS],
        palette: BLUE_TO_RED,
      });
      image(strong, STRIPS.features, STRIPS.features, frames, map);
    }
    label(strong + 9, 'log-mel');
    frame(strong, STRIPS.features);
  }

  const bottom = next - BETWEEN;
  const [unit, unitSec] = axes.seconds < SHORT_SEC ? ['ms', 0.001] : ['s', 1];
  const ticks = roundTicks(axes.seconds / unitSec, plot > 600 ? 10 : 5);
  for (const [i, tick] of ticks.entries()) {
    const second = x(tick * unitSec);
    rows.push(
      `<line x1="${at(second)}" x2="${at(second)}" y1="${at(bottom)}" y2="${at(bottom + 4)}" stroke="#888"/>`,
      `<text x="${at(second)}" y="${at(bottom + 16)}" text-anchor="middle" font-size="11">${at(tick)}${i === 0 ? ` ${unit}` : ''}</text>`,
    );
  }
  noteLines(notes, width).forEach((line, i) => {
    rows.push(
      `<text x="${at(from)}" y="${at(bottom + TIME + LINE * i)}" font-size="${NOTE_FONT}" fill="${GREY}">${escapeXml(line)}</text>`,
    );
  });
  return rows;
}

/** Every pixel's least and greatest sample; no stroke is shorter than a pixel, so that silence is a line. */
function outline(samples: Float32Array, from: number, to: number, y: (value: number) => number): string {
  const columns = Math.max(1, Math.min(Math.floor(to - from), samples.length));
  const step = (to - from) / columns;
  if (samples.length === 1) {
    return `M${at(from)} ${tenth(y(0))}H${at(to)}M${at((from + to) / 2)} ${tenth(y(0))}V${tenth(y(samples[0]!))}`;
  }
  // Each stroke is told from where the one before ended, in whole tenths of a pixel: half as long as absolute numbers.
  let [x, bottom] = [0, 0];
  return extremes(samples, columns)
    .map(([least, most], column) => {
      const [upper, lower] = [y(most), y(least)];
      const more = Math.max(0, 1 - (lower - upper)) / 2;
      const right = Math.round(10 * (from + (column + 0.5) * step)) - x;
      const top = Math.round(10 * (upper - more)) - bottom;
      const down = Math.round(10 * (lower + more)) - bottom - top;
      x += right;
      bottom += top + down;
      return `m${right / 10} ${top / 10}v${down / 10}`;
    })
    .join('')
    .replaceAll(' -', '-');
}

const tenth = (value: number): string => String(Math.round(value * 10) / 10);

/** The bands up to `maxHz`, several in a row where there are many; and the frequency that the rows reach to. */
function pooled(
  { data, frames, dims }: FeatureMatrix,
  halfRate: number,
  maxHz: number,
): FeatureMatrix & { readonly reachesHz: number } {
  const bandHz = halfRate / Math.max(1, dims - 1);
  const bands = Math.min(dims, Math.ceil(maxHz / bandHz));
  const each = Math.ceil(bands / MOST_ROWS);
  const rows = Math.max(1, Math.floor(bands / each));
  const out = new Float32Array(frames * rows);
  for (let t = 0; t < frames; t++) {
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let k = 0; k < each; k++) sum += data[t * dims + row * each + k]!;
      out[t * rows + row] = sum / each;
    }
  }
  return { data: out, frames, dims: rows, reachesHz: rows * each * bandHz };
}

/** The notes, broken between words to what fits. */
function noteLines(notes: readonly string[], width: number): string[] {
  const room = width - MARGIN - RIGHT;
  return notes.flatMap((note) => {
    const lines: string[] = [];
    let line = '';
    for (const word of note.split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (line !== '' && textWidth(longer, NOTE_FONT) > room) {
        lines.push(line);
        line = `  ${word}`;
      } else line = longer;
    }
    return [...lines, line];
  });
}

/** A recording's greatest sample. */
export function peakOf({ samples }: PicturedVersion['waveform']): number {
  return samples.reduce((peak, v) => Math.max(peak, Math.abs(v)), 0);
}

const reachText = (reach: number): string => String(Number(reach.toPrecision(2)));

function lengthText(seconds: number): string {
  return seconds < SHORT_SEC ? `${at(seconds * 1000)} ms` : `${seconds.toFixed(2)} s`;
}
