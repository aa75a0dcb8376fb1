import { kernelEngine } from '../dsp/kernel/engine.ts';

/** True where the float32 kernel runs; elsewhere `simd` has no effect, and its features are computed in float64. */
export function kernelRuns(): boolean {
  return kernelEngine() !== undefined;
}
