import { SerKitError } from '../core/errors.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import { checkList } from './moments.ts';

/**
 * Features side by side, [frames, sum of dims]: frame t holds frame t of the first matrix, then of the second, and so
 * on (fusion at the level of frames; {@link join} is fusion at the level of utterances). The matrices have one frame
 * rate and so equally many frames: give their features the same hopLength and center. A matrix does not carry its rate;
 * createRecipe(), which knows the framings, refuses rates that differ even where the frames of one clip happen to agree.
 * Names are kept where every matrix has them.
 *
 * @throws SerKitError 'empty' for no matrices; 'bad-input' where frames differ; 'not-finite'
 * @example
 * const m = mfcc(waveform, { hopLength: 256 });
 * const fused = stack([m, deltas(m), zcr(waveform, { hopLength: 256 }), rms(waveform, { hopLength: 256 })]);
 */
export function stack(matrices: readonly FeatureMatrix[]): FeatureMatrix {
  checkList('stack', matrices);
  const { frames } = matrices[0];
  if (matrices.some((matrix) => matrix.frames !== frames)) {
    throw new SerKitError('bad-input', `stack: ${unequalFrames(matrices.map((matrix) => matrix.frames))}`);
  }
  const dims = matrices.reduce((sum, matrix) => sum + matrix.dims, 0);
  const data = new Float32Array(frames * dims);
  let column = 0;
  for (const matrix of matrices) {
    for (let t = 0; t < frames; t++) {
      data.set(matrix.data.subarray(t * matrix.dims, (t + 1) * matrix.dims), t * dims + column);
    }
    column += matrix.dims;
  }
  const names = matrices.flatMap((matrix) => matrix.names ?? []);
  return { data, frames, dims, ...(names.length === dims && { names }) };
}

/** What is wrong, with the likely reason: another rate, or the same one with other ends. */
function unequalFrames(frames: readonly number[]): string {
  const [least, most] = [Math.min(...frames), Math.max(...frames)];
  const text = `expected equally many frames, got ${frames.join(', ')}`;
  // Frames of one rate differ by what the windows at the two ends take: a few, whatever the length of the clip.
  return least >= 10 && most / least >= 1.2
    ? `${text}: their frame rates differ, about ${(most / least).toFixed(1)} to 1; give every feature the same hopLength`
    : `${text}; give every feature the same hopLength and center`;
}
