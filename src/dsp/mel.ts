import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { nonNegative, parseOptions, positive } from '../core/options.ts';

/** Which mel bands, and how they are weighted. */
export interface MelOptions {
  /** How many bands. @default 128 */
  readonly nMels?: number | undefined;
  /** The lower edge of the first band in Hz. @default 0 */
  readonly fMin?: number | undefined;
  /** The upper edge of the last band in Hz, at most half the sample rate. @default sampleRate / 2 */
  readonly fMax?: number | undefined;
  /** True: mel = 2595 log10(1 + f / 700) (HTK). False: Slaney's scale, linear up to 1 kHz. @default false */
  readonly htk?: boolean | undefined;
  /** 'slaney': every triangle has the area 1 (over Hz). null: every triangle has the height 1. @default 'slaney' */
  readonly melNorm?: 'slaney' | null | undefined;
  /** In what the triangles' sides are straight: 'hz', or 'mel' as in HTK and Kaldi. @default 'hz' */
  readonly triangles?: 'hz' | 'mel' | undefined;
  /**
   * Where the last bin is taken to lie, in Hz; bin k lies at k / floor(nFft / 2) of it. Some tools miss the true place a
   * little, torchaudio where the rate is odd. @default floor(nFft / 2) * sampleRate / nFft
   */
  readonly lastBinHz?: number | undefined;
}

/** The schemas of MelOptions, for the factories that take them among others. */
export const melShape = () => ({
  nMels: z.optional(z.int().check(z.positive(), z.maximum(4096))),
  fMin: z.optional(nonNegative),
  fMax: z.optional(positive),
  htk: z.optional(z.literal([true, false])),
  melNorm: z.optional(z.literal(['slaney', null])),
  triangles: z.optional(z.literal(['hz', 'mel'])),
  lastBinHz: z.optional(positive),
});

/** A value with every option decided. */
export interface MelSettings {
  readonly sampleRate: number;
  readonly nFft: number;
  readonly nMels: number;
  readonly fMin: number;
  readonly fMax: number;
  readonly htk: boolean;
  readonly melNorm: 'slaney' | null;
  readonly triangles: 'hz' | 'mel';
  readonly lastBinHz: number;
}

/**
 * Fills in the defaults, librosa's.
 *
 * @throws SerKitError 'bad-option' where fMax lies above half the rate or not above fMin
 */
export function melSettings(
  who: string,
  o: MelOptions & { readonly sampleRate: number; readonly nFft: number },
): MelSettings {
  const { sampleRate, nFft, nMels = 128, fMin = 0, fMax = sampleRate / 2, htk = false, melNorm = 'slaney' } = o;
  const { triangles = 'hz', lastBinHz = (Math.floor(nFft / 2) * sampleRate) / nFft } = o;
  const settings = { sampleRate, nFft, nMels, fMin, fMax, htk, melNorm, triangles, lastBinHz };
  checkMelSettings(who, settings);
  return settings;
}

/** @throws SerKitError 'bad-option' where fMax lies above half the rate (and the last bin) or not above fMin */
export function checkMelSettings(who: string, { sampleRate, fMin, fMax, lastBinHz }: MelSettings): void {
  const greatest = Math.max(sampleRate / 2, lastBinHz);
  if (fMax > greatest) {
    const what = greatest > sampleRate / 2 ? 'where the last bin is' : `half the sample rate of ${sampleRate} Hz`;
    throw new SerKitError('bad-option', `${who}: fMax expected <= ${greatest}, ${what}, got ${quote(fMax)}`);
  }
  if (!(fMin < fMax)) {
    throw new SerKitError('bad-option', `${who}: fMin expected < fMax = ${fMax}, got ${quote(fMin)}`);
  }
}

// Slaney's scale (Auditory Toolbox, 1998): 200/3 Hz a mel up to 1 kHz, above it 27 mel for a factor of 6.4.
const LINEAR_STEP = 200 / 3;
const BREAK_HZ = 1000;
const BREAK_MEL = BREAK_HZ / LINEAR_STEP;

function hzToMel(hz: number, htk: boolean): number {
  if (htk) return 2595 * Math.log10(1 + hz / 700);
  return hz < BREAK_HZ ? hz / LINEAR_STEP : BREAK_MEL + Math.log(hz / BREAK_HZ) / (Math.log(6.4) / 27);
}

function melToHz(mel: number, htk: boolean): number {
  if (htk) return 700 * (10 ** (mel / 2595) - 1);
  return mel < BREAK_MEL ? mel * LINEAR_STEP : BREAK_HZ * Math.exp((Math.log(6.4) / 27) * (mel - BREAK_MEL));
}

/** nMels + 2 edges, evenly spaced in mel: band i rises from edge i to edge i + 1 and falls to edge i + 2. */
interface MelEdges {
  readonly hz: Float64Array<ArrayBuffer>;
  /** The edges on the axis on which the triangles' sides are straight. */
  readonly axis: Float64Array<ArrayBuffer>;
  /** Where a bin lies on that axis. */
  readonly binAt: (bin: number) => number;
}

