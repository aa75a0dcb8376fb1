import type { FileSource } from '../../core/file-source.ts';
import { isLfsPointer, loadClipAudio, nearSilentProblem } from '../clip-audio.ts';
import type { CorpusProblem } from '../corpus.ts';

/** Clips of the published corpus in which there is nothing to hear. */
const NEAR_SILENT = ['1076_MTI_SAD_XX'];

/** Clips of the published corpus that are byte for byte the same under two labels. */
const SAME_AUDIO = [
  ['1006_TIE_HAP_XX', '1006_TIE_NEU_XX'],
  ['1013_WSI_DIS_XX', '1013_WSI_SAD_XX'],
  ['1017_IWW_ANG_XX', '1017_IWW_FEA_XX'],
] as const;

/**
 * CREMA-D's known defects, as far as these files have them: each is looked for in its own files, so that a corpus with
 * the same names and other audio is not accused, and the rest of the corpus need not be read.
 *
 * @param pathOf  each clip's path by its id
 */
export async function findKnownDefects(
  files: FileSource,
  pathOf: ReadonlyMap<string, string>,
): Promise<CorpusProblem[]> {
  const problems: CorpusProblem[] = [];
  for (const id of NEAR_SILENT) {
    const path = pathOf.get(id);
    const waveform = path === undefined ? undefined : await quietly(loadClipAudio(files, path));
    const problem = waveform === undefined ? undefined : nearSilentProblem(path!, waveform);
    if (problem !== undefined) problems.push(problem);
  }
  for (const [first, second] of SAME_AUDIO) {
    const [a, b] = [pathOf.get(first), pathOf.get(second)];
    if (a === undefined || b === undefined) continue;
    const [bytesA, bytesB] = [await quietly(files.read(a)), await quietly(files.read(b))];
    if (bytesA === undefined || bytesB === undefined || isLfsPointer(bytesA) || !sameBytes(bytesA, bytesB)) continue;
    problems.push({
      code: 'same-audio',
      path: a,
      message: `${a} and ${b} are byte for byte the same under two labels, one of which must be wrong`,
    });
  }
  return problems;
}

/** What the promise gives, or undefined: a file that cannot be read is reported when its clip is loaded. */
async function quietly<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch {
    return undefined;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length > 0 && a.length === b.length && a.every((byte, i) => byte === b[i]);
}
