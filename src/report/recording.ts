import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { checkFeatureMatrix, type FeatureMatrix } from '../core/feature-matrix.ts';
import { parseOptions, positive } from '../core/options.ts';
import { checkWaveform, type Waveform } from '../core/waveform.ts';
import { extremes } from './extremes.ts';
import { BLUE_TO_RED, GREYS, heatMapUrl, type Palette } from './heat-map.ts';
import { roundTicks } from './round-ticks.ts';
import { at, escapeXml, svgDocument, textWidth } from './svg.ts';

/** What {@link recordingSvg} draws. All features have one hop, and frame t lies at t times the hop. */
export interface RecordingPicture {
  readonly waveform: Waveform;
  /** [frames, bands] in dB, bands evenly spaced from 0 Hz to half the sample rate. */
  readonly spectrogram: FeatureMatrix;
  /** [frames, coefficients]. */
  readonly mfcc: FeatureMatrix;
  /** [frames, 2]: f0 in Hz, 0 where unvoiced, and how likely the frame is voiced, which is not drawn: pitch()'s. */
  readonly pitch: FeatureMatrix;
  /** [frames, 1]: root mean square of the samples. */
  readonly rms: FeatureMatrix;
}

export interface RecordingSvgOptions {
  readonly title?: string | undefined;
  /** Seconds from one frame to the next. */
  readonly hopSec: number;
  /** The spectrogram is drawn up to here, in Hz. @default half the sample rate, which it does not go beyond */
  readonly maxHz?: number | undefined;
}

const schema = z.strictObject({ title: z.optional(z.string()), hopSec: positive, maxHz: z.optional(positive) });

const LEFT = 74;
const RIGHT = 86;
const INK = '#1b3a5c';
const ACCENT = '#b3261e';
const TOP = 58;
const GAP = 30;
/** How far below the greatest value the spectrogram's white lies. */
const RANGE_DB = 60;
const FLOOR_DB = -80;
/** The spectrogram's black lies at its greatest value, or here where that is less. */
const LEAST_LOUDEST_DB = -40;
/** A recording whose greatest sample lies below this is called silent: -80 dB of full scale. */
const SILENT_PEAK = 1e-4;
/** The waveform's strip reaches to the greatest sample, or to this where that is less. */
const LEAST_REACH = 0.001;
/** Below so many seconds, time is told in milliseconds. */
const SHORT_SEC = 0.1;
/** More dots or corners than a page has pixels are thinned out. */
const MOST_POINTS = 1600;

/** A strip of the figure; `y` maps its own unit to pixels. */
interface Panel {
  readonly top: number;
  readonly height: number;
  readonly y: (value: number) => number;
}

/**
 * A recording at a glance, as an SVG document: waveform, spectrogram, MFCC, pitch and energy above one another on one
 * time axis. Black, white and two colours that stay apart in grey, for paper.
 *
 * The spectrogram reaches from its greatest value, at least -40 dB, 60 dB down, and up to `maxHz`; each MFCC is shown against
 * its own mean, in its own deviations (blue below, red above, at most 2.5); a voiced frame is a dot at its pitch. A recording
 * that never goes above -80 dB of full scale is called silent.
 *
 * @throws SerKitError 'bad-input' for a matrix of another shape; 'empty'; 'not-finite'; 'bad-option'
 */
