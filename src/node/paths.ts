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

/** What a file system's error says when writing failed, for people. */
export function writeReasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC') return 'the disk is full';
  if (code === 'ENOENT') return 'its folder is not there any more';
  if (code === 'EDQUOT') return 'the disk quota is used up';
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to write there';
  if (code === 'EROFS') return 'the file system is read-only';
  if (code === 'EEXIST' || code === 'ENOTDIR') return 'a file lies where a folder has to be';
  if (code === 'EISDIR' || code === 'ENOTEMPTY') return 'a folder lies where a file has to be';
  return error instanceof Error ? error.message : String(error);
}
