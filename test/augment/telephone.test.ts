import { describe, expect, it } from 'vitest';
import { parseTransform, telephone } from '../../src/augment/index.ts';
import { createRandom } from '../../src/core/random.ts';
import { gainAt, power, sine, whiteNoise } from './filter-support.ts';

const random = () => createRandom(1);

/** What the line does to a tone, in dB. */
function gain(hz: number, sampleRate: number): number {
  const tone = sine(hz, { sampleRate });
  return gainAt(hz, tone, telephone({ codec: 'none' })(tone, random()));
}

describe('telephone()', () => {
  it.each([8000, 11025, 16000, 44100, 48000])('passes 300 to 3400 Hz and little else, at %d Hz', (sampleRate) => {
    for (const hz of [300, 400, 617, 1020, 1730, 2500, 3000]) {
      expect(Math.abs(gain(hz, sampleRate))).toBeLessThan(0.5);
    }
    // ITU-T G.712 allows 1.8 dB.
    expect(gain(3400, sampleRate)).toBeGreaterThan(-1);
    expect(gain(3400, sampleRate)).toBeLessThan(-0.5);
    expect(gain(200, sampleRate)).toBeLessThan(-3);
    expect(gain(100, sampleRate)).toBeLessThan(-27);
    expect(gain(50, sampleRate)).toBeLessThan(-50);
    expect(gain(3800, sampleRate)).toBeLessThan(-25);
  });

  it.each([11025, 16000, 44100, 48000])('leaves little above 4200 Hz, images counted, at %d Hz', (sampleRate) => {
    for (const hz of [4200, 4400, 4600, 5100, 0.46 * sampleRate].filter((hz) => hz < sampleRate / 2)) {
      const tone = sine(hz, { sampleRate });
      const out = telephone({ codec: 'none' })(tone, random()).samples.subarray(sampleRate / 5, (4 * sampleRate) / 5);
      // G.712 asks for 25 dB from 4600 Hz on.
      expect(10 * Math.log10(power(out) / power(tone.samples))).toBeLessThan(hz < 4600 ? -35 : -60);
    }
  });

  it('adds the noise of 8 bits of mu-law, 37 dB under a loud tone', () => {
    const tone = sine(1013, { amplitude: 0.5 });
    const clean = telephone({ codec: 'none' })(tone, random()).samples;
    const coded = telephone()(tone, random()).samples;
    const noise = clean.map((x, i) => coded[i]! - x);
    const snrDb = 10 * Math.log10(power(clean) / power(noise));
    expect(snrDb).toBeGreaterThan(36);
    expect(snrDb).toBeLessThan(41);
  });

  it('keeps speech in its place: an impulse comes out within 1 ms', () => {
    for (const sampleRate of [8000, 16000, 44100]) {
      const samples = new Float32Array(2000);
      samples[1000] = 1;
      const out = telephone({ codec: 'none' })({ samples, sampleRate }, random()).samples;
      const peak = out.reduce((best, x, i) => (Math.abs(x) > Math.abs(out[best]!) ? i : best), 0);
      expect(peak).toBeGreaterThanOrEqual(1000);
      expect(peak - 1000).toBeLessThan(0.001 * sampleRate);
    }
  });

  it('keeps length and rate from one sample on, at any rate, with the same bytes for what was drawn', () => {
    const transform = parseTransform(JSON.parse(JSON.stringify(telephone())));
    for (const sampleRate of [1000, 4000, 7500, 8000, 8001, 11025, 16000, 44100, 48000, 384000]) {
      for (const length of [1, 2, 3, 47, 48, 49, 1000]) {
        const noise = whiteNoise(length, sampleRate);
        const { output, drawn } = transform.run(noise, random());
        expect([output.samples.length, output.sampleRate]).toEqual([length, sampleRate]);
        expect(output.samples.every(Number.isFinite)).toBe(true);
        expect(transform.apply(noise, JSON.parse(JSON.stringify(drawn)))).toEqual(output);
      }
    }
  });

  it('ends as if silence followed', () => {
    for (const sampleRate of [8000, 11025, 16000, 48000, 22050.5]) {
      const { samples } = whiteNoise(1001, sampleRate);
      const longer = new Float32Array(2000);
      longer.set(samples);
      const line = telephone({ codec: 'none' });
      const whole = line({ samples: longer, sampleRate }, random()).samples;
      line({ samples, sampleRate }, random()).samples.forEach((x, i) => {
        expect(Math.abs(x - whole[i]!)).toBeLessThan(2e-4);
      });
    }
  });

  it('leaves silence silent, and clips what is too loud for the codec', () => {
    const silence = new Float32Array(500);
    expect(telephone()({ samples: silence, sampleRate: 16000 }, random()).samples).toEqual(silence);
    const loud = sine(1000, { amplitude: 3 });
    const peak = (samples: Float32Array): number => samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expect(peak(telephone({ codec: 'none' })(loud, random()).samples)).toBeGreaterThan(2.9);
    // Flattened in the channel; between its samples the way back overshoots.
    expect(peak(telephone()(loud, random()).samples)).toBeLessThan(1.5);
    const huge = { samples: new Float32Array(300).fill(3.4e38), sampleRate: 16000 };
    expect(telephone({ codec: 'none' })(huge, random()).samples.every(Number.isFinite)).toBe(true);
  });

  it('refuses a codec that it does not have', () => {
    expect(() => telephone({ codec: 'aLaw' as never })).toThrow(
      'telephone: codec expected "muLaw" | "none", got "aLaw"',
    );
  });
});
