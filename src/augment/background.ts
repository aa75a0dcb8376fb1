import { resample } from '../audio/resample.ts';
import type { Waveform } from '../core/waveform.ts';
import { meanPower } from './power.ts';

/** How long a looped recording's end and beginning sound together. */
const SEAM_SEC = 0.02;
/** In how many samples at a time a recording's energy is summed up. */
const GRID = 256;
/** For how many rates a recording is kept resampled. */
const RATES = 4;

/** A recording at one rate, as if it went on for ever where it is shorter than what is asked of it. */
export class Background {
  readonly samples: Float32Array<ArrayBuffer>;
  readonly power: number;
  /** Where the loudest sample lies. */
  readonly loudest: number;
  /** How many samples a loop lasts: the recording without its last ones, which sound together with the first. */
  readonly period: number;
  /** The energy of all samples before each multiple of GRID. */
  readonly #energy: Float64Array;
  /** What the loop begins with, each time. */
  readonly #seam: Float32Array;

  constructor({ samples, sampleRate }: Waveform) {
    this.samples = samples;
    this.#energy = new Float64Array(Math.floor(samples.length / GRID) + 1);
    for (let i = 1; i < this.#energy.length; i++) {
      this.#energy[i] = this.#energy[i - 1]! + GRID * meanPower(samples, (i - 1) * GRID, i * GRID);
    }
    this.power = meanPower(samples);
    this.loudest = 0;
    for (let i = 1; i < samples.length; i++) {
      if (Math.abs(samples[i]!) > Math.abs(samples[this.loudest]!)) this.loudest = i;
    }
    const seam = Math.min(Math.round(SEAM_SEC * sampleRate), samples.length >> 2);
    this.period = samples.length - seam;
    this.#seam = new Float32Array(seam);
    for (let i = 0; i < seam; i++) {
      // Weights whose squares add up to 1: what goes out and what comes in are strangers, whose powers add.
      const come = (i + 0.5) / seam;
      const go = 1 - come;
      const norm = Math.sqrt(come * come + go * go);
      this.#seam[i] = (come * samples[i]! + go * samples[this.period + i]!) / norm;
    }
  }

  /** How many places a stretch of `length` samples can begin at. */
  places(length: number): number {
    return length <= this.samples.length ? this.samples.length - length + 1 : this.period;
  }

  /** The mean power of a stretch inside the recording, without adding it all up again. */
  powerOf(start: number, length: number): number {
    const { samples } = this;
    const end = start + length;
    const first = Math.ceil(start / GRID);
    const last = Math.floor(end / GRID);
    if (first >= last) return meanPower(samples, start, end);
    const before = meanPower(samples, start, first * GRID) * (first * GRID - start);
    const after = meanPower(samples, last * GRID, end) * (end - last * GRID);
    return (before + this.#energy[last]! - this.#energy[first]! + after) / length;
  }

  /** Where `length` samples from place `start` on lie: in the recording itself, or looped in new samples. */
  stretch(start: number, length: number): { readonly samples: Float32Array; readonly begin: number } {
    const { samples, period } = this;
    if (length <= samples.length) return { samples, begin: Math.min(start, samples.length - length) };
    const out = new Float32Array(length);
    const first = start % period;
    for (let to = 0, from = first; to < length; from = 0) {
      const count = Math.min(period - from, length - to);
      out.set(samples.subarray(from, from + count), to);
      const seam = this.#seam.subarray(Math.min(from, this.#seam.length), Math.min(from + count, this.#seam.length));
      out.set(seam, to);
      to += count;
    }
    return { samples: out, begin: 0 };
  }
}

/** Gives a recording at the rates that are asked for, and keeps it at the last few of them. */
export function backgroundAtRates(recording: Waveform): (sampleRate: number) => Background {
  const kept = new Map<number, Background>();
  return (sampleRate) => {
    const known = kept.get(sampleRate);
    if (known !== undefined) return known;
    const made = new Background(recording.sampleRate === sampleRate ? recording : resample(recording, sampleRate));
    const [oldest] = kept.keys();
    if (kept.size >= RATES && oldest !== undefined) kept.delete(oldest);
    kept.set(sampleRate, made);
    return made;
  };
}
