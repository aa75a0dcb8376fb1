import { compareText } from './corpus.ts';

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The file name's ending in small letters, without the dot; '' where there is none. */
export function endingOf(path: string): string {
  const name = baseName(path);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase();
}

/** True for what archives and file systems leave beside the data: dot files (also macOS's `._x.wav`), `__MACOSX`. */
export function isHidden(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.') || part === '__MACOSX');
}

/** What lies there, for a message: `12 files (10 .mp3, 2 .txt)`. */
export function endingsText(paths: readonly string[]): string {
  if (paths.length === 0) return 'no files';
  const counts = new Map<string, number>();
  for (const path of paths) {
    const ending = endingOf(path);
    counts.set(ending, (counts.get(ending) ?? 0) + 1);
  }
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || compareText(a[0], b[0])).slice(0, 4);
  const text = sorted
    .map(([ending, count]) => `${count} ${ending === '' ? 'without an ending' : `.${ending}`}`)
    .join(', ');
  return `${paths.length} ${paths.length === 1 ? 'file' : 'files'} (${text}${counts.size > 4 ? ', ...' : ''})`;
}
