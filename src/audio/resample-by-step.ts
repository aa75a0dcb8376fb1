import { fastSize } from '../dsp/fast-size.ts';
import { RealFft } from '../dsp/fft.ts';
import { InverseRealFft } from '../dsp/inverse-fft.ts';
import { besselI0 } from './resample-filter.ts';

// Two filters in a row. A sharp one, by Fourier transform, takes away what the output cannot hold and gives two samples
// for each input; between those a short one suffices, whose table serves every step. So a new step costs next to nothing,
// and an output 16 products instead of some 200.

/**
 * The sharp filter: half its length in samples of the lower rate, its Kaiser window's beta, and where it is at half its
 * height, in Nyquist frequencies of the lower rate. Fitted to soxr's HQ quality, librosa's default, 71 dB below white noise
 * or nearer: flat to 0.91 of the Nyquist frequency, closed from it on.
 */
const HALF_WIDTH = 103.3;
const BETA = 14.13;
const CUTOFF = 0.95685;

/** The short filter: half its length in samples of twice the input's rate, and its beta: images are 120 dB down. */
const SHORT = 8;
const SHORT_BETA = 12.5;
/** Rows of its table, for places between two samples; lines between rows are within 2e-6 of it. */
const PLACES = 512;

/**
 * `length` samples, of which the n-th is what the input is at place n * step: any step, drawn anew for every clip or not.
 * The numbers are soxr's HQ within 70 dB. Beyond the input there is silence.
 */
export function resampleByStep(samples: Float32Array, step: number, length: number): Float32Array<ArrayBuffer> {
  // Places beyond what the filter makes of the last input are silent; there is no need to compute them.
  const last = Math.min(step * (length - 1), samples.length + HALF_WIDTH * Math.max(1, step));
  const sounding = Math.min(length, Math.ceil(last / step) + 1);
  const inputs = Math.ceil(last + step) + SHORT;
  const doubled = doubledRate(samples, step, inputs);
  const rows = shortFilter();
  const out = new Float32Array(length);
  for (let n = 0; n < sounding; n++) {
    const place = 2 * step * n;
    const at = Math.floor(place);
    const within = (place - at) * PLACES;
    const row = Math.floor(within);
    const share = within - row;
    let early = 0;
    let late = 0;
    let h = row * TAPS;
    const end = at + 1 + TAPS;
    for (let i = at + 1; i < end; i++, h++) {
      const x = doubled[i]!;
      early += rows[h]! * x;
      late += rows[h + TAPS]! * x;
    }
    out[n] = early + share * (late - early);
  }
  return out;
}

const TAPS = 2 * SHORT;
let shortRows: Float64Array | undefined;

/** Row p weighs the 16 samples around a place p / PLACES after the eighth; one row more than places, for lines to end at. */
function shortFilter(): Float64Array {
  if (shortRows !== undefined) return shortRows;
  shortRows = new Float64Array((PLACES + 1) * TAPS);
  for (let p = 0, i = 0; p <= PLACES; p++) {
    for (let tap = 0; tap < TAPS; tap++, i++)
      shortRows[i] = windowedSinc(tap - SHORT + 1 - p / PLACES, 1, SHORT, SHORT_BETA);
  }
  return shortRows;
}

/** The input at twice its rate, through the sharp filter: sample SHORT + 2 n stands for input n, n < inputs. */
function doubledRate(samples: Float32Array, step: number, inputs: number): Float64Array {
  const scale = Math.min(1, 1 / step);
  const half = Math.ceil(HALF_WIDTH / scale);
  const size = fastSize(8 * half);
  const forward = new RealFft(size);
  const backward = new InverseRealFft(2 * size);
  const gains = sharpFilter(scale, half, 2 * size);
  const block = new Float64Array(size);
  const spectrum = new Float64Array(2 * forward.bins);
  // Twice the rate has room for twice the bins. The upper half holds mirror images, which the filter closes out.
  const wide = new Float64Array(2 * backward.bins);
  const outputs = new Float64Array(2 * size);
  const doubled = new Float64Array(2 * inputs + 2 * SHORT);
  const good = size - 2 * half;
  for (let first = -SHORT / 2; first < inputs; first += good) {
    const start = first - half;
    const from = Math.max(0, -start);
    const to = Math.max(from, Math.min(size, samples.length - start));
    block.fill(0);
    for (let n = from; n < to; n++) block[n] = samples[start + n]!;
    forward.spectrum(block, spectrum);
    for (let k = 0; k < forward.bins; k++) {
      wide[2 * k] = gains[k]! * spectrum[2 * k]!;
      wide[2 * k + 1] = gains[k]! * spectrum[2 * k + 1]!;
    }
    backward.frame(wide, outputs);
    const at = SHORT + 2 * first;
    const count = Math.min(2 * good, doubled.length - at);
    doubled.set(outputs.subarray(2 * half, 2 * half + count), at);
  }
  return doubled;
}

/** The sharp filter's gain in every bin up to the input's Nyquist frequency, of a transform of twice the rate. */
function sharpFilter(scale: number, half: number, size: number): Float64Array {
  const fft = new RealFft(size);
  const taps = new Float64Array(size);
  for (let n = 0; n < 2 * half; n++) {
    const tap = scale * windowedSinc((scale * n) / 2, CUTOFF, HALF_WIDTH, BETA);
    taps[n] = tap;
    if (n > 0) taps[size - n] = tap;
  }
  const spectrum = new Float64Array(2 * fft.bins);
  fft.spectrum(taps, spectrum);
  return Float64Array.from({ length: size / 4 + 1 }, (_, k) => spectrum[2 * k]!);
}

/** A sinc that is at half its height at `cutoff` Nyquist frequencies, under a Kaiser window that ends at `width`. */
function windowedSinc(t: number, cutoff: number, width: number, beta: number): number {
  const edge = t / width;
  if (edge <= -1 || edge >= 1) return 0;
  const angle = Math.PI * cutoff * t;
  const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
  return (cutoff * sinc * besselI0(beta * Math.sqrt(1 - edge * edge))) / besselI0(beta);
}
