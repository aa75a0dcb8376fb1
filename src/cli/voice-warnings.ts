import { type WaveformWarning, waveformWarnings } from '../clips/waveform-warnings.ts';
import type { Waveform } from '../core/waveform.ts';
import { highestHzOf } from '../xvector/highest-hz.ts';
import type { XvectorWeights } from '../xvector/weights.ts';
import type { Terminal } from './terminal.ts';

/** Of a recording with one of these its embedding says nothing of the voice. */
const NO_VOICE: readonly WaveformWarning['code'][] = ['silent', 'near-silent', 'short'];

/** What speaks against an embedding of a recording by this network. A long one is no worse for it. */
export function voiceWarnings({ frontEnd }: XvectorWeights): (waveform: Waveform) => WaveformWarning[] {
  const highestHz = highestHzOf(frontEnd);
  return (waveform) => waveformWarnings(waveform, highestHz).filter(({ code }) => code !== 'long');
}

/** Why a recording is not judged by; undefined where it may be. */
export function unjudged(warnings: readonly WaveformWarning[]): WaveformWarning['code'] | undefined {
  return warnings.find(({ code }) => NO_VOICE.includes(code))?.code;
}

export function showWarnings(file: string, warnings: readonly WaveformWarning[], terminal: Terminal): void {
  for (const { code, message } of warnings) terminal.err(`${file}: warning (${code}): ${message}\n`);
}

/** How many clips of a corpus a warning is of. */
export interface CountedWarning extends WaveformWarning {
  readonly clips: number;
  /** The id of the first of them; the message is about that one. */
  readonly first: string;
}

/** Counts the warnings of clips by their codes. */
export class WarningCounter {
  readonly #byCode = new Map<string, CountedWarning>();

  add(id: string, warnings: readonly WaveformWarning[]): void {
    for (const { code, message } of warnings) {
      const { clips, ...before } = this.#byCode.get(code) ?? { code, message, first: id, clips: 0 };
      this.#byCode.set(code, { ...before, clips: clips + 1 });
    }
  }

  get all(): CountedWarning[] {
    return [...this.#byCode.values()];
  }
}
