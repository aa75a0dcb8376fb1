import * as z from 'zod/mini';
import { quote, SerKitError } from '../core/errors.ts';
import type { FeatureMatrix, StreamingExtractor } from '../core/feature-matrix.ts';
import { parseOptions, positive, type Resolved, size } from '../core/options.ts';
import type { Waveform } from '../core/waveform.ts';
import { BandLimit } from '../dsp/band-limit.ts';
import type { Framing } from '../dsp/frames.ts';
import { gaussianWindow } from '../dsp/gaussian-window.ts';
import { BurgPredictor } from '../dsp/lpc.ts';
import { PolynomialRoots } from '../dsp/polynomial-roots.ts';
import { type AtRate, createExtractor, framewise, oneShot, type Prepare } from './extractor.ts';
import type { FrameRun } from './framewise.ts';
import { checkRange } from './voice-range.ts';

/** Options of {@link formants}. Defaults are those of Praat's "To Formant (burg)" for a woman's voice. */
export interface FormantsOptions {
  /** How many resonances are looked for below fMax; the predictor has twice as many coefficients. @default 5 */
  readonly nFormants?: number | undefined;
  /**
   * The highest frequency that takes part, in Hz, up to half the rate: about 5500 for women, 5000 for men, 8000 for small
   * children, with five formants. @default 5500, or half the rate where that is less
   */
  readonly fMax?: number | undefined;
  /** Frequencies above this one, in Hz, are raised by 6 dB an octave before the prediction. @default 50 */
  readonly preEmphasisHz?: number | undefined;
  /** Samples in a frame; the Gaussian window weighs about half of them. @default 50 ms, an even number */
  readonly frameLength?: number | undefined;
  /** Samples from one frame to the next. @default 512 */
  readonly hopLength?: number | undefined;
  /** True: frame t is centred on sample t * hopLength, zeros beyond the ends. False: it begins there. @default true */
  readonly center?: boolean | undefined;
}

/** FormantsOptions with every option decided, and the sample rate. */
export type FormantsConfig = Resolved<FormantsOptions> & AtRate;

const formantsSchema = () =>
  z.strictObject({
    sampleRate: positive,
    nFormants: z.optional(z.int().check(z.minimum(1), z.maximum(20))),
    fMax: z.optional(positive),
    preEmphasisHz: z.optional(positive),
    frameLength: z.optional(size),
    hopLength: z.optional(size),
    center: z.optional(z.literal([true, false])),
  });

/** A resonance this close to 0 Hz or to the highest frequency, in Hz, is the slope of the spectrum and no formant. */
const MARGIN = 50;

/** Where fMax is within this share of half the rate, frames are taken at their own rate. */
const NEAR = 0.01;

/** The resonances of one frame. A class, as all that runs once a frame (see RealFft). */
class FormantFinder {
  /** Frequencies and bandwidths in Hz of the last find(), ascending. */
  readonly frequencies: Float64Array;
  readonly bandwidths: Float64Array;
  readonly #rate: number;
  readonly #limit: BandLimit | undefined;
  readonly #window: Float64Array;
  readonly #keep: number;
  readonly #frame: Float64Array;
  readonly #coefficients: Float64Array;
  readonly #burg: BurgPredictor;
  readonly #roots: PolynomialRoots;

  constructor({ sampleRate, frameLength, fMax, nFormants, preEmphasisHz }: FormantsConfig) {
    const own = fMax >= (1 - NEAR) * (sampleRate / 2);
    this.#limit = own ? undefined : new BandLimit(frameLength, (2 * fMax) / sampleRate);
    const length = this.#limit?.length ?? frameLength;
    this.#rate = (sampleRate * length) / frameLength;
    this.#window = gaussianWindow(length);
    this.#keep = Math.exp((-2 * Math.PI * preEmphasisHz) / this.#rate);
    this.#frame = new Float64Array(length);
    this.#coefficients = new Float64Array(2 * nFormants + 1);
    this.#burg = new BurgPredictor(2 * nFormants, length);
    this.#roots = new PolynomialRoots(2 * nFormants);
    this.frequencies = new Float64Array(2 * nFormants);
    this.bandwidths = new Float64Array(2 * nFormants);
  }

