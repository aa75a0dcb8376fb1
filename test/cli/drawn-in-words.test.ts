import { expect, it } from 'vitest';
import { drawnInWords } from '../../src/cli/drawn-in-words.ts';

const silent = { samples: new Float32Array(8000), sampleRate: 8000 };
const clip = { samples: new Float32Array(8000).fill(0.1), sampleRate: 8000 };

it.each([
  [{ transform: 'crop', share: 0.5 }, { startSample: 1001, lengthSamples: 4000 }, ['crop: from 0.125 s on, 0.5 s']],
  [
    { transform: 'crop', durationSec: [2, 3], shorter: 'keep' },
    { startSample: 0, lengthSamples: 8000 },
    ['crop: the clip is shorter: kept whole'],
  ],
  [{ transform: 'pad' }, { beforeSamples: 0, afterSamples: 2000 }, ['pad: 0 s before, 0.25 s after']],
  [{ transform: 'pad' }, { beforeSamples: 0, afterSamples: 0 }, ['pad: long enough']],
  [{ transform: 'shift' }, { shiftSamples: -800 }, ['shift: 0.1 s earlier']],
  [
    { transform: 'maskTime' },
    {
      masks: [
        { start: 3, width: 4 },
        { start: 0, width: 0 },
        { start: 9, width: 1 },
      ],
    },
    ['maskTime: frames 3 to 6 hidden and frame 9 hidden'],
  ],
  [{ transform: 'maskFrequency' }, { masks: [{ start: 3, width: 0 }] }, ['maskFrequency: nothing hidden']],
  [{ transform: 'gain' }, { gainDb: 4.56789 }, ['gain: 4.568 dB']],
])('%j that drew %j', (json, drawn, words) => {
  expect(drawnInWords(json, drawn, clip)).toEqual(words);
});

it('says that silence gets no noise', () => {
  const drawn = { snrDb: 10, seed: 5 };
  expect(drawnInWords({ transform: 'addNoise', color: 'pink' }, drawn, silent)).toEqual([
    'addNoise: silent: none is added',
  ]);
  expect(drawnInWords({ transform: 'addNoise', color: 'pink' }, drawn, clip)).toEqual([
    'addNoise: color pink, SNR 10 dB',
  ]);
});
