import { quote, SerKitError } from '../core/errors.ts';
import { checkWaveform, type Waveform } from '../core/waveform.ts';
import { HALF_WIDTH, hasPhaseTable, type PhaseTable, phaseTable, STEPS, sampledPrototype } from './resample-filter.ts';

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

/**
 * Polyphase: output n lies at input n * down / up, and the filter's row for that fraction is ready. Outputs that are
 * `up` apart share a row, so four of them are summed at once and every coefficient is loaded once for the four; two
 * taps (their number is even) a turn are worth another 20 %.
 */
function resampleByTable(
  samples: Float32Array,
  out: Float32Array,
  up: number,
  down: number,
  { taps, before, rows }: PhaseTable,
): void {
  // Zeros on both sides, so that the inner loop knows no edges; float64, so that it converts nothing.
  const last = Math.floor(((out.length - 1) * down) / up);
  const padded = new Float64Array(Math.max(samples.length, last + 1) + taps);
  padded.set(samples, before);
  const n = out.length;
  for (let first = 0; first < Math.min(up, n); first++) {
    const row = (first * down) % up;
    const h = rows.subarray(row * taps, row * taps + taps);
    let start = Math.floor((first * down) / up);
    let i = first;
    for (; i + 3 * up < n; i += 4 * up, start += 4 * down) {
      const start1 = start + down;
      const start2 = start1 + down;
      const start3 = start2 + down;
      let sum0 = 0;
      let sum1 = 0;
      let sum2 = 0;
      let sum3 = 0;
      for (let tap = 0; tap < taps; tap += 2) {
        const c = h[tap]!;
        const d = h[tap + 1]!;
        sum0 += c * padded[start + tap]! + d * padded[start + tap + 1]!;
        sum1 += c * padded[start1 + tap]! + d * padded[start1 + tap + 1]!;
        sum2 += c * padded[start2 + tap]! + d * padded[start2 + tap + 1]!;
        sum3 += c * padded[start3 + tap]! + d * padded[start3 + tap + 1]!;
      }
      out[i] = sum0;
      out[i + up] = sum1;
      out[i + 2 * up] = sum2;
      out[i + 3 * up] = sum3;
    }
    for (; i < n; i += up, start += down) {
      let sum = 0;
      for (let tap = 0; tap < taps; tap++) sum += h[tap]! * padded[start + tap]!;
      out[i] = sum;
    }
  }
}

/** For rates without a small common ratio: the filter is read off the sampled prototype, with lines between samples. */
function resampleByInterpolation(samples: Float32Array, out: Float32Array, oldRate: number, newRate: number): void {
  const scale = Math.min(1, newRate / oldRate);
  const half = HALF_WIDTH / scale;
  const table = sampledPrototype();
  const step = scale * STEPS;
  for (let n = 0; n < out.length; n++) {
    const centre = (n * oldRate) / newRate;
    const from = Math.max(0, Math.ceil(centre - half));
    const to = Math.min(samples.length - 1, Math.floor(centre + half));
    let sum = 0;
    for (let i = from; i <= to; i++) {
      const place = Math.abs(i - centre) * step;
      const at = Math.floor(place);
      const left = table[at]!;
      sum += samples[i]! * (left + (place - at) * (table[at + 1]! - left));
    }
    out[n] = scale * sum;
  }
}

/**
 * The recording at another sample rate: `round(samples * sampleRate / waveform.sampleRate)` samples (halves up), and no
 * delay: output n stands for the same moment as input `n * waveform.sampleRate / sampleRate`.
 *
 * A windowed sinc (Smith, "Digital Audio Resampling", https://ccrma.stanford.edu/~jos/resample/), 64 zero crossings a
 * side under a Kaiser window, summed in float64. Seen from the lower rate's Nyquist frequency: flat within 0.001 dB up
 * to 0.9 of it, and what lies above 1.05 of it comes back 100 dB down or less. Outside the recording there is silence.
 * Samples can leave [-1, 1] a little where the recording touches its ends.
 *
 * Rates need not be whole. Tables for the last few pairs of rates are kept. At an unchanged rate the samples are
 * copied. A recording that is shorter than half a sample of the new rate has no samples there.
 *
 * @param sampleRate  the new rate in Hz
 * @throws SerKitError 'bad-option' for the rate; 'bad-input', 'empty' or 'not-finite' for the waveform
 * @example
 * const at16k = resample(decodeWav(bytes), 16000);
 */
export function resample(waveform: Waveform, sampleRate: number): Waveform {
  const who = 'resample';
  if (typeof sampleRate !== 'number' || !(sampleRate > 0) || !Number.isFinite(sampleRate)) {
    throw new SerKitError('bad-option', `${who}: sampleRate expected Hz > 0, got ${quote(sampleRate)}`);
  }
  checkWaveform(who, waveform);
  const { samples, sampleRate: oldRate } = waveform;
  if (sampleRate === oldRate) return { samples: samples.slice(), sampleRate };

  const length = Math.round((samples.length * sampleRate) / oldRate);
  if (length > 2 ** 30) {
    throw new SerKitError(
      'bad-option',
      `${who}: sampleRate expected to give at most 2^30 samples, got ${quote(sampleRate)}, which gives ${length}`,
    );
  }
  const out = new Float32Array(length);
  const divisor = greatestCommonDivisor(sampleRate, oldRate);
  const [up, down] = [sampleRate / divisor, oldRate / divisor];
  if (hasPhaseTable(up, down)) resampleByTable(samples, out, up, down, phaseTable(up, down));
  else resampleByInterpolation(samples, out, oldRate, sampleRate);
  return { samples: out, sampleRate };
}
