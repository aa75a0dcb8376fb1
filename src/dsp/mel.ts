import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import { count, nonNegative, parseOptions, positive } from '../core/options.ts';

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
}

/** The schemas of MelOptions, for the factories that take them among others. */
export const melShape = () => ({
  nMels: z.optional(count),
  fMin: z.optional(nonNegative),
  fMax: z.optional(positive),
  htk: z.optional(z.literal([true, false])),
  melNorm: z.optional(z.literal(['slaney', null])),
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
  if (fMax > sampleRate / 2) {
    const half = `half the sample rate of ${sampleRate} Hz`;
    throw new SerKitError('bad-option', `${who}: fMax expected <= ${sampleRate / 2}, ${half}, got ${quote(fMax)}`);
  }
  if (!(fMin < fMax)) {
    throw new SerKitError('bad-option', `${who}: fMin expected < fMax = ${fMax}, got ${quote(fMin)}`);
  }
  return { sampleRate, nFft, nMels, fMin, fMax, htk, melNorm };
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

/** nMels + 2 edges in Hz, evenly spaced in mel: band i rises from edge i to edge i + 1 and falls to edge i + 2. */
function melEdges({ nMels, fMin, fMax, htk }: MelSettings): Float64Array {
  const low = hzToMel(fMin, htk);
  const step = (hzToMel(fMax, htk) - low) / (nMels + 1);
  return Float64Array.from({ length: nMels + 2 }, (_, i) => melToHz(low + step * i, htk));
}

function bandScale(edges: Float64Array, band: number, norm: 'slaney' | null): number {
  return norm === 'slaney' ? 2 / (edges[band + 2] - edges[band]) : 1;
}

/**
 * A prepared mel bank that visits each bin once: between two neighbouring edges a bin lies on the rising slope of one
 * band and on the falling slope of the band before, so it takes two products a bin, however many bands there are.
 */
export class MelBank {
  readonly #rising: Float64Array;
  readonly #falling: Float64Array;
  /** Segment s holds the bins from starts[s] to before starts[s + 1], which lie between edges s and s + 1. */
  readonly #starts: Int32Array;
  readonly #scales: Float64Array;

  constructor(settings: MelSettings) {
    const { sampleRate, nFft, nMels, melNorm } = settings;
    const edges = melEdges(settings);
    const bins = Math.floor(nFft / 2) + 1;
    const hz = (bin: number): number => (bin * sampleRate) / nFft;
    this.#rising = new Float64Array(bins);
    this.#falling = new Float64Array(bins);
    this.#starts = new Int32Array(nMels + 2);
    this.#scales = Float64Array.from({ length: nMels }, (_, band) => bandScale(edges, band, melNorm));
    let bin = 0;
    while (bin < bins && hz(bin) < edges[0]) bin++;
    this.#starts[0] = bin;
    for (let s = 0; s <= nMels; s++) {
      const width = edges[s + 1] - edges[s];
      for (; bin < bins && hz(bin) < edges[s + 1]; bin++) {
        this.#rising[bin] = (hz(bin) - edges[s]) / width;
        this.#falling[bin] = (edges[s + 1] - hz(bin)) / width;
      }
      this.#starts[s + 1] = bin;
    }
  }

  /** Sets bands[at + i] to the sum over the bins of weight times power, for i < nMels. */
  apply(power: Float64Array, bands: Float64Array, at: number): void {
    const rising = this.#rising;
    const falling = this.#falling;
    const starts = this.#starts;
    const scales = this.#scales;
    let up = 0;
    for (let s = 0; s <= scales.length; s++) {
      const end = starts[s + 1];
      let nextUp = 0;
      let down = 0;
      for (let k = starts[s]; k < end; k++) {
        nextUp += rising[k] * power[k];
        down += falling[k] * power[k];
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
  /** floor(nFft / 2) + 1; bin k lies at k * sampleRate / nFft Hz. */
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
  const { sampleRate, nFft, nMels, melNorm } = settings;
  const edges = melEdges(settings) as Float64Array<ArrayBuffer>;
  const bins = Math.floor(nFft / 2) + 1;
  const weights = new Float64Array(nMels * bins);
  for (let band = 0; band < nMels; band++) {
    const scale = bandScale(edges, band, melNorm);
    for (let k = 0; k < bins; k++) {
      const hz = (k * sampleRate) / nFft;
      const up = (hz - edges[band]) / (edges[band + 1] - edges[band]);
      const down = (edges[band + 2] - hz) / (edges[band + 2] - edges[band + 1]);
      weights[band * bins + k] = scale * Math.max(0, Math.min(up, down));
    }
  }
  return { weights, nMels, bins, edges };
}
