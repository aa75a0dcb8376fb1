import { describe, expect, it } from 'vitest';
import { pitchShift } from '../../src/augment/index.ts';
import { createRandom } from '../../src/core/random.ts';
import { librosaFixture, signalOf, thinned, unpack64 } from './phase-vocoder-signals.ts';

describe('pitchShift() by phase vocoder against librosa 0.11 in float64', () => {
  const { every, shifted } = librosaFixture();
  it.each(shifted)('$signal at $sampleRate Hz, nFft $nFft, $semitones semitones: 20 ms off both ends', (c) => {
    const input = signalOf(c.signal, c.samples, c.sampleRate);
    const { semitones, nFft } = c;
    const { samples } = pitchShift({ semitones, method: 'phaseVocoder', nFft })(input, createRandom(1));
    expect(samples.length).toBe(c.samples);
    const expected = unpack64(c.values);
    const actual = thinned(samples, every);
    expect(actual.length).toBe(expected.length);
    const away = Math.ceil((0.02 * c.sampleRate) / every);
    let difference = 0;
    let power = 0;
    for (let i = away; i < expected.length - away; i++) {
      difference += (actual[i]! - expected[i]!) ** 2;
      power += expected[i]! ** 2;
    }
    // White noise is the hardest: it fills the band in which resamplers close.
    expect(10 * Math.log10(difference / power)).toBeLessThan(c.signal === 'hiss' ? -60 : -100);
    expect(power / expected.length).toBeGreaterThan(0.001);
  });
});
