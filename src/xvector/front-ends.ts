import { createFrontEnd } from '../clips/front-end.ts';
import type { FeatureMatrix } from '../core/feature-matrix.ts';
import type { Waveform } from '../core/waveform.ts';
import { parseStandardizer } from '../features/standardize.ts';
import { createKaldiFrontEnd } from './kaldi-front-end.ts';
import { createSpeechbrainFrontEnd } from './speechbrain-front-end.ts';
import type { XvectorFrontEnd } from './weights.ts';

/** From a recording of any rate to the frames that the network sees, [frames, dims]. */
export type XvectorFeatures = (waveform: Waveform, who: string) => FeatureMatrix;

/** @param dims  the first layer's inputs: 'speechbrain' and 'kaldi' make as many bands or coefficients */
export function createXvectorFrontEnd(frontEnd: XvectorFrontEnd, dims: number): XvectorFeatures {
  switch (frontEnd.kind) {
    case 'speechbrain':
      return createSpeechbrainFrontEnd(dims);
    case 'kaldi':
      return createKaldiFrontEnd(frontEnd, dims);
    case 'ser-kit': {
      const { extract } = createFrontEnd(frontEnd.config);
      const standardizer = frontEnd.standardizer && parseStandardizer(frontEnd.standardizer);
      return (waveform, who) => {
        const matrix = extract(waveform, who);
        return standardizer === undefined ? matrix : standardizer.transform(matrix);
      };
    }
  }
}