export function recordingSvg(recording: RecordingPicture, options: RecordingSvgOptions): string {
  const who = 'recordingSvg';
  const { title = 'Recording', hopSec, maxHz = Number.POSITIVE_INFINITY } = parseOptions(who, schema, options);
  const { waveform, spectrogram, mfcc, pitch, rms } = recording;
  checkWaveform(who, waveform);
  for (const [name, matrix, dims] of [
    ['spectrogram', spectrogram, undefined],
    ['mfcc', mfcc, undefined],
    ['pitch', pitch, 2],
    ['rms', rms, 1],
  ] as const) {
    checkFeatureMatrix(`${who}: ${name}`, matrix);
    if (matrix.frames === 0) throw new SerKitError('empty', `${who}: ${name} expected at least one frame, got none`);
    if (dims !== undefined && matrix.dims !== dims) {
      throw new SerKitError('bad-input', `${who}: ${name} expected ${dims} dims, got ${quote(matrix.dims)}`);
    }
  }
  const width = Math.max(960, LEFT + textWidth(title, 16) + 20);
  const right = width - RIGHT;
  const seconds = waveform.samples.length / waveform.sampleRate;
  const x = (second: number): number => LEFT + ((right - LEFT) * second) / seconds;
  const body = [`<text x="${LEFT}" y="28" font-size="16" font-weight="bold">${escapeXml(title)}</text>`];

  let next = TOP;
  const panel = (name: string, unit: string, height: number, low: number, high: number): Panel => {
    const top = next;
    next += height + GAP;
    body.push(
      `<text x="${LEFT}" y="${at(top - 7)}" font-size="12"><tspan font-weight="bold">${name}</tspan> <tspan fill="#555">${unit}</tspan></text>`,
    );
    return { top, height, y: (value) => top + height * (1 - (value - low) / (high - low)) };
  };
  const frame = ({ top, height }: Panel): void => {
    body.push(
      `<rect x="${LEFT}" y="${at(top)}" width="${at(right - LEFT)}" height="${at(height)}" fill="none" stroke="#888"/>`,
    );
  };
  const ticks = (to: Panel, values: readonly number[], text: (value: number) => string = String): void => {
    for (const value of values) {
      body.push(
        `<line x1="${LEFT - 4}" x2="${LEFT}" y1="${at(to.y(value))}" y2="${at(to.y(value))}" stroke="#888"/>`,
        `<text x="${LEFT - 8}" y="${at(to.y(value) + 4)}" text-anchor="end" font-size="11">${text(value)}</text>`,
      );
    }
  };
  /** `most` is the value that the picture's upper edge stands for, where that is not the panel's. */
  const image = ({ top, height, y }: Panel, url: string, frames: number, most?: number): void => {
    // Frame t covers half a hop on both sides of its time, as far as the recording goes.
    const clip = `clip${body.length}`;
    const from = x(-hopSec / 2);
    const drawn = x((frames - 0.5) * hopSec) - from;
    const upper = most === undefined ? top : y(most);
    body.push(
      `<clipPath id="${clip}"><rect x="${LEFT}" y="${at(top)}" width="${at(right - LEFT)}" height="${at(height)}"/></clipPath>`,
      `<image x="${at(from)}" y="${at(upper)}" width="${at(drawn)}" height="${at(top + height - upper)}" preserveAspectRatio="none" clip-path="url(#${clip})" href="${url}"/>`,
    );
  };
  const scale = ({ top, height }: Panel, palette: Palette, high: string, low: string): void => {
    const url = heatMapUrl({ columns: 1, rows: 64, value: (_, row) => row, range: [0, 63], palette });
    body.push(
      `<image x="${at(right + 12)}" y="${at(top)}" width="10" height="${at(height)}" preserveAspectRatio="none" href="${url}"/>`,
      `<rect x="${at(right + 12)}" y="${at(top)}" width="10" height="${at(height)}" fill="none" stroke="#888"/>`,
      `<text x="${at(right + 27)}" y="${at(top + 10)}" font-size="11">${high}</text>`,
      `<text x="${at(right + 27)}" y="${at(top + height)}" font-size="11">${low}</text>`,
    );
  };

  const say = ({ top, height }: Panel, text: string): void => {
    body.push(
      `<text x="${at((LEFT + right) / 2)}" y="${at(top + height / 2 + 4)}" text-anchor="middle" fill="#555" stroke="#fff" stroke-width="4" paint-order="stroke">${text}</text>`,
    );
  };

  // The waveform, as the least and the greatest sample of every pixel.
  const peak = waveform.samples.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const isSilent = peak < SILENT_PEAK;
  const reach = Math.max(peak, LEAST_REACH);
  const wave = panel('Waveform', 'full scale is 1', 84, -reach, reach);
  body.push(`<path d="${envelope(waveform, right - LEFT, wave.y)}" fill="none" stroke="${INK}" stroke-width="1"/>`);
  ticks(wave, [-reach, 0, reach], (value) => String(Number(value.toPrecision(2))));
  frame(wave);
  if (isSilent) say(wave, 'silence');

  const half = waveform.sampleRate / 2;
  const shownHz = Math.min(maxHz, half);
  const spectrum = panel('Spectrogram', 'kHz', 170, 0, shownHz / 1000);
  // The bands up to there, and the next: what it has too much is clipped.
  const last = Math.max(1, spectrogram.dims - 1);
  const bands = Math.min(spectrogram.dims, Math.ceil((shownHz / half) * last) + 1);
  // Digital silence, all of it on the logarithm's floor, is white and not black.
  const loudest = spectrogram.data.reduce((most, v) => Math.max(most, v), LEAST_LOUDEST_DB);
  image(
    spectrum,
    heatMapUrl({
      columns: spectrogram.frames,
      rows: bands,
      value: (t, band) => spectrogram.data[t * spectrogram.dims + band]!,
      range: [loudest - RANGE_DB, loudest],
      palette: GREYS,
    }),
    spectrogram.frames,
    (Math.max(1, bands - 1) * half) / last / 1000,
  );
  ticks(spectrum, roundTicks(shownHz / 1000, 5));
  scale(spectrum, GREYS, `${Math.round(loudest)} dB`, `${Math.round(loudest - RANGE_DB)} dB`);
  frame(spectrum);
  if (isSilent) say(spectrum, 'silence');
  else if (spectrogram.frames === 1) say(spectrum, 'one frame');

  const cepstrum = panel('MFCC', 'coefficient', 120, -0.5, mfcc.dims - 0.5);
  image(cepstrum, standardizedMap(mfcc), mfcc.frames);
  ticks(cepstrum, roundTicks(mfcc.dims - 1, 5).filter(Number.isInteger));
  scale(cepstrum, BLUE_TO_RED, '+2.5 sd', '-2.5 sd');
  frame(cepstrum);

  const f0 = Array.from({ length: pitch.frames }, (_, t) => pitch.data[2 * t]!);
  const highest = f0.reduce((most, hz) => Math.max(most, hz), 100) * 1.1;
  const melody = panel('Pitch (f0)', 'Hz', 100, 0, highest);
  const every = Math.ceil(pitch.frames / MOST_POINTS);
  for (const [t, hz] of f0.entries()) {
    if (t % every !== 0 || hz <= 0 || t * hopSec > seconds) continue;
    body.push(`<circle cx="${at(x(t * hopSec))}" cy="${at(melody.y(hz))}" r="2" fill="${ACCENT}"/>`);
  }
  ticks(melody, roundTicks(highest, 4));
  if (!f0.some((hz) => hz > 0)) say(melody, 'no voiced frames');
  frame(melody);

  const energy = panel('Energy (RMS)', 'dB of full scale', 84, FLOOR_DB, 0);
  const level = (t: number): number => Math.min(0, Math.max(FLOOR_DB, 20 * Math.log10(Math.max(rms.data[t]!, 1e-10))));
  const line = Array.from({ length: rms.frames }, (_, t) => t)
    .filter((t) => t % Math.ceil(rms.frames / MOST_POINTS) === 0 && t * hopSec <= seconds)
    .map((t) => `${t === 0 ? 'M' : 'L'}${at(x(t * hopSec))} ${at(energy.y(level(t)))}`);
  if (line.length === 1) line.push(`H${at(right)}`); // one frame is one level
  body.push(`<path d="${line.join('')}" fill="none" stroke="${INK}" stroke-width="1.5"/>`);
  ticks(energy, [0, -20, -40, -60, -80]);
  frame(energy);

  const bottom = next - GAP;
  const [unit, unitSec] = seconds < SHORT_SEC ? ['ms', 0.001] : ['s', 1];
  for (const tick of roundTicks(seconds / unitSec, 10)) {
    const second = tick * unitSec;
    body.push(
      `<line x1="${at(x(second))}" x2="${at(x(second))}" y1="${TOP}" y2="${at(bottom + 5)}" stroke="#888" stroke-opacity="0.35"/>`,
      `<text x="${at(x(second))}" y="${at(bottom + 19)}" text-anchor="middle" font-size="11">${at(tick)}</text>`,
    );
  }
  body.push(`<text x="${at((LEFT + right) / 2)}" y="${at(bottom + 38)}" text-anchor="middle">time (${unit})</text>`);
  return svgDocument(width, Math.ceil(bottom + 50), title, body);
}

