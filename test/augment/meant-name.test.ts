import { expect, it } from 'vitest';
import { transformNames } from '../../src/augment/index.ts';
import { meantName } from '../../src/augment/meant-name.ts';

it.each([
  ['ADDNOISE', 'addNoise'],
  ['addNiose', 'addNoise'],
  ['AddGaussianSNR', 'addNoise'],
  ['AddBackgroundNoise', 'addBackground'],
  ['PitchShift', 'pitchShift'],
  ['Shift', 'shift'],
  ['LowPassFilter', 'lowPass'],
  ['TimeMask', 'maskTime'],
  ['OneOf', 'oneOf'],
  ['toString', undefined],
  ['x', undefined],
  ['', undefined],
  [5, undefined],
])('%j was meant as %s', (name, meant) => {
  expect(meantName(name, transformNames())).toBe(meant);
});
