import { describe, expect, it } from 'vitest';
import { highPass, lowPass, parseTransform } from '../../src/augment/index.ts';
import { createRandom } from '../../src/core/random.ts';
import { gainAt, power, sine, whiteNoise } from './filter-support.ts';

const random = () => createRandom(1);

describe.each([
  ['lowPass', lowPass, 1],
  ['highPass', highPass, -1],
] as const)('%s()', (name, make, side) => {
  it('is down by 3.01 dB at the cutoff asked for, whatever the order and the rate', () => {
    for (const sampleRate of [8000, 16000, 44100]) {
      for (const [cutoffHz, order] of [
        [300, 1],
        [1000, 2],
        [1234, 5],
        [3500, 4],
        [1000, 12],
      ] as const) {
        const tone = sine(cutoffHz, { sampleRate });
        const measured = gainAt(cutoffHz, tone, make({ cutoffHz, order })(tone, random()));
        expect(measured).toBeCloseTo(10 * Math.log10(0.5), 2);
      }
    }
  });

  it('falls by 6 dB an octave for each order, and leaves the other side as it is', () => {
    for (const order of [1, 2, 4]) {
      const filter = make({ cutoffHz: 200, order });
      const gain = (octaves: number): number => {
        const tone = sine(200 * 2 ** octaves, { sampleRate: 48000, seconds: 3 });
        return gainAt(200 * 2 ** octaves, tone, filter(tone, random()));
      };
      expect(gain(3 * side) - gain(2 * side)).toBeCloseTo(-6.02 * order, 0);
      expect(gain(-4 * side)).toBeGreaterThan(-0.05);
      expect(gain(-4 * side)).toBeLessThan(0.01);
    }
  });

  it('draws a cutoff and an order of its ranges, every order of them', () => {
    const filter = make({ cutoffHz: [100, 400], order: [2, 4] });
    const noise = whiteNoise(100);
    const orders = new Map<number, number>();
    let low = 0;
    for (let seed = 0; seed < 600; seed++) {
      const drawn = filter.draw(noise, createRandom(seed));
      expect(drawn.cutoffHz).toBeGreaterThanOrEqual(100);
      expect(drawn.cutoffHz).toBeLessThanOrEqual(400);
      if (drawn.cutoffHz < 200) low++;
      orders.set(drawn.order, (orders.get(drawn.order) ?? 0) + 1);
    }
    expect([...orders.keys()].sort()).toEqual([2, 3, 4]);
    expect(Math.min(...orders.values())).toBeGreaterThan(150);
    // An octave each: as many below 200 Hz as above.
    expect(low).toBeGreaterThan(250);
    expect(low).toBeLessThan(350);
  });

  it('gives the same bytes for the same seed and for what was drawn, at any rate, and silence of silence', () => {
    for (const sampleRate of [1000, 8000, 11025, 16000, 44100, 48000, 384000]) {
      const noise = whiteNoise(3000, sampleRate);
      const before = noise.samples.slice();
      const filter = parseTransform(JSON.parse(JSON.stringify(make())));
      const { output, drawn } = filter.run(noise, createRandom(7));
      expect(filter.apply(noise, JSON.parse(JSON.stringify(drawn)))).toEqual(output);
      expect(make()(noise, createRandom(7))).toEqual(output);
      expect(output.samples.every(Number.isFinite)).toBe(true);
      expect([output.samples.length, output.sampleRate]).toEqual([3000, sampleRate]);
      expect(noise.samples).toEqual(before);
      const silence = { samples: new Float32Array(50), sampleRate };
      expect(filter(silence, random()).samples).toEqual(silence.samples);
      expect(filter({ samples: Float32Array.of(0.5), sampleRate }, random()).samples.length).toBe(1);
    }
  });

  it('stays finite where the samples are as large as they can be', () => {
    const samples = Float32Array.from({ length: 500 }, (_, i) => (i % 7 < 3 ? 3.4e38 : -3.4e38));
    const { samples: out } = make({ cutoffHz: 2500, order: 12 })({ samples, sampleRate: 16000 }, random());
    expect(out.every(Number.isFinite)).toBe(true);
  });

  it('refuses options that are no filter', () => {
    expect(() => make({ cutoffHz: 0 })).toThrow(`${name}: cutoffHz expected >= 1`);
    expect(() => make({ cutoffHz: [300, 200] })).toThrow('min <= max');
    expect(() => make({ order: 2.5 })).toThrow(`${name}: order expected`);
    expect(() => make({ order: 13 })).toThrow(`${name}: order expected <= 12`);
    expect(() => make({ rolloff: 12 } as never)).toThrow('unknown option "rolloff" (known: cutoffHz, order)');
  });
});

describe('a cutoff at or above half the rate', () => {
  const noise = whiteNoise(1000, 8000);

  it('leaves the clip itself to lowPass(), and is refused by highPass()', () => {
    expect(lowPass({ cutoffHz: 4000 })(noise, random())).toBe(noise);
    expect(lowPass({ cutoffHz: 3999 })(noise, random())).not.toBe(noise);
    for (const cutoffHz of [4000, 20000]) {
      expect(() => highPass({ cutoffHz })(noise, random())).toThrow(
        `highPass: cutoffHz expected below half the sample rate, 4000 Hz, got ${cutoffHz}; nothing would be left`,
      );
    }
    expect(power(highPass({ cutoffHz: 3900, order: 1 })(noise, random()).samples)).toBeGreaterThan(0);
  });
});
