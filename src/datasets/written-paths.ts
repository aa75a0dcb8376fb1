import { baseName } from './file-names.ts';

/** What a path written in a table stands for: a file that is there, or what to say of it. */
export type FoundPath =
  | { readonly path: string; readonly hint?: never }
  | { readonly path?: never; readonly hint: string };

/**
 * The file that each written path stands for. A path is taken from the table's folder on; accents count as the same
 * however they are coded (NFC or NFD: macOS writes another form than most tables hold). An absolute path, as pandas
 * writes it and as it was on another machine, stands for the one file whose whole path it ends in. Where several files
 * fit, or several absolute paths end in one file, none is taken.
 *
 * @param folder  the table's, with '/' at its end; '' at the top
 * @param paths  the files that are there
 */
export function resolveWrittenPaths(
  folder: string,
  written: readonly string[],
  paths: readonly string[],
): Map<string, FoundPath> {
  const exact = new Set(paths);
  const byForm = groupBy(paths, formOf);
  const byName = groupBy(paths, nameKey);
  const distinct = [...new Set(written)];
  const endings = new Map(
    distinct.filter(isAbsolute).map((each) => [each, tailsOf(each).flatMap((tail) => byForm.get(formOf(tail)) ?? [])]),
  );
  const claims = groupBy([...endings.values()].filter((files) => files.length === 1).flat(), (path) => path);

  const find = (each: string): FoundPath => {
    const plain = joinPath(folder, each);
    if (exact.has(plain)) return { path: plain };
    const sameForm = byForm.get(formOf(plain)) ?? [];
    if (sameForm.length === 1) return { path: sameForm[0]! };
    if (sameForm.length > 1) return { hint: `${some(sameForm)} differ from it only in how accents are coded` };
    const files = endings.get(each) ?? [];
    if (files.length === 1) {
      const claimed = claims.get(files[0]!)!.length;
      if (claimed === 1) return { path: files[0]! };
      return { hint: `${claimed} paths end in ${files[0]}, so which one it is cannot be told` };
    }
    if (files.length > 1) return { hint: `it ends in ${some(files)}, so which one it is cannot be told` };
    const named = byName.get(nameKey(each)) ?? [];
    return { hint: named.length > 0 ? `a file of that name is ${some(named)}` : '' };
  };
  return new Map(distinct.map((each) => [each, find(each)]));
}

/** The written path from the folder on, with '/' and without '.' and '..' parts; '' for an empty one. */
export function joinPath(folder: string, written: string): string {
  const parts: string[] = [];
  for (const part of (written === '' ? '' : `${folder}${written.replaceAll('\\', '/')}`).split('/')) {
    if (part === '..' && parts.length > 0) parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

/** `/home/anna/x.wav`, `C:\clips\x.wav`, `\\server\clips\x.wav`, `file:///home/anna/x.wav`. */
function isAbsolute(written: string): boolean {
  return /^([/\\]|[A-Za-z]:[/\\]|file:)/.test(written);
}

/** A path, and what is left of it without its first part, its first two, and so on: `c/d/x.wav`, `d/x.wav`, `x.wav`. */
function tailsOf(written: string): string[] {
  const parts = joinPath('', written).split('/');
  return parts.map((_, from) => parts.slice(from).join('/'));
}

function formOf(path: string): string {
  return path.normalize('NFC');
}

function nameKey(path: string): string {
  return formOf(baseName(path.replaceAll('\\', '/'))).toLowerCase();
}

function some(paths: readonly string[]): string {
  return paths.slice(0, 3).join(', ') + (paths.length > 3 ? ', ...' : '');
}

function groupBy(items: readonly string[], keyOf: (item: string) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
