import type { CorpusProblem } from './corpus.ts';
import { type CsvTable, columnIndices } from './csv.ts';
import type { ClipEntry, FoundEntries } from './folder-layout.ts';
import { joinPath, resolveWrittenPaths } from './written-paths.ts';

/** The columns of a CSV that say what a recording is. */
export interface CsvColumns {
  /** @default 'path' */
  readonly path?: string;
  /** @default 'label' */
  readonly label?: string;
  /** @default 'speaker' */
  readonly speaker?: string;
}

/**
 * The recordings that a CSV names, one a row. Paths are relative to the CSV's folder and may use either slash; absolute
 * ones, and other codings of accents, are found too ({@link resolveWrittenPaths}). Columns may stand in any order, others
 * are passed over, and without a speaker column no speaker is known.
 *
 * @param csvPath  where the CSV lies among the paths
 * @throws SerKitError 'bad-format' without a path and a label column
 */
export function entriesOfCsv(
  csvPath: string,
  table: CsvTable,
  columns: CsvColumns,
  paths: readonly string[],
): FoundEntries {
  const names = { path: columns.path ?? 'path', label: columns.label ?? 'label' };
  const at = columnIndices(csvPath, table, [names.path, names.label]);
  const speakerName = (columns.speaker ?? 'speaker').toLowerCase();
  const hasSpeaker = columns.speaker !== undefined || table.header.some((name) => name.toLowerCase() === speakerName);
  const speakerAt = hasSpeaker ? columnIndices(csvPath, table, [speakerName])[speakerName] : undefined;

  const folder = csvPath.slice(0, csvPath.lastIndexOf('/') + 1);
  const found = resolveWrittenPaths(
    folder,
    table.rows.map(({ cells }) => (cells[at[names.path]!] ?? '').trim()),
    paths,
  );
  const entries: ClipEntry[] = [];
  const problems: CorpusProblem[] = [];
  const seen = new Map<string, number>();
  for (const { line, cells } of table.rows) {
    const cell = (index: number | undefined): string => (index === undefined ? '' : (cells[index] ?? '').trim());
    const written = cell(at[names.path]!);
    const label = cell(at[names.label]!);
    const { path: existing, hint } = found.get(written)!;
    const path = existing ?? joinPath(folder, written);
    const where = `${csvPath}, line ${line}`;
    const report = (code: CorpusProblem['code'], message: string): void => {
      problems.push({ code, path: path === '' ? csvPath : path, message: `${where}: ${message}; passed over` });
    };
    if (written === '') report('bad-row', 'no path');
    else if (label === '') report('no-label', `no label for ${written}`);
    else if (seen.has(path)) report('duplicate-clip', `${written} stands in line ${seen.get(path)} already`);
    else if (existing === undefined) {
      report('missing-file', `no such file ${written}${hint === '' ? '' : ` (${hint})`}`);
    } else {
      const speaker = cell(speakerAt);
      entries.push({ path, label, speaker: speaker === '' ? undefined : speaker });
      seen.set(path, line);
    }
  }
  return { entries, problems };
}
