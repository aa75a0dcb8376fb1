import type { Waveform } from '../core/waveform.ts';
import { mfcc } from '../features/mfcc.ts';
import { pitch } from '../features/pitch.ts';
import { rms } from '../features/rms.ts';
import { spectrogram } from '../features/spectrogram.ts';
import { recordingSvg } from '../report/recording.ts';
import { decibels } from './decibels.ts';

/** Pitch is looked for above this, in Hz, where the rate allows its default. */
const LOWEST_PITCH = 65;

/** Above this, in Hz, speech says little, and a recording of a high rate would show little else. */
const HIGHEST = 8000;

/**
 * A recording's figure as SVG: 25 ms windows every 10 ms (64 ms for the pitch), up to 8 kHz or half the recording's own
 * rate.
 */
export function recordingPicture(waveform: Waveform, title: string): string {
  const { sampleRate } = waveform;
  const hopLength = Math.max(1, Math.round(sampleRate / 100));
  const winLength = Math.max(2, Math.round(sampleRate / 40));
  const nFft = Math.max(64, 2 ** Math.ceil(Math.log2(2 * winLength)));
  const stft = { nFft, winLength, hopLength };
  const nMels = sampleRate >= 8000 ? 40 : 20;
  const frameLength = 2 * Math.ceil(Math.max(0.032 * sampleRate, sampleRate / LOWEST_PITCH + 2));
  return recordingSvg(
    {
      waveform,
      spectrogram: decibels(spectrogram(waveform, stft)),
      mfcc: mfcc(waveform, { ...stft, nMels, nMfcc: 13, fMax: Math.min(HIGHEST, sampleRate / 2) }),
      pitch: pitch(waveform, { fMin: LOWEST_PITCH, fMax: Math.min(500, sampleRate / 2), frameLength, hopLength }),
      rms: rms(waveform, { frameLength: 2 * winLength, hopLength }),
    },
    { title, hopSec: hopLength / sampleRate, maxHz: HIGHEST },
  );
}
