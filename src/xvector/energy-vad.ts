/** conf/vad.conf of egs/voxceleb/v2 and egs/sre16/v2. */
const THRESHOLD = 5.5;
const MEAN_SCALE = 0.5;
const CONTEXT = 2;
const PROPORTION = 0.12;

/**
 * 1 for each frame of speech, 0 for others, [frames], as Kaldi's compute-vad: where at least 12 % of the frames from two before to two
 * after have a log energy above 5.5 and half the recording's mean.
 *
 * @param logEnergies  of samples that count as 16-bit integers
 */
export function energyVad(logEnergies: Float32Array): Uint8Array {
  const frames = logEnergies.length;
  let sum = 0;
  for (const energy of logEnergies) sum += energy;
  const threshold = THRESHOLD + (MEAN_SCALE * sum) / frames;
  const voiced = new Uint8Array(frames);
  for (let t = 0; t < frames; t++) {
    const from = Math.max(0, t - CONTEXT);
    const to = Math.min(frames, t + CONTEXT + 1);
    let above = 0;
    for (let i = from; i < to; i++) if (logEnergies[i]! > threshold) above++;
    if (above >= PROPORTION * (to - from)) voiced[t] = 1;
  }
  return voiced;
}