  /** How many resonances the frame that begins at samples[first] has. */
  find(samples: Float32Array, first: number): number {
    const frame = this.#frame;
    const window = this.#window;
    if (this.#limit !== undefined) this.#limit.run(samples, first, frame);
    else for (let n = 0; n < frame.length; n++) frame[n] = samples[first + n];
    // From the end, so that the sample before is still as it was. The first is its own predecessor.
    for (let n = frame.length - 1; n > 0; n--) frame[n] = window[n] * (frame[n] - this.#keep * frame[n - 1]);
    frame[0] *= window[0] * (1 - this.#keep);
    const c = this.#coefficients;
    if (!this.#burg.fit(frame, frame.length, c)) return 0;
    for (let k = 1; k < c.length; k++) c[k] = -c[k];
    this.#roots.solve(c);
    return this.#collect();
  }

  /** A root r e^(i w) with w > 0 is a resonance at w / (2 pi) of the rate, as wide as -ln(r) / pi of it. */
  #collect(): number {
    const { re, im, degree } = this.#roots;
    const { frequencies, bandwidths } = this;
    const rate = this.#rate;
    let found = 0;
    for (let i = 0; i < degree; i++) {
      if (im[i] <= 0) continue;
      const frequency = (Math.atan2(im[i], re[i]) / (2 * Math.PI)) * rate;
      if (frequency < MARGIN || frequency > rate / 2 - MARGIN) continue;
      const bandwidth = (-Math.log(Math.hypot(re[i], im[i])) / Math.PI) * rate;
      let at = found++;
      for (; at > 0 && frequencies[at - 1] > frequency; at--) {
        frequencies[at] = frequencies[at - 1];
        bandwidths[at] = bandwidths[at - 1];
      }
      frequencies[at] = frequency;
      bandwidths[at] = Math.abs(bandwidth);
    }
    return found;
  }
}

const prepareFormants: Prepare<FormantsOptions, FormantsConfig> = (who, options) => {
  const parsed = parseOptions(who, formantsSchema(), options);
  const { sampleRate, nFormants = 5, preEmphasisHz = 50, hopLength = 512, center = true } = parsed;
  const { fMax = Math.min(5500, sampleRate / 2), frameLength = 2 * Math.max(1, Math.round(0.025 * sampleRate)) } =
    parsed;
  checkRange(who, 0, fMax, sampleRate);
  const least = Math.ceil(((2 * nFormants + 1) * sampleRate) / (2 * fMax)) + 2;
  if (frameLength < least) {
    throw new SerKitError(
      'bad-option',
      `${who}: frameLength expected >= ${least} for ${nFormants} formants below ${fMax} Hz, got ${quote(frameLength)}`,
    );
  }
  const config = { sampleRate, nFormants, fMax, preEmphasisHz, frameLength, hopLength, center };
  const finder = new FormantFinder(config);
  const dims = 2 * nFormants;
  const run: FrameRun = (samples, first, frames, data, at) => {
    for (let t = 0; t < frames; t++) {
      const found = Math.min(nFormants, finder.find(samples, first + t * hopLength));
      for (let i = 0; i < nFormants; i++) {
        data[at + t * dims + i] = i < found ? finder.frequencies[i] : 0;
        data[at + t * dims + nFormants + i] = i < found ? finder.bandwidths[i] : 0;
      }
    }
  };
  const names = ['f', 'b'].flatMap((letter) => Array.from({ length: nFormants }, (_, i) => `${letter}${i + 1}`));
  const framing: Framing = { frameLength, hopLength, center, padMode: 'constant' };
  return framewise(who, config, names, { framing, dims, begin: () => run });
};

/**
 * The resonances of the vocal tract, [frames, 2 * nFormants] row-major: their frequencies f1, f2, ... ascending, then their
 * bandwidths b1, b2, ..., in Hz; 0 where a frame has fewer, and throughout where it is silent. They are found in every
 * frame that is not silent, voiced or not: `pitch` tells where they are those of a vowel.
 *
 * Each frame is brought to the rate 2 fMax by its spectrum (to within one sample a frame; at its own rate where fMax is
 * within 1 % of half of it), pre-emphasized, x[n] - exp(-2 pi preEmphasisHz / rate) x[n - 1], and weighted by a Gaussian
 * window; Burg's method predicts it from 2 * nFormants samples, and the roots r e^(i w) of the predictor's polynomial are
 * resonances at w / 2 pi of the rate, -ln(r) / pi of it wide. Those within 50 Hz of 0 or of the highest frequency are
 * dropped. The method and the numbers are those of Praat's "To Formant (burg)" (with window length 0.025 s).
 *
 * @throws SerKitError 'bad-option', 'bad-input', 'empty', 'not-finite'; 'too-short' without centring
 * @example
 * const { data, dims } = formants(waveform, { hopLength: 160, fMax: 5000 });
 * const [f1, f2] = data.subarray(50 * dims); // of frame 50
 */
export const formants: (waveform: Waveform, options?: FormantsOptions) => FeatureMatrix = /* @__PURE__ */ oneShot(
  'formants',
  prepareFormants,
);

/**
 * {@link formants} prepared for many waveforms of one sample rate. Streamed, each push() gives the frames that its
 * samples decide, [frames, 2 * nFormants], often none.
 *
 * @throws SerKitError 'bad-option'; its `extract` throws 'wrong-rate' at another sample rate
 * @example
 * const extractor = createFormants({ sampleRate: 16000, fMax: 5000, hopLength: 160 });
 * const matrices = waveforms.map((waveform) => extractor.extract(waveform));
 */
export function createFormants(options: FormantsOptions & AtRate): StreamingExtractor<FormantsConfig> {
  return createExtractor('createFormants', prepareFormants, options);
}
