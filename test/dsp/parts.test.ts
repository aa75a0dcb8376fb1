import { describe, expect, it } from 'vitest';
import { fillConditioned } from '../../src/dsp/conditioning.ts';
import { Dct } from '../../src/dsp/dct.ts';
import { LOGARITHMS, limitRange, powerToDb } from '../../src/dsp/decibel.ts';
import { frameCount, paddedSample } from '../../src/dsp/frames.ts';
import { MelBank, melFilterBank, melSettings } from '../../src/dsp/mel.ts';
import { parabolaPlace } from '../../src/dsp/parabola.ts';
import { ShortTimeTransform, stftFraming, stftSettings } from '../../src/dsp/stft.ts';
import { createWindow } from '../../src/dsp/window.ts';

// Numbers marked scipy are scipy 1.17.1's, those marked librosa are librosa 0.11.0's.

describe('createWindow', () => {
  it("gives scipy's periodic windows: get_window('hann', 4) and get_window('hamming', 5)", () => {
    expect(Array.from(createWindow('hann', 4))).toEqual([0, 0.5, 1, 0.5].map((x) => expect.closeTo(x, 15)));
    const hamming = [0.08, 0.3978521825875242, 0.9121478174124757, 0.9121478174124757, 0.3978521825875242];
    expect(Array.from(createWindow('hamming', 5))).toEqual(hamming.map((x) => expect.closeTo(x, 14)));
    expect(Array.from(createWindow('ones', 3))).toEqual([1, 1, 1]);
  });

  it("gives scipy's symmetric windows too, and Kaldi's povey; one sample is 1", () => {
    const near = (values: number[]) => values.map((x) => expect.closeTo(x, 14));
    // scipy: get_window('hann', 5, False) and get_window('hamming', 4, False)
    expect(Array.from(createWindow('hann', 5, true))).toEqual(near([0, 0.5, 1, 0.5, 0]));
    expect(Array.from(createWindow('hamming', 4, true))).toEqual(near([0.08, 0.77, 0.77, 0.08]));
    // torchaudio.compliance.kaldi, in float64
    const povey = [0, 0.5547847360339224, 1, 0.5547847360339226, 0];
    expect(Array.from(createWindow('povey', 5, true))).toEqual(near(povey));
    for (const name of ['hann', 'hamming', 'povey', 'ones'] as const) {
      expect(Array.from(createWindow(name, 1, true))).toEqual([1]);
    }
  });
});

describe('fillConditioned', () => {
  const run = (frame: number[], settings: { removeDc: boolean; preEmphasis: number }): number[] => {
    const buffer = new Float64Array(frame.length + 2);
    const window = Float64Array.from(frame, (_, n) => 1 + n);
    fillConditioned(Float32Array.of(9, ...frame), 1, window, { scale: 1, ...settings }, buffer, 1);
    expect([buffer[0], buffer[frame.length + 1]]).toEqual([0, 0]);
    return Array.from(buffer.subarray(1, frame.length + 1), (x, n) => x / (1 + n));
  };
  const near = (values: number[]) => values.map((x) => expect.closeTo(x, 14));

  it("subtracts the frame's mean, then k times the sample before, the first from itself; then it weighs", () => {
    expect(run([1, 4, 7, 4], { removeDc: true, preEmphasis: 0 })).toEqual(near([-3, 0, 3, 0]));
    expect(run([1, 4, 7, 4], { removeDc: false, preEmphasis: 0.5 })).toEqual(near([0.5, 3.5, 5, 0.5]));
    expect(run([1, 4, 7, 4], { removeDc: true, preEmphasis: 0.5 })).toEqual(near([-1.5, 1.5, 3, -1.5]));
    expect(run([3], { removeDc: true, preEmphasis: 1 })).toEqual(near([0]));
  });
});

