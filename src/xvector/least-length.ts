import type { XvectorFeatures } from './front-ends.ts';

/** No front end's frame is longer. */
const LONGEST_SECONDS = 60;

/** How many samples of `sampleRate` Hz give so many frames at least; undefined where a minute does not. */
export function leastSamples(toFrames: XvectorFeatures, sampleRate: number, frames: number): number | undefined {
  const enough = (samples: number): boolean => {
    try {
      return toFrames({ samples: new Float32Array(samples), sampleRate }, 'leastSamples').frames >= frames;
    } catch {
      return false;
    }
  };
  let to = 1;
  while (!enough(to)) {
    to *= 2;
    if (to > LONGEST_SECONDS * sampleRate) return undefined;
  }
  let from = to / 2;
  while (to - from > 1) {
    const middle = Math.floor((from + to) / 2);
    if (enough(middle)) to = middle;
    else from = middle;
  }
  return to;
}
