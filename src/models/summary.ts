import { MaskedAttention } from '../layers/masked-attention.ts';
import { MaskedAverage } from '../layers/masked-average.ts';
import { MaskedStatistics } from '../layers/masked-statistics.ts';
import type { LayerStack } from './layer-stack.ts';

/** How the frames of a clip become one row of numbers. */
export type Summary = 'average' | 'statistics' | 'attention' | 'last';

/** The summaries over all frames; 'last' is a recurrent layer's own. */
export const POOLINGS = ['average', 'statistics', 'attention'] as const;

/** The layer that sums a clip up, [batch, frames, dims] -> [batch, dims], or twice that for 'statistics'; none for 'last'. */
export function addSummary(model: LayerStack, summary: Summary, nextSeed: () => number): void {
  if (summary === 'average') model.add(new MaskedAverage({ name: 'average' }));
  if (summary === 'statistics') model.add(new MaskedStatistics({ name: 'statistics' }));
  if (summary === 'attention') model.add(new MaskedAttention({ name: 'attention', seed: nextSeed() }));
}
