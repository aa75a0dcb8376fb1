import { resample } from '../audio/resample.ts';
import { SerKitError } from '../core/errors.ts';
import { createRandom } from '../core/random.ts';
import type { Waveform } from '../core/waveform.ts';

/** What a room makes of a click, and which of its samples is the direct sound. */
export interface RoomResponse {
  readonly samples: Float64Array;
  readonly direct: number;
}

/** How the reverberant part of a room's response is made. */
export interface Reverberation {
  readonly rt60Sec: number;
  readonly directToReverberantDb: number;
  readonly preDelaySec: number;
  readonly seed: number;
}

/**
 * The direct sound, 1 at sample 0, and reverberation from max(1, round(preDelaySec * rate)) on, for rt60Sec: noise whose
 * energy falls by 60 dB in rt60Sec (Polack 1988, "La transmission de l'énergie sonore dans les salles"; in English: Jot,
 * Cerveau and Warusfel 1997, "Analysis and synthesis of room reverberation based on a statistical time-frequency model").
 * The noise is +-1 by chance instead of Gaussian: as white, and without the fluctuations of energy by which a decay of
 * 0.2 s would come out several percent too long or too short.
 *
 * @param length  samples beyond are left out; they keep their share of the energy
 */
export function createRoomResponse(room: Reverberation, sampleRate: number, length: number): RoomResponse {
  const { rt60Sec, directToReverberantDb, preDelaySec, seed } = room;
  const first = Math.max(1, Math.round(preDelaySec * sampleRate));
  const taps = Math.max(1, Math.round(rt60Sec * sampleRate));
  // The tail's energy is a geometric series.
  const decay = 10 ** (-6 / (rt60Sec * sampleRate));
  const energy = (1 - decay ** taps) / (1 - decay);
  const falling = Math.sqrt(decay);
  let amplitude = Math.sqrt(10 ** (-directToReverberantDb / 10) / energy);
  const samples = new Float64Array(Math.min(Math.max(1, length), first + taps));
  samples[0] = 1;
  const random = createRandom(seed);
  for (let i = first; i < samples.length; i++) {
    samples[i] = random() < 0.5 ? -amplitude : amplitude;
    amplitude *= falling;
  }
  return { samples, direct: 0 };
}

/** For how many rates responses are kept. */
const RATES = 4;

/** Responses at the rates at which they were asked for; each is resampled once, and kept for the last few rates. */
export class GivenResponses {
  readonly #given: ReadonlyMap<string, Waveform>;
  readonly #ready = new Map<string, RoomResponse>();

  /** @throws SerKitError 'bad-option' for a response of which no sample differs from 0 */
  constructor(who: string, given: Readonly<Record<string, Waveform>>) {
    this.#given = new Map(Object.entries(given));
    for (const [name, { samples }] of this.#given) {
      if (samples.some((x) => x !== 0)) continue;
      throw new SerKitError('bad-option', `${who}: responses.${name} expected a response, got silence`);
    }
  }

  at(name: string, sampleRate: number): RoomResponse {
    const key = `${sampleRate} ${name}`;
    let response = this.#ready.get(key);
    if (response === undefined) {
      response = prepared(this.#given.get(name)!, sampleRate);
      this.#ready.set(key, response);
      if (this.#ready.size > RATES * this.#given.size) this.#ready.delete(this.#ready.keys().next().value!);
    }
    return response;
  }
}

/** Samples of the lower rate, on each side, that hold nearly all that the resampler spreads a click over. */
const EDGE = 128;

/** At another rate every sample stands for another stretch of time: the sum, the response to 0 Hz, has to stay. */
function prepared(given: Waveform, sampleRate: number): RoomResponse {
  const ratio = given.sampleRate / sampleRate;
  let samples = new Float64Array(given.samples);
  if (ratio !== 1) {
    // Silence before and after: what the resampler makes of a click reaches to both sides, and a response often begins
    // with its direct sound. As many as are a whole number at both rates, where that is not many, so that no click falls between two.
    let lead = EDGE * Math.max(1, Math.ceil(ratio));
    while (lead < 8 * EDGE * Math.max(1, ratio) && (lead * sampleRate) % given.sampleRate !== 0) lead++;
    const padded = new Float32Array(given.samples.length + 2 * lead);
    padded.set(given.samples, lead);
    samples = new Float64Array(resample({ samples: padded, sampleRate: given.sampleRate }, sampleRate).samples);
    for (let i = 0; i < samples.length; i++) samples[i]! *= ratio;
  }
  let direct = 0;
  for (let i = 1; i < samples.length; i++) if (Math.abs(samples[i]!) > Math.abs(samples[direct]!)) direct = i;
  return { samples, direct };
}
