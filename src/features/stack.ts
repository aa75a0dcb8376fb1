import { quote, SerKitError } from '../core/errors.ts';
import { checkFeatureMatrix, type FeatureMatrix } from '../core/feature-matrix.ts';

/**
 * Features side by side, [frames, sum of dims]: frame t holds frame t of the first matrix, then of the second, and so
 * on (fusion at the level of frames). The matrices have equally many frames: give their features the same hopLength
 * and center. Names are kept where every matrix has them.
 *
 * @throws SerKitError 'empty' for no matrices; 'bad-input' where frames differ; 'not-finite'
 * @example
 * const m = mfcc(waveform, { hopLength: 256 });
 * const fused = stack([m, deltas(m), zcr(waveform, { hopLength: 256 }), rms(waveform, { hopLength: 256 })]);
 */
export function stack(matrices: readonly FeatureMatrix[]): FeatureMatrix {
  if (!Array.isArray(matrices)) {
    throw new SerKitError('bad-input', `stack: expected an array of FeatureMatrix, got ${quote(matrices)}`);
  }
  if (matrices.length === 0) throw new SerKitError('empty', 'stack: expected at least one matrix, got none');
  for (const matrix of matrices) checkFeatureMatrix('stack', matrix);
  const { frames } = matrices[0];
  if (matrices.some((matrix) => matrix.frames !== frames)) {
    const got = matrices.map((matrix) => matrix.frames).join(', ');
    throw new SerKitError(
      'bad-input',
      `stack: expected equally many frames, got ${got}; give every feature the same hopLength and center`,
    );
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
