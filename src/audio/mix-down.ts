/**
 * One channel out of several: the plain average of the channels, as librosa's `to_mono`. A single channel comes back
 * as it is, not copied.
 *
 * @param interleaved  frame after frame, each with `channels` samples; a last frame that is not whole is left out
 */
export function mixDown(interleaved: Float32Array<ArrayBuffer>, channels: number): Float32Array<ArrayBuffer> {
  if (channels === 1) return interleaved;
  const mono = new Float32Array(Math.floor(interleaved.length / channels));
  for (let i = 0, at = 0; i < mono.length; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += interleaved[at++]!;
    mono[i] = sum / channels;
  }
  return mono;
}