describe('ShortTimeTransform', () => {
  it('puts a window that frames are counted by at the start of the transform, and scales', () => {
    const samples = Float32Array.of(1, 2, 3, 4, 5);
    const settings = stftSettings('test', { nFft: 4, winLength: 2, window: 'ones', framedBy: 'winLength' });
    expect(stftFraming(settings).frameLength).toBe(2);
    const output = new Float64Array(6);
    new ShortTimeTransform(settings, { scale: 10, removeDc: false, preEmphasis: 0 }).spectrum(samples, 3, output);
    // 40 + 50 exp(-i pi k / 2)
    expect(Array.from(output)).toEqual([90, 0, 40, -50, -10, 0].map((x) => expect.closeTo(x, 12)));
    const middle = stftSettings('test', { nFft: 4, winLength: 2, window: 'ones' });
    expect(stftFraming(middle).frameLength).toBe(4);
    new ShortTimeTransform(middle).spectrum(samples, 0, output);
    expect(Array.from(output)).toEqual([5, 0, -3, -2, 1, 0].map((x) => expect.closeTo(x, 12)));
  });
});

describe('parabolaPlace', () => {
  it('is where a parabola has its top, of which three values are given', () => {
    for (const top of [-0.9, -0.5, -0.125, 0, 0.25, 0.5, 1]) {
      const [before, middle, after] = [-1, 0, 1].map((x) => 7 - 3 * (x - top) ** 2);
      expect(parabolaPlace(before!, middle!, after!)).toBeCloseTo(top, 12);
    }
  });

  it('stays between the values, and is 0 where there is no top', () => {
    expect(parabolaPlace(0, 1, 1.999)).toBe(1);
    expect(parabolaPlace(1.999, 1, 0)).toBe(-1);
    expect(parabolaPlace(2, 2, 2)).toBe(0);
    expect(parabolaPlace(2, 1, 4)).toBe(0);
  });
});

describe('paddedSample', () => {
  const around = (samples: number[], mode: 'constant' | 'edge' | 'reflect') =>
    Array.from({ length: samples.length + 8 }, (_, i) => paddedSample(Float32Array.from(samples), i - 4, mode));

  it('continues a signal as numpy.pad does, also further than the signal is long', () => {
    expect(around([1, 2, 3], 'constant')).toEqual([0, 0, 0, 0, 1, 2, 3, 0, 0, 0, 0]);
    expect(around([1, 2, 3], 'edge')).toEqual([1, 1, 1, 1, 1, 2, 3, 3, 3, 3, 3]);
    expect(around([1, 2, 3], 'reflect')).toEqual([1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3]);
    expect(around([7], 'reflect')).toEqual([7, 7, 7, 7, 7, 7, 7, 7, 7]);
  });
});

describe('frameCount', () => {
  it('is 1 + floor(length / hop) when centred on an even frame, and counts whole frames when not', () => {
    const framing = { frameLength: 512, hopLength: 160, padMode: 'constant' } as const;
    expect(frameCount('f', 1600, { ...framing, center: true })).toBe(11);
    expect(frameCount('f', 1600, { ...framing, center: false })).toBe(7);
    expect(frameCount('f', 512, { ...framing, center: false })).toBe(1);
    expect(() => frameCount('f', 511, { ...framing, center: false })).toThrow(/f: .* 512 samples, got 511 samples/);
  });
});

describe('Dct', () => {
  it("gives scipy.fft.dct's numbers for both norms, even and odd lengths", () => {
    const run = (input: number[], outputs: number, norm: 'ortho' | null): number[] => {
      const output = new Float64Array(outputs);
      new Dct(input.length, outputs, norm).apply(Float64Array.from(input), 0, output, 0);
      return Array.from(output);
    };
    const near = (values: number[]) => values.map((x) => expect.closeTo(x, 12));
    // scipy: dct([1, 2, 4, 8], norm='ortho') and dct([1, 2, 4, 8, -3])
    expect(run([1, 2, 4, 8], 4, 'ortho')).toEqual(near(SCIPY_ORTHO));
    expect(run([1, 2, 4, 8, -3], 5, null)).toEqual(near(SCIPY_PLAIN));
    expect(run([5], 1, 'ortho')).toEqual(near([5]));
  });
});

