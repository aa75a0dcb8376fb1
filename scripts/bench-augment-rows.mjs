// What bench-augment.mjs times. A row: what it is called, the transform's JSON, which bar it is held to, and its peers'
// names, which bench_augment.py knows under the same row. Transforms that ser-kit/augment does not have yet are skipped.

/** The bars: what is asked of ser-kit's times real time, and of its ratio to the peer's. */
export const BARS = {
  stretch: {
    text: '>= 150 x and >= 0.4',
    holds: (speed, ratio) => (speed < 150 ? false : ratio === undefined ? undefined : ratio >= 0.4),
  },
  plain: {
    text: '>= 0.7, or >= 20,000 x',
    holds: (speed, ratio) => speed >= 20000 || (ratio === undefined ? undefined : ratio >= 0.7),
  },
  filtering: { text: '>= 0.3', holds: (_, ratio) => (ratio === undefined ? undefined : ratio >= 0.3) },
};

/** Names for what lies in the bench's folder, on both sides. */
export const BACKGROUND = 'background.wav';
export const RESPONSE = 'response.wav';

export const ROWS = [
  { name: 'addNoise white', json: { transform: 'addNoise', snrDb: [5, 40] }, bar: 'plain' },
  { name: 'addNoise pink', json: { transform: 'addNoise', color: 'pink', snrDb: [5, 40] }, bar: 'plain' },
  { name: 'addNoise brown', json: { transform: 'addNoise', color: 'brown', snrDb: [5, 40] }, bar: 'plain' },
  { name: 'addBackground', json: { transform: 'addBackground', recordings: [BACKGROUND] }, bar: 'plain' },
  { name: 'timeStretch wsola', json: { transform: 'timeStretch', rate: [0.8, 1.25] }, bar: 'stretch' },
  {
    name: 'timeStretch phaseVocoder',
    json: { transform: 'timeStretch', rate: [0.8, 1.25], method: 'phaseVocoder' },
    bar: 'stretch',
  },
  { name: 'pitchShift move', json: { transform: 'pitchShift', semitones: [-4, 4] }, bar: 'stretch' },
  {
    name: 'pitchShift keep',
    json: { transform: 'pitchShift', semitones: [-4, 4], formants: 'keep' },
    bar: 'stretch',
  },
  { name: 'changeSpeed', json: { transform: 'changeSpeed', factor: [0.8, 1.25] }, bar: 'filtering' },
  { name: 'reverb made', json: { transform: 'reverb' }, bar: 'filtering' },
  { name: 'reverb given', json: { transform: 'reverb', responses: [RESPONSE] }, bar: 'filtering' },
  { name: 'gain', json: { transform: 'gain' }, bar: 'plain' },
  { name: 'shift', json: { transform: 'shift', rollover: true }, bar: 'plain' },
  { name: 'clip', json: { transform: 'clip' }, bar: 'plain' },
  { name: 'telephone', json: { transform: 'telephone' }, bar: 'plain' },
  { name: 'muLaw', json: { transform: 'muLaw' }, bar: 'plain' },
  { name: 'lowPass', json: { transform: 'lowPass' }, bar: 'plain' },
  { name: 'highPass', json: { transform: 'highPass' }, bar: 'plain' },
  { name: 'crop', json: { transform: 'crop', durationSec: 2 }, bar: 'plain' },
  { name: 'crop voiced', json: { transform: 'crop', durationSec: 2, mode: 'voiced' } },
  { name: 'pad', json: { transform: 'pad', durationSec: 12 }, bar: 'plain' },
  { name: 'maskTime', json: { transform: 'maskTime', maxFrames: 30 }, features: true, bar: 'plain' },
  { name: 'maskFrequency', json: { transform: 'maskFrequency', maxDims: 8 }, features: true, bar: 'plain' },
];

/** What is made of other transforms or of functions, and mixup, which works on batches inside the training. */
export const NO_ROWS = ['compose', 'oneOf', 'someOf', 'maybe', 'ownFunction', 'mixup'];
