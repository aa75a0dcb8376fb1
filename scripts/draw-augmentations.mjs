// The pictures of docs/augmentation.md: what each transform does to a synthetic voice, one file a transform. The same
// bytes each time: node scripts/draw-augmentations.mjs [FOLDER] (after `npm run build`; docs/augmentation unless told).
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as augmentDoor from '../dist/augment.js';
import { synthesize } from '../dist/datasets.js';
import { fitStandardizer, logMel, spectrogram } from '../dist/features.js';
import { createRandom } from '../dist/index.js';
import { augmentationSvg } from '../dist/report.js';

const folder = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..', 'docs', 'augmentation');
const augment = { ...augmentDoor };
const frames = { nFft: 512, winLength: 400, hopLength: 200 };
const voiceOf = (speaker, sentence, emotion) => synthesize({ seed: 4, speaker, sentence, emotion });
const voice = voiceOf(0, 'DFA', 'happy');

/** Several voices at once, as they are heard in a café. */
const babble = {
  sampleRate: voice.sampleRate,
  samples: ['IEO', 'TSI', 'WSI', 'TAI', 'MTI', 'IWW']
    .map((sentence, i) => voiceOf(i + 1, sentence, 'neutral').samples)
    .reduce(
      (sum, samples) => sum.map((sample, n) => sample + (samples[n % samples.length] ?? 0)),
      new Float32Array(19200),
    ),
};

/** For each picture the transforms whose outcome it shows, with the words beneath. */
const PICTURES = {
  addNoise: [
    ['white, 10 dB', { color: 'white', snrDb: 10 }],
    ['pink, 10 dB', { color: 'pink', snrDb: 10 }],
    ['brown, 10 dB', { color: 'brown', snrDb: 10 }],
  ],
  addBackground: [['six other voices, 5 dB', { recordings: { babble }, snrDb: 5 }]],
  timeStretch: [
    ['rate 0.8', { rate: 0.8 }],
    ['rate 1.25', { rate: 1.25 }],
    ['rate 0.8, phaseVocoder', { rate: 0.8, method: 'phaseVocoder' }],
  ],
  changeSpeed: [['factor 1.2', { factor: 1.2 }]],
  pitchShift: [
    ['4 semitones, formants move', { semitones: 4 }],
    ['4 semitones, formants keep', { semitones: 4, formants: 'keep' }],
    ['-4 semitones, formants keep', { semitones: -4, formants: 'keep' }],
  ],
  crop: [
    ['share 0.6, random', { share: 0.6 }],
    ['share 0.6, center', { share: 0.6, mode: 'center' }],
    ['share 0.6, voiced', { share: 0.6, mode: 'voiced' }],
  ],
  pad: [
    ['2 s, silence at the end', { durationSec: 2 }],
    ['2 s, center, wrap', { durationSec: 2, place: 'center', mode: 'wrap' }],
    ['2 s, center, reflect', { durationSec: 2, place: 'center', mode: 'reflect' }],
  ],
  shift: [
    ['0.3 s', { shiftSec: 0.3 }],
    ['0.3 s, rollover', { shiftSec: 0.3, rollover: true }],
    ['-0.3 s', { shiftSec: -0.3 }],
  ],
  gain: [['6 dB', { gainDb: 6 }]],
  clip: [['30 percent of the samples', { clippedPercent: 30 }]],
  reverb: [
    ['0.3 s, 10 dB: near, in a furnished room', { rt60Sec: 0.3, directToReverberantDb: 10, preDelaySec: 0.005 }],
    ['0.8 s, 10 dB', { rt60Sec: 0.8, directToReverberantDb: 10, preDelaySec: 0.01 }],
    ['0.8 s, 0 dB: far, in a bare room', { rt60Sec: 0.8, directToReverberantDb: 0, preDelaySec: 0.01 }],
  ],
  telephone: [['muLaw', {}]],
  muLaw: [['8 bits', {}]],
  lowPass: [['2 kHz, order 4', { cutoffHz: 2000, order: 4 }]],
  highPass: [['500 Hz, order 4', { cutoffHz: 500, order: 4 }]],
  maskTime: [['two stretches of up to 30 frames', { maxFrames: 30 }]],
  maskFrequency: [['two bands of up to 8 dimensions', { maxDims: 8 }]],
};

const decibels = (powers) => ({ ...powers, data: powers.data.map((power) => 10 * Math.log10(Math.max(power, 1e-10))) });
const mel = (waveform) => logMel(waveform, { ...frames, nMels: 40, simd: false });
const standardizer = fitStandardizer([mel(voice)]);

function pictured(name, waveform, features) {
  return { name, waveform, spectrogram: decibels(spectrogram(waveform, frames)), features };
}

mkdirSync(folder, { recursive: true });
for (const [kind, shown] of Object.entries(PICTURES)) {
  const ofFeatures = kind.startsWith('mask');
  const features = ofFeatures ? standardizer.transform(mel(voice)) : undefined;
  const versions = shown.map(([words, options]) => {
    const transform = augment[kind](options);
    const random = createRandom(7);
    return ofFeatures
      ? pictured(words, voice, transform(features, random))
      : pictured(words, transform(voice, random), undefined);
  });
  draw(kind, { original: pictured('original', voice, features), versions });
}

// Features alone are mixed, so that a mixture has no waveform.
const longer = voiceOf(3, 'TAI', 'angry');
const batch = [longer, voice].map((waveform) => ({
  features: standardizer.transform(mel(waveform)),
  target: new Float32Array(1).fill(1),
}));
const [mixture] = augment.mixup().apply(batch, { weight: 0.7, partners: [1, 0] });
draw('mixup', {
  original: pictured('a clip of the batch', longer, batch[0].features),
  versions: [
    pictured('its partner', voice, batch[1].features),
    { name: "0.7 of its features, 0.3 of the partner's", features: mixture.features },
  ],
});

function draw(kind, picture) {
  const svg = augmentationSvg(picture, { title: kind, hopSec: frames.hopLength / voice.sampleRate, columns: 2 });
  const file = `${kind.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.svg`;
  writeFileSync(join(folder, file), svg);
  process.stdout.write(`${file} ${(svg.length / 1000).toFixed(1)} kB\n`);
}
