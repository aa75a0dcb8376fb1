import type * as tfl from '@tensorflow/tfjs-layers';
import { SerKitError } from '../core/errors.ts';
import type { CheckpointState } from './checkpoint.ts';
import type { Example } from './examples.ts';
import { Hash } from './hash.ts';

/** What a run is told by: a checkpoint of it can only be gone on from by the same. */
export type RunIdentity = Pick<CheckpointState, 'options' | 'made'>;

/** Options as JSON has them, and hashes of the network and of every number of the examples. */
export function identityOf(
  model: tfl.LayersModel,
  data: { readonly train: readonly Example[]; readonly validation: readonly Example[] },
  options: Readonly<Record<string, unknown>>,
): RunIdentity {
  const made = {
    model: hashOfModel(model),
    train: hashOfExamples(data.train),
    validation: hashOfExamples(data.validation),
  };
  return { options: JSON.parse(JSON.stringify(options)), made };
}

/**
 * Of the layers, their configs and the weights' shapes. Not of names, which tfjs numbers through a process, nor of seeds: the
 * weights are the checkpoint's, and layers that draw get their seeds from the run's.
 */
function hashOfModel(model: tfl.LayersModel): string {
  const layers = model.layers.map((layer) => [layer.getClassName(), layer.getConfig()]);
  const shapes = model.weights.map(({ shape }) => shape);
  const free = (key: string): boolean => key === 'name' || key === 'seed';
  return new Hash().text(JSON.stringify([layers, shapes], (key, value) => (free(key) ? undefined : value))).digest();
}

function hashOfExamples(examples: readonly Example[]): string {
  const hash = new Hash();
  const one = new Float64Array(1);
  for (const { features, target, weight = 1 } of examples) {
    one[0] = weight;
    hash.word(features.frames).word(features.dims).values(features.data).bytes(new Uint8Array(one.buffer));
    if (typeof target === 'number') hash.word(target);
    else hash.values(target);
  }
  return `${examples.length} ${hash.digest()}`;
}

/**
 * Refuses a checkpoint of another run, naming what differs. `patience` may differ, and `epochs` where the schedule does not go
 * by them: neither changes what an epoch does.
 *
 * @throws SerKitError 'mismatch'
 */
export function checkIdentity(own: RunIdentity, saved: RunIdentity): void {
  const free = ['patience', ...(['constant', 'plateau'].includes(own.options.schedule as string) ? ['epochs'] : [])];
  const keys = new Set([...Object.keys(own.options), ...Object.keys(saved.options)]);
  const differs: string[] = [];
  for (const key of [...keys].filter((name) => !free.includes(name))) {
    const [now, then] = [own.options[key], saved.options[key]].map((value) => JSON.stringify(value));
    if (now === then) continue;
    const long = [now, then].some((text) => text !== undefined && text.length > 200);
    if (long) differs.push(`another ${key}`);
    else differs.push(`${key} ${then ?? 'unset'} in place of ${now ?? 'unset'}`);
  }
  if (own.made.model !== saved.made.model) differs.push('another network');
  for (const part of ['train', 'validation'] as const) {
    const [now, then] = [own.made[part], saved.made[part]];
    if (now === then) continue;
    const [count, before] = [now, then].map((text) => text.split(' ')[0]);
    differs.push(count === before ? `other ${part} examples` : `${before} ${part} examples in place of ${count}`);
  }
  if (differs.length === 0) return;
  throw new SerKitError(
    'mismatch',
    `trainModel: resumeFrom expected a checkpoint of this run, got one with ${differs.join(', ')}`,
  );
}
