import { describe, expect, it } from 'vitest';
import { createFrontEnd } from '../../src/clips/front-end.ts';
import { createXvector } from '../../src/xvector/create-xvector.ts';
import { encodeXvector } from '../../src/xvector/own-format.ts';
import { checkXvectorWeights, type XvectorWeights } from '../../src/xvector/weights.ts';
import { errorOf } from '../support/error-of.ts';
import { tinyXvector } from '../support/tiny-xvector.ts';
import { tinyWeights } from './tiny-weights.ts';

/** A network with the part at a path replaced. */
function withPart(path: string, value: unknown, base: XvectorWeights = tinyWeights()): XvectorWeights {
  const weights = structuredClone(base) as unknown as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop()!;
  const parent = keys.reduce((part, key) => part[key] as Record<string, unknown>, weights);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return weights as unknown as XvectorWeights;
}

const kaldi = { kind: 'kaldi', sampleRate: 16000, nMels: 30, fMin: 20, fMax: 7600, cmnWindow: 300, vad: true };

describe('checkXvectorWeights()', () => {
  it('takes the networks that there are', () => {
    for (const weights of [tinyWeights(), tinyXvector(), withPart('frontEnd', kaldi), withPart('chunkFrames', 4)]) {
      checkXvectorWeights('test', weights);
    }
  });

  it.each([
    ['chunkFrames', 0, 'chunkFrames expected > 0, got 0'],
    ['chunkFrames', 3, 'chunkFrames expected null or at least the 4 frames that the network needs, got 3'],
    ['chunkFrames', undefined, 'chunkFrames expected'],
    ['leastFrames', 0.5, 'leastFrames expected'],
    ['short', 'cut', 'short expected "refuse" | "repeat", got "cut"'],
    ['padding', 'constant', 'padding expected "reflect" | "zeros" | "valid", got "constant"'],
    ['pooling', undefined, 'pooling expected'],
    ['pooling.deviation', 'population', 'pooling.deviation expected "unbiased" | "biased", got "population"'],
    ['pooling.floor', -1, 'pooling.floor expected >= 0, got -1'],
    ['pooling.added', Number.NaN, 'pooling.added expected'],
    ['frontEnd', undefined, 'frontEnd expected'],
    ['frontEnd', { kind: 'htk' }, 'frontEnd.kind expected "speechbrain" | "kaldi" | "ser-kit", got "htk"'],
    ['frontEnd', { ...kaldi, fMax: 9000 }, 'frontEnd expected 0 <= fMin < fMax <= sampleRate / 2'],
    ['frontEnd', { ...kaldi, nMels: 20 }, 'frontEnd expected nMels of at least the 24 inputs'],
    ['frameLayers.1.slope', Number.NaN, 'frameLayers[1].slope expected'],
    ['frameLayers.1.norm', undefined, 'frame2: norm expected null or a scale and a shift, got undefined'],
    ['frameLayers.1.norm', {}, 'frame2: scale expected a Float32Array of 5, got undefined'],
    ['frameLayers.1.offsets', undefined, 'frameLayers[1].offsets expected'],
    ['frameLayers.1.outputs', 5.5, 'frameLayers[1].outputs expected'],
    ['frameLayers.1.kernel', [1, 2], 'frame2: kernel expected a Float32Array of'],
    ['frameLayers.2', null, 'frameLayers[2] expected'],
    ['frameLayers', [], 'frameLayers expected at least 1 item'],
    ['segmentLayers', undefined, 'segmentLayers expected'],
    ['segmentLayers.0.norm', undefined, 'segment6: norm expected null or a scale and a shift'],
    ['card', 'mine', 'card expected'],
    ['dropout', 0.1, 'unknown option "dropout"'],
  ])('refuses %s %o by name', (path, value, message) => {
    const error = errorOf(() => createXvector(withPart(path, value)));
    expect(error.code).toBe('bad-input');
    expect(error.message.startsWith('createXvector: ')).toBe(true);
    expect(error.message).toContain(message);
  });

  it('refuses a first layer that its own front end does not fit, as encodeXvector() does', () => {
    const { config } = createFrontEnd();
    const standardizer = { kind: 'standardizer', version: 2, scope: 'clip', dims: 9 };
    for (const [frontEnd, message] of [
      [{ kind: 'ser-kit', config }, 'config expected features of 8 dims, as the first layer has, got 40'],
      [{ ...tinyXvector().frontEnd, standardizer }, 'standardizer expected 8 dims, as the first layer has, got 9'],
    ] as const) {
      const weights = withPart('frontEnd', frontEnd, tinyXvector());
      for (const use of [createXvector, encodeXvector]) {
        expect(errorOf(() => use(weights))).toMatchObject({
          code: 'bad-input',
          message: `${use.name}: frontEnd: ${message}`,
        });
      }
    }
  });
});
