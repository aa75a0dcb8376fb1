import { beforeAll, describe, expect, it } from 'vitest';
import { resample } from '../../src/audio/resample.ts';
import { DEFAULT_FEATURES } from '../../src/clips/front-end.ts';
import type { Waveform } from '../../src/core/waveform.ts';
import { type Recognizer, recognizerParts } from '../../src/recognizer/recognizer.ts';
import { saveRecognizer } from '../../src/recognizer/save-recognizer.ts';
import { apart, SOUNDS, sound, startWasm, trainTiny } from './support.ts';

const scaled = ({ samples, sampleRate }: Waveform, gain: number): Waveform => ({
  samples: samples.map((x) => x * gain),
  sampleRate,
});
const codes = (p: { warnings: readonly { code: string }[] }): string[] => p.warnings.map(({ code }) => code);

describe('a recognizer', () => {
  let recognizer: Recognizer;
  beforeAll(async () => {
    await startWasm();
    // Few epochs: probabilities that are not all 0 or 1 are the better test.
    recognizer = await trainTiny({ epochs: 3 });
  });

  it('gives every label a probability; they add up to 1 and the largest names the label', async () => {
    for (const kind of SOUNDS) {
      const { label, probabilities, warnings } = await recognizer.predict(sound(kind, 77));
      expect(Object.keys(probabilities)).toEqual(recognizer.labels);
      expect(Object.values(probabilities).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      expect(probabilities[label]).toBe(Math.max(...Object.values(probabilities)));
      expect(warnings).toEqual([]);
    }
  });

  it.each([8000, 11025, 16000, 22050, 44100, 48000, 96000])('answers a recording of %i Hz alike', async (rate) => {
    // Made at 96 kHz with nothing above 2.2 kHz, so that every rate holds the same sound.
    const original = sound('low', 5, 96000);
    const filtered = resample(resample(original, 4400), 96000);
    const expected = await recognizer.predict(resample(filtered, 16000));
    const got = await recognizer.predict(rate === 96000 ? filtered : resample(filtered, rate));
    // At 8 kHz the bands above 4 kHz are empty: that may change the answer, and is warned of.
    if (rate === 8000) expect(codes(got)).toContain('band-limited');
    else {
      expect(apart(got, expected)).toBeLessThan(0.02);
      expect(codes(got)).toEqual([]);
    }
  });

  it('answers the same for a recording ten times softer or twice as loud', async () => {
    for (const kind of SOUNDS) {
      const plain = await recognizer.predict(sound(kind, 4));
      for (const gain of [0.1, 2]) {
        expect(apart(await recognizer.predict(scaled(sound(kind, 4), gain)), plain)).toBeLessThan(1e-3);
      }
    }
  });

  it.each([
    ['silence', { samples: new Float32Array(16000), sampleRate: 16000 }, ['silent']],
    ['a near-silent recording', scaled(sound('low', 1), 1e-3), ['near-silent']],
    ['the softest recording there is', scaled(sound('low', 1), 1e-38), ['near-silent']],
    ['one sample', { samples: Float32Array.of(0.5), sampleRate: 16000 }, ['short']],
    ['one sample of 96 kHz', { samples: Float32Array.of(0.5), sampleRate: 96000 }, ['short']],
    ['one silent sample', { samples: new Float32Array(1), sampleRate: 8000 }, ['silent', 'short', 'band-limited']],
    ['a tenth of a second', { samples: sound('low', 1).samples.slice(0, 1600), sampleRate: 16000 }, ['short']],
    [
      'clipped speech',
      { samples: sound('low', 1).samples.map((x) => Math.max(-1, Math.min(1, 40 * x))), sampleRate: 16000 },
      ['clipped'],
    ],
    ['samples beyond full scale', scaled(sound('low', 1), 1e6), ['clipped']],
  ])('answers %s with a warning', async (_, waveform, warnings) => {
    const got = await recognizer.predict(waveform);
    expect(codes(got)).toEqual(warnings);
    expect(Object.values(got.probabilities).every((p) => p >= 0 && p <= 1)).toBe(true);
    expect(Object.values(got.probabilities).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    for (const { message } of got.warnings) expect(message).toMatch(/\w/);
  });

  it.each([
    ['no samples', { samples: new Float32Array(0), sampleRate: 8000 }, 'empty'],
    ['NaN', { samples: Float32Array.of(0, Number.NaN), sampleRate: 8000 }, 'not-finite'],
    ['no waveform', undefined, 'bad-input'],
    ['a rate of 0', { samples: new Float32Array(9), sampleRate: 0 }, 'bad-input'],
  ])('refuses %s', async (_, waveform, code) => {
    await expect(recognizer.predict(waveform as Waveform)).rejects.toMatchObject({
      name: 'SerKitError',
      code,
      message: expect.stringMatching(/^predict: /),
    });
  });

  it('answers many as it answers them one by one, in their order', async () => {
    const waveforms = [
      sound('low', 1),
      sound('noise', 2, 8000),
      { samples: Float32Array.of(0.1), sampleRate: 16000 },
      sound('high', 3, 44100),
    ];
    const together = await recognizer.predictBatch(waveforms);
    for (const [i, waveform] of waveforms.entries()) {
      const alone = await recognizer.predict(waveform);
      expect(together[i]).toMatchObject({ label: alone.label, warnings: alone.warnings });
      expect(apart(together[i]!, alone)).toBeLessThan(1e-5);
    }
    expect(await recognizer.predictBatch([])).toEqual([]);
  });

  it('leaves its input as it is', async () => {
    const waveform = sound('low', 1);
    const before = waveform.samples.slice();
    await recognizer.predict(waveform);
    expect(waveform.samples).toEqual(before);
  });

  it('cannot be used once disposed, and may be disposed twice', async () => {
    const other = await trainTiny({ epochs: 1 });
    other.dispose();
    other.dispose();
    const gone = {
      code: 'bad-input',
      message: expect.stringMatching(/expected a recognizer in use, got one that was disposed/),
    };
    await expect(other.predict(sound('low', 1))).rejects.toMatchObject(gone);
    await expect(saveRecognizer(other)).rejects.toMatchObject(gone);
  });

  it('disposed while it is predicting ends in an error in its own words', async () => {
    const other = await trainTiny({ epochs: 1 });
    const many = other.predictBatch(Array.from({ length: 200 }, (_, i) => sound('low', i)));
    other.dispose();
    await expect(many).rejects.toMatchObject({
      name: 'SerKitError',
      code: 'bad-input',
      message: 'predict: the recognizer was disposed before its answer was there',
    });
  });

  it.each([undefined, {}, sound('low', 1)])('refuses %o for many recordings', async (waveforms) => {
    await expect(recognizer.predictBatch(waveforms as never)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringMatching(/^predictBatch: waveforms expected an array, got/),
    });
  });

  it.each(['Aborted(OOM). Build with -sASSERTIONS', 'divide by zero', 'Array buffer allocation failed'])(
    'says of %j that memory ran out',
    async (sign) => {
      const other = await trainTiny({ epochs: 1 });
      const { model } = recognizerParts('test', other);
      model.apply = () => {
        throw new Error(sign);
      };
      await expect(other.predict(sound('low', 1))).rejects.toMatchObject({
        code: 'out-of-memory',
        message: 'predict: out of memory; take smaller batches or shorter recordings',
      });
      model.apply = () => {
        throw new Error('some other fault');
      };
      await expect(other.predict(sound('low', 1))).rejects.toThrow(/^some other fault$/);
    },
  );

  it('frees its tensors when disposed', async () => {
    const tf = await import('@tensorflow/tfjs-core');
    const before = tf.memory().numTensors;
    const other = await trainTiny({ epochs: 1 });
    await other.predict(sound('low', 1));
    other.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is saved by its own copy of the package alone', async () => {
    await expect(saveRecognizer({ ...recognizer })).rejects.toMatchObject({ code: 'bad-input' });
  });

  it('looks at nothing above 5,000 Hz by default', () => {
    for (const choice of DEFAULT_FEATURES) {
      expect((choice.options as { fMax: number }).fMax).toBeLessThanOrEqual(5000);
    }
  });
});
