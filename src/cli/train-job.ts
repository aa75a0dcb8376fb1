import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { FrontEndOptions } from '../clips/front-end.ts';
import { chosenFrontEnd } from './chosen-front-end.ts';
import { WrongUse } from './failure.ts';
import { augmentationOfRun, type ChosenAugmentation, chosenAugmentation } from './kept-augmentation.ts';
import { type ChosenXvector, chosenXvector, xvectorOfRun } from './kept-xvector.ts';
import { refuseInside } from './refuse-inside.ts';
import { refuseNoRun } from './refuse-no-run.ts';
import { optionsOfRun } from './resume-options.ts';
import { checkTrainOptions, type TrainCommandOptions } from './train-options.ts';
import { readTraining, TRAINING_FILE, type Training } from './training-file.ts';

/** What is to be done, from the command line and from the run that is gone on with. */
export interface Job {
  readonly dir: string;
  readonly out: string;
  readonly options: TrainCommandOptions;
  readonly frontEnd: FrontEndOptions | undefined;
  readonly augment: ChosenAugmentation | undefined;
  readonly xvector: ChosenXvector | undefined;
  /** What was begun in `out`, where that is to be gone on with. */
  readonly begun: Training | undefined;
}

/** @throws WrongUse; SerKitError where --resume names no run */
export async function jobOf(dir: string | undefined, given: TrainCommandOptions, command: Command): Promise<Job> {
  const { resume } = given;
  const out = typeof resume === 'string' ? resume : given.out;
  if (out === undefined) {
    const hint = 'the run to go on with stands behind --resume or --out';
    throw new WrongUse(resume ? `--resume: ${hint}` : `required option '--out <run>' not specified`);
  }
  if (resume !== undefined && given.out !== undefined && resolve(given.out) !== resolve(out)) {
    throw new WrongUse(`--resume ${out} and --out ${given.out} name two folders; give one of them`);
  }
  if (resume !== undefined && given.force) {
    throw new WrongUse('--resume goes on with a run and --force begins again; give one of them');
  }
  const begun = resume === undefined ? undefined : readTraining(resolve(out, TRAINING_FILE));
  if (begun === undefined && resume !== undefined) await refuseNoRun(out, dir);
  const recordings = dir ?? begun?.dir;
  if (recordings === undefined) throw new WrongUse("missing required argument 'dir'");
  if (begun === undefined) await refuseInside(out, recordings);
  const chosen = await chosenFrontEnd(given.frontEnd, given.features);
  const augment = await chosenAugmentation(given.augment);
  const xvector = await chosenXvector(given);
  if (begun === undefined) {
    checkTrainOptions(given);
    if (augment?.augmentation.mixup !== undefined && given.mixup !== undefined) {
      throw new WrongUse(`--mixup expected an --augment without mixup of its own, got ${given.augment}`);
    }
    return { dir: recordings, out, options: given, frontEnd: chosen, augment, xvector, begun };
  }
  const options = optionsOfRun(out, begun, given, chosen, command);
  checkTrainOptions(options);
  const frontEnd = begun.frontEnd ?? undefined;
  return {
    dir: recordings,
    out,
    options,
    frontEnd,
    augment: await augmentationOfRun(out, begun.augment, augment),
    xvector: await xvectorOfRun(out, begun.xvector, xvector),
    begun,
  };
}