function melEdges({ nFft, nMels, fMin, fMax, htk, triangles, lastBinHz }: MelSettings): MelEdges {
  const low = hzToMel(fMin, htk);
  const step = (hzToMel(fMax, htk) - low) / (nMels + 1);
  const mel = Float64Array.from({ length: nMels + 2 }, (_, i) => low + step * i);
  const hz = mel.map((m) => melToHz(m, htk));
  const last = Math.floor(nFft / 2);
  const binHz = (bin: number): number => (bin * lastBinHz) / last;
  if (triangles === 'hz') return { hz, axis: hz, binAt: binHz };
  return { hz, axis: mel, binAt: (bin) => hzToMel(binHz(bin), htk) };
}

/**
 * A prepared mel bank that visits each bin once: between two neighbouring edges a bin lies on the rising slope of one
 * band and on the falling slope of the band before, so it takes two products a bin, however many bands there are.
 */
export class MelBank {
  readonly rising: Float64Array;
  readonly falling: Float64Array;
  /** Segment s holds the bins from starts[s] to before starts[s + 1], which lie between edges s and s + 1. */
  readonly starts: Int32Array;
  readonly scales: Float64Array;
  /** nMels + 2 edges in Hz: band i rises from edge i, is highest at edge i + 1 and ends at edge i + 2. */
  readonly edges: Float64Array<ArrayBuffer>;

  constructor(settings: MelSettings) {
    const { nFft, nMels, melNorm } = settings;
    const { hz, axis, binAt } = melEdges(settings);
    this.edges = hz;
    const bins = Math.floor(nFft / 2) + 1;
    this.rising = new Float64Array(bins);
    this.falling = new Float64Array(bins);
    this.starts = new Int32Array(nMels + 2);
    this.scales = Float64Array.from({ length: nMels }, (_, band) =>
      melNorm === 'slaney' ? 2 / (hz[band + 2] - hz[band]) : 1,
    );
    let bin = 0;
    while (bin < bins && binAt(bin) < axis[0]) bin++;
    this.starts[0] = bin;
    for (let s = 0; s <= nMels; s++) {
      const width = axis[s + 1] - axis[s];
      for (; bin < bins && binAt(bin) < axis[s + 1]; bin++) {
        this.rising[bin] = (binAt(bin) - axis[s]) / width;
        this.falling[bin] = (axis[s + 1] - binAt(bin)) / width;
      }
      this.starts[s + 1] = bin;
    }
  }

  /** Sets bands[at + i] to the sum over the bins of weight times power, for i < nMels. */
  apply(power: Float64Array, bands: Float64Array, at: number): void {
    const rising = this.rising;
    const starts = this.starts;
    const scales = this.scales;
    const segments = starts.length - 1;
    let up = 0;
    let k = starts[0];
    for (let s = 0; s < segments; s++) {
      const end = starts[s + 1];
      let nextUp = 0;
      let down = 0;
      // The two slopes at a bin sum to 1, so the falling one takes what the rising one leaves: a load less. Two bins at a
      // time: half as many turns of the loop, and sums that wait for each other half as often.
      for (; k + 1 < end; k += 2) {
        const p = power[k];
        const q = power[k + 1];
        const risingP = rising[k] * p;
        const risingQ = rising[k + 1] * q;
        nextUp += risingP + risingQ;
        down += p - risingP + (q - risingQ);
      }
      if (k < end) {
        const p = power[k];
        const risingP = rising[k] * p;
        nextUp += risingP;
        down += p - risingP;
        k++;
      }
      if (s > 0) bands[at + s - 1] = scales[s - 1] * (up + down);
      up = nextUp;
    }
  }
}

/** Triangular filters over the bins of a spectrum: `weights[band * bins + bin]`, row-major [nMels, bins]. */
export interface MelFilterBank {
  readonly weights: Float64Array<ArrayBuffer>;
  readonly nMels: number;
  /** floor(nFft / 2) + 1; bin k lies at k * sampleRate / nFft Hz, unless lastBinHz says otherwise. */
  readonly bins: number;
  /** nMels + 2 edges in Hz: band i rises from edge i, is highest at edge i + 1 and ends at edge i + 2. */
  readonly edges: Float64Array<ArrayBuffer>;
}

const melFilterBankSchema = () =>
  z.strictObject({
    sampleRate: positive,
    nFft: z.int().check(z.minimum(2)),
    ...melShape(),
  });

/**
 * The mel filters as a matrix of weights, [nMels, bins] row-major, for those who build their own features.
 * librosa.filters.mel's numbers (in float64), and its defaults.
 *
 * A band narrower than a bin can be empty: its weights are then all 0.
 *
 * @throws SerKitError 'bad-option'
 * @example
 * const { weights, bins } = melFilterBank({ sampleRate: 16000, nFft: 512, nMels: 40 });
 * weights[3 * bins + 10]; // how much bin 10 (312.5 Hz) counts in band 3
 */
export function melFilterBank(
  options: MelOptions & { readonly sampleRate: number; readonly nFft: number },
): MelFilterBank {
  const settings = melSettings('melFilterBank', parseOptions('melFilterBank', melFilterBankSchema(), options));
  const { nMels } = settings;
  const { rising, falling, starts, scales, edges } = new MelBank(settings);
  const bins = rising.length;
  const weights = new Float64Array(nMels * bins);
  for (let band = 0; band < nMels; band++) {
    const row = band * bins;
    for (let k = starts[band]; k < starts[band + 1]; k++) weights[row + k] = scales[band] * rising[k];
    for (let k = starts[band + 1]; k < starts[band + 2]; k++) weights[row + k] = scales[band] * falling[k];
  }
  return { weights, nMels, bins, edges };
}
