import { isAbsolute } from 'node:path';
import { quote, SerKitError } from '../core/errors.ts';

/** @throws SerKitError 'bad-input' for a path that is absolute, empty or leads out of its folder */
export function requireInside(who: string, path: string): void {
  const parts = typeof path === 'string' ? path.split(/[/\\]/) : [];
  if (parts.length === 0 || path === '' || isAbsolute(path) || /^[A-Za-z]:/.test(path) || parts.includes('..')) {
    throw new SerKitError('bad-input', `${who}: path expected to stay within the folder, got ${quote(path)}`);
  }
}

/** What a file system's error says, for people. */
export function reasonOf(error: unknown, what = 'file'): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') return `no such ${what}`;
  if (code === 'EACCES' || code === 'EPERM') return `no permission to open this ${what}`;
  if (code === 'EISDIR') return 'expected a file, got a folder';
  return error instanceof Error ? error.message : String(error);
}
