import { gaussian, type Random } from '../../core/random.ts';
import type { SyntheticSpeaker } from './speaker.ts';
import { FRAME_SECONDS, type UtterancePlan } from './utterance-plan.ts';

/** Formants 4 and 5 of an average man, in Hz, which hardly move. */
const UPPER_FORMANTS = [3500, 4500] as const;

/** Bandwidths of formants 1 to 5, in Hz, and of the hiss that follows them. */
const BANDWIDTHS = [70, 90, 140, 200, 300] as const;

/**
 * The samples of a planned utterance, at an arbitrary level. A source and a filter after Klatt 1980: glottal pulses
 * (KLGLOTT88: the flow's derivative 2x - 3x^2 over the open phase, its closing edge band-limited) with aspiration,
 * spectral tilt as a one-pole low-pass, then five formant resonators in cascade; hiss through one resonator beside them.
 */
export function renderVoice(
  plan: UtterancePlan,
  speaker: SyntheticSpeaker,
  sampleRate: number,
  random: Random,
): Float64Array {
  const { cues } = plan;
  const hop = FRAME_SECONDS * sampleRate;
  const out = new Float64Array(Math.round(plan.frames * hop));
  const tilt = 1 - Math.exp((-2 * Math.PI * speaker.tiltHz * cues.brightness) / sampleRate);
  const open = cues.openQuotient;
  const formants = BANDWIDTHS.map(() => new Resonator());
  const hissBand = new Resonator();
  hissBand.tune(Math.min(4600 * speaker.formantScale, 0.42 * sampleRate), 1800, sampleRate);
  const scale = speaker.formantScale * cues.formants;
  const hissLevel = 0.15 * Math.sqrt(cues.brightness); // effort makes hiss stronger too
  let phase = 0;
  let wobble = 1; // this period's length, as a factor on its pitch
  let loudness = 1; // this period's amplitude
  let tilted = 0;
  let noiseBefore = 0;
  let tuned = -1;
  for (let i = 0; i < out.length; i++) {
    const frame = Math.min(plan.frames - 1, Math.floor(i / hop));
    if (frame !== tuned) {
      tuned = frame;
      formants.forEach((formant, n) => {
        const hz = (n < 3 ? plan.formants[n]![frame]! : UPPER_FORMANTS[n - 3]!) * scale;
        formant.tune(hz, BANDWIDTHS[n]!, sampleRate);
      });
    }
    const step = (plan.pitchHz[frame]! * wobble) / sampleRate;
    phase += step;
    if (phase >= 1) {
      phase -= 1;
      wobble = Math.max(0.7, 1 + cues.jitter * gaussian(random));
      loudness = Math.max(0.3, 1 + 3 * cues.jitter * gaussian(random));
    }
    const x = phase / open;
    let pulse = x < 1 ? 2 * x - 3 * x * x : 0;
    pulse += closingEdge(phase - open, step);
    const noise = 2 * random() - 1;
    const bright = noise - 0.5 * noiseBefore; // breath and hiss have little at low frequencies
    noiseBefore = noise;
    const voice = plan.voice[frame]! * loudness;
    tilted += tilt * (pulse * voice - tilted);
    let sample = tilted + cues.breath * bright * plan.voice[frame]! * (x < 1 ? 1 : 0.4);
    for (const formant of formants) sample = formant.pass(sample);
    out[i] = sample + hissLevel * plan.hiss[frame]! * hissBand.pass(bright);
  }
  return out;
}

/**
 * What makes the jump of +1 at the glottis's closing band-limited: half a parabola on each side of it (polyBLEP,
 * Valimaki and Huovilainen 2007).
 *
 * @param distance  phase since the jump; negative before it
 */
function closingEdge(distance: number, step: number): number {
  const t = distance / step;
  if (t >= 0 && t < 1) return -0.5 * (1 - t) ** 2;
  if (t < 0 && t > -1) return 0.5 * (1 + t) ** 2;
  return 0;
}

/** A two-pole resonator with gain 1 at 0 Hz (Klatt 1980, eq. 1). What lies too near half the sample rate passes as it is. */
class Resonator {
  private a = 1;
  private b = 0;
  private c = 0;
  private y1 = 0;
  private y2 = 0;

  tune(hz: number, bandwidthHz: number, sampleRate: number): void {
    if (hz > 0.47 * sampleRate) {
      this.a = 1;
      this.b = 0;
      this.c = 0;
      return;
    }
    this.c = -Math.exp((-2 * Math.PI * bandwidthHz) / sampleRate);
    this.b = 2 * Math.exp((-Math.PI * bandwidthHz) / sampleRate) * Math.cos((2 * Math.PI * hz) / sampleRate);
    this.a = 1 - this.b - this.c;
  }

  pass(sample: number): number {
    const y = this.a * sample + this.b * this.y1 + this.c * this.y2;
    this.y2 = this.y1;
    this.y1 = y;
    return y;
  }
}
