import { readFile } from 'node:fs/promises';
import { createFrontEnd, type FrontEndOptions } from '../clips/front-end.ts';
import { SerKitError } from '../core/errors.ts';
import { WrongUse, withoutFunction } from './failure.ts';

/** The front end in a JSON file, checked. */
export async function readFrontEnd(path: string): Promise<FrontEndOptions> {
  const text = await frontEndText(path);
  try {
    const options = JSON.parse(text) as FrontEndOptions;
    createFrontEnd(options);
    return options;
  } catch (cause) {
    const why = withoutFunction((cause as Error).message);
    throw new WrongUse(`${path}: expected a front end as JSON (see docs/front-end.md): ${why}`, { cause });
  }
}

/** The text of the file that --front-end names. @throws SerKitError 'not-found' */
export async function frontEndText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new SerKitError('not-found', `${path}: expected a JSON file for --front-end, got none that can be read`, {
      cause,
    });
  }
}
