import { beforeAll, describe, expect, it } from 'vitest';
import type { TrainingCheckpoint } from '../../src/models/checkpoint.ts';
import { saveRecognizer } from '../../src/recognizer/save-recognizer.ts';
import { errorOf } from '../models/error-of.ts';
import { startWasm, trainTiny } from './support.ts';

describe('trainRecognizer() with checkpoints', () => {
  beforeAll(startWasm);
  const options = {
    epochs: 4,
    optimizer: 'adam',
    labelSmoothing: 0.1,
    mixup: { alpha: 0.2 },
    weightAverage: { decay: 0.9 },
  } as const;

  it('goes on from one and saves the same files, byte for byte', async () => {
    const checkpoints: TrainingCheckpoint[] = [];
    const whole = await trainTiny({ ...options, onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint) });
    expect(checkpoints).toHaveLength(4);
    const resumed = await trainTiny({ ...options, resumeFrom: checkpoints[1]!.bytes });
    expect([...(await saveRecognizer(resumed))]).toEqual([...(await saveRecognizer(whole))]);
    expect(whole.provenance.training).toMatchObject({ optimizer: 'adam', labelSmoothing: 0.1, mixup: { alpha: 0.2 } });
    expect(whole.provenance.training).not.toHaveProperty('accumulate');
    expect(
      await errorOf(() => trainTiny({ ...options, labelSmoothing: 0, resumeFrom: checkpoints[1]!.bytes })),
    ).toEqual({
      code: 'mismatch',
      message:
        'trainModel: resumeFrom expected a checkpoint of this run, got one with labelSmoothing 0.1 in place of 0',
    });
  });

  it('ends with what onCheckpoint throws', async () => {
    const onCheckpoint = () => Promise.reject(new Error('no space left on device'));
    await expect(trainTiny({ ...options, onCheckpoint })).rejects.toThrow('no space left on device');
  });
});
