import { createFrontEnd } from '../clips/front-end.ts';
import { SAMPLE_RATE } from './speechbrain-front-end.ts';
import type { XvectorFrontEnd } from './weights.ts';

/** The highest frequency that a network's front end looks at, in Hz: below twice that rate a recording lacks what it listens to. */
export function highestHzOf(frontEnd: XvectorFrontEnd): number {
  switch (frontEnd.kind) {
    case 'speechbrain':
      return SAMPLE_RATE / 2;
    case 'kaldi':
      return frontEnd.fMax;
    case 'ser-kit':
      return createFrontEnd(frontEnd.config).highestHz;
  }
}
