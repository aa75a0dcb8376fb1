import type { LabelledClip } from '../core/labelled-clip.ts';
import { createRandom, deriveSeed, shuffled } from '../core/random.ts';
import type { Split } from './split.ts';

/**
 * The same split with the labels of training and of validation clips dealt out anew within their part: a control. What is
 * trained on it must do no better than chance on the test clips, which keep their labels; if it does, something leaks.
 */
export function shuffleLabels(split: Split, seed: number): Split {
  const deal = (clips: readonly LabelledClip[], part: string): LabelledClip[] => {
    const labels = shuffled(
      clips.map((clip) => clip.label),
      createRandom(deriveSeed(seed, 'shuffled labels', part)),
    );
    return clips.map((clip, i) => ({ ...clip, load: () => clip.load(), label: labels[i]! }));
  };
  return { ...split, train: deal(split.train, 'train'), validation: deal(split.validation, 'validation') };
}