const SCIPY_ORTHO = [7.500000000000001, -5.114166477213516, 1.5, -0.5876233856353128];
const SCIPY_PLAIN = [24.0, 0.5550291028515506, -17.41640786499874, 16.114960213881623, -9.416407864998737];
// librosa: mel(sr=8000, n_fft=16, n_mels=3, dtype=float64), and with fmin=100, fmax=3900, htk=True, norm=None
const LIBROSA_SLANEY = [
  -0.0, 0.0014287782330099734, 0.0005348662994655703, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0008510093020484258,
  0.0008647141490044995, 0.00023411085667783568, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.00021984629578154246,
  0.0005793526216555792, 0.000589309378509304, 0.00039287291900620263, 0.00019643645950310131, 0.0,
];
const LIBROSA_HTK = [
  0.0, 0.9115429474525524, 0.32130596476715056, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.6786940352328494,
  0.7323176155698988, 0.2571430066300795, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.26768238443010123, 0.7428569933699205,
  0.8592000549711197, 0.5523428924814345, 0.24548572999174928, 0.0,
];

const KALDI = { sampleRate: 8000, nFft: 16, nMels: 4, fMin: 20, htk: true, melNorm: null } as const;
// torchaudio.compliance.kaldi.get_mel_banks(4, 16, 8000, 20, 0, 100, -500, 1) in float64, [4, 8], with its column of zeros
const TORCHAUDIO_KALDI = [
  [0.0, 0.6385727713883363, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
  [0.0, 0.36142722861166365, 0.7102829687184229, 0.023129557844556305, 0.0, 0.0, 0.0, 0.0, 0.0],
  [0.0, 0.0, 0.28971703128157705, 0.9768704421554437, 0.4773216017199052, 0.024515078227831024, 0.0, 0.0, 0.0],
  [0.0, 0.0, 0.0, 0.0, 0.5226783982800949, 0.975484921772169, 0.6375831544733334, 0.2997707674244955, 0.0],
].flat();
const KALDI_CENTRES = [347.8173099808706, 824.8904376327054, 1519.175828299797, 2529.5706205328665];
const ODD = { sampleRate: 5001, nFft: 11, nMels: 3, fMax: 2500, htk: true, melNorm: null } as const;
// torchaudio.functional.melscale_fbanks(6, 0.0, 2500.0, 3, 5001, None, 'htk') in float64, [3, 6]
const TORCHAUDIO_ODD = [
  [0.0, 0.6270507946034634, 0.0, 0.0, 0.0, 0.0],
  [0.0, 0.3729492053965366, 0.70607066740104, 0.0, 0.0, 0.0],
  [0.0, 0.0, 0.29392933259896004, 0.9885836773112522, 0.4942918386556261, 0.0],
].flat();

describe('powerToDb', () => {
  it('floors at amin, refers to ref, and raises what lies below the greatest by more than topDb', () => {
    const run = (ref: number, amin: number, topDb: number | null): number[] => {
      const values = Float64Array.of(7, 1000, 1, 0, 1e-12);
      powerToDb(values, 1, 3, ref, amin);
      if (topDb !== null) limitRange(values.subarray(1), 3, topDb);
      return Array.from(values);
    };
    const near = (values: number[]) => values.map((x) => expect.closeTo(x, 12));
    expect(run(1, 1e-10, null)).toEqual(near([7, 30, 0, -100, 1e-12]));
    expect(run(1, 1e-10, 80)).toEqual(near([7, 30, 0, -50, 1e-12]));
    expect(run(10, 1e-5, 60)).toEqual(near([7, 20, -10, -40, 1e-12]));
    expect(run(0, 1e-10, null)).toEqual(near([7, 130, 100, 0, 1e-12]));
  });

  it('gives natural logarithms in that unit', () => {
    const values = Float64Array.of(1, Math.E ** 3, 0);
    powerToDb(values, 0, 3, 1, Math.exp(-2), LOGARITHMS.ln);
    expect(Array.from(values)).toEqual([0, 3, -2].map((x) => expect.closeTo(x, 12)));
  });
});

describe('melFilterBank', () => {
  it("has librosa.filters.mel's weights", () => {
    const bank = melFilterBank({ sampleRate: 8000, nFft: 16, nMels: 3 });
    expect([bank.nMels, bank.bins, bank.weights.length, bank.edges.length]).toEqual([3, 9, 27, 5]);
    expect(Array.from(bank.weights)).toEqual(LIBROSA_SLANEY.map((x) => expect.closeTo(x, 15)));
    const htk = melFilterBank({
      sampleRate: 8000,
      nFft: 16,
      nMels: 3,
      fMin: 100,
      fMax: 3900,
      htk: true,
      melNorm: null,
    });
    expect(Array.from(htk.weights)).toEqual(LIBROSA_HTK.map((x) => expect.closeTo(x, 12)));
  });

  it("has Kaldi's triangles, straight in mel, and torchaudio's, whose bins end at half the rate cut to a whole number", () => {
    const kaldi = melFilterBank({ ...KALDI, triangles: 'mel' });
    expect(Array.from(kaldi.weights)).toEqual(TORCHAUDIO_KALDI.map((x) => expect.closeTo(x, 12)));
    expect(Array.from(kaldi.edges.slice(1, 5))).toEqual(KALDI_CENTRES.map((x) => expect.closeTo(x, 10)));
    const odd = melFilterBank({ ...ODD, lastBinHz: 2500 });
    expect(Array.from(odd.weights)).toEqual(TORCHAUDIO_ODD.map((x) => expect.closeTo(x, 12)));
    expect(melFilterBank(ODD).weights).not.toEqual(odd.weights);
  });

  it('is what MelBank applies, band for band, also with bands narrower than a bin', () => {
    for (const options of [
      { sampleRate: 16000, nFft: 512, nMels: 40 },
      { sampleRate: 11025, nFft: 400, nMels: 128, fMin: 30, fMax: 5000, htk: true, melNorm: null },
      { sampleRate: 22050, nFft: 33, nMels: 60 },
      { sampleRate: 8000, nFft: 2, nMels: 1 },
      { ...KALDI, nFft: 512, nMels: 23, triangles: 'mel' },
      { ...KALDI, htk: false, melNorm: 'slaney', nFft: 64, nMels: 23, triangles: 'mel', lastBinHz: 3900 },
    ]) {
      const { weights, bins, nMels } = melFilterBank(options as { sampleRate: number; nFft: number });
      const power = Float64Array.from({ length: bins }, (_, k) => 1 + ((k * 7919) % 13));
      const bands = new Float64Array(nMels + 2);
      new MelBank(melSettings('test', options as { sampleRate: number; nFft: number })).apply(power, bands, 1);
      for (let band = 0; band < nMels; band++) {
        const expected = power.reduce((sum, p, k) => sum + p * weights[band * bins + k], 0);
        expect(bands[band + 1]).toBeCloseTo(expected, 12);
      }
      expect([bands[0], bands[nMels + 1]]).toEqual([0, 0]);
    }
  });

  it('refuses edges above half the rate or in the wrong order, unknown options and a missing rate', () => {
    const options = { sampleRate: 8000, nFft: 256 };
    expect(() => melFilterBank({ ...options, fMax: 4001 })).toThrow(
      'melFilterBank: fMax expected <= 4000, half the sample rate of 8000 Hz, got 4001',
    );
    expect(() => melFilterBank({ ...options, fMin: 3000, fMax: 3000 })).toThrow(
      /fMin expected < fMax = 3000, got 3000/,
    );
    expect(() => melFilterBank({ ...options, mels: 3 } as never)).toThrow(/unknown option "mels"/);
    expect(() => melFilterBank({ nFft: 256 } as never)).toThrow(/sampleRate expected number \(required\), got nothing/);
  });
});
