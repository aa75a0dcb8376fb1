// For the command line, which has no door to src/models.
export { type CheckpointSummary, describeCheckpoint, type TrainingCheckpoint } from '../models/checkpoint.ts';
export type { EpochRecord } from '../models/training-events.ts';