/** Every pixel's least and greatest sample, as one path; a single sample as a line. */
function envelope({ samples }: Waveform, pixels: number, y: (value: number) => number): string {
  const columns = Math.min(Math.floor(pixels), samples.length);
  if (samples.length === 1) return `M${LEFT} ${at(y(samples[0]!))}H${at(LEFT + pixels)}`;
  const parts = extremes(samples, columns).map(([least, most], column) => {
    const x = at(LEFT + ((column + 0.5) * pixels) / columns);
    return `${column === 0 ? 'M' : 'L'}${x} ${at(y(most))}L${x} ${at(y(least))}`;
  });
  return parts.join('');
}

/** Each dimension against its own mean, in its own deviations. */
function standardizedMap({ data, frames, dims }: FeatureMatrix): string {
  const statistics = Array.from({ length: dims }, (_, d) => {
    let [sum, squares] = [0, 0];
    for (let t = 0; t < frames; t++) sum += data[t * dims + d]!;
    const mean = sum / frames;
    for (let t = 0; t < frames; t++) squares += (data[t * dims + d]! - mean) ** 2;
    return { mean, deviation: Math.sqrt(squares / frames) || 1 };
  });
  return heatMapUrl({
    columns: frames,
    rows: dims,
    value: (t, d) => (data[t * dims + d]! - statistics[d]!.mean) / statistics[d]!.deviation,
    range: [-2.5, 2.5],
    palette: BLUE_TO_RED,
  });
}
