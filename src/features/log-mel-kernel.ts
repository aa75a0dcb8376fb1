import { LOGARITHMS } from '../dsp/decibel.ts';
import { createMelKernel, type MelKernel, type MelKernelSettings } from '../dsp/kernel/mel-kernel.ts';
import { MelBank } from '../dsp/mel.ts';
import { windowStart } from '../dsp/stft.ts';
import { createWindow } from '../dsp/window.ts';
import type { LogMelConfig } from './log-mel.ts';

/**
 * The kernel that computes a config's bands, or their cosine coefficients; undefined where simd is false, where it does
 * not run, or where it lacks a step (the mean removed, the pre-emphasis, some sizes).
 */
export function logMelKernel(config: LogMelConfig, cosines: MelKernelSettings['cosines']): MelKernel | undefined {
  const { simd, removeDc, preEmphasis, scale, nFft, hopLength, power, logarithm, ref, amin } = config;
  if (!simd || removeDc || preEmphasis !== 0) return undefined;
  const factor = LOGARITHMS[logarithm];
  return createMelKernel({
    nFft,
    hopLength,
    window: createWindow(config.window, config.winLength, config.windowSymmetric).map((weight) => weight * scale),
    windowStart: windowStart(config),
    mel: new MelBank(config),
    power,
    least: amin,
    factor,
    term: -factor * Math.log(Math.max(amin, ref)),
    cosines,
  });
}
