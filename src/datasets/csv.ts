import { quote, SerKitError } from '../core/errors.ts';

/** A CSV file: the names of its columns, and its rows with the line each begins at. */
export interface CsvTable {
  readonly header: readonly string[];
  readonly rows: readonly { readonly line: number; readonly cells: readonly string[] }[];
}

/**
 * The rows of a CSV text after RFC 4180: fields in double quotes may hold the delimiter, line breaks and doubled
 * quotes; lines end in LF, CRLF or CR; a byte order mark and blank lines are passed over. The delimiter is the one of
 * `,`, `;` and tab that the first line holds most of.
 *
 * @param who  the file's name, with which a message begins
 * @throws SerKitError 'empty' without a header; 'bad-format' for a quote that is never closed
 */
export function parseCsv(who: string, text: string): CsvTable {
  const source = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const delimiter = guessDelimiter(source);
  const rows: { line: number; cells: string[] }[] = [];
  let cells: string[] = [];
  let line = 1;
  let rowLine = 1;
  let at = 0;
  while (at < source.length) {
    let cell = '';
    if (source[at] === '"') {
      const close = closingQuote(source, at);
      if (close === -1) throw new SerKitError('bad-format', `${who}: the quote opened in line ${line} is never closed`);
      const quoted = source.slice(at + 1, close);
      line += quoted.split('\n').length - 1;
      cell = quoted.replaceAll('""', '"');
      at = close + 1;
    }
    const start = at;
    while (at < source.length && source[at] !== delimiter && source[at] !== '\n' && source[at] !== '\r') at++;
    cells.push(cell + source.slice(start, at));
    const isDelimiter = source[at] === delimiter;
    if (isDelimiter && at + 1 === source.length) cells.push(''); // the file ends in an empty cell
    if (!isDelimiter || at + 1 === source.length) {
      if (source[at] === '\r' && source[at + 1] === '\n') at++;
      if (cells.length > 1 || cells[0]!.trim() !== '') rows.push({ line: rowLine, cells });
      cells = [];
      line++;
      rowLine = line;
    }
    at++;
  }
  const header = rows.shift();
  if (header === undefined)
    throw new SerKitError('empty', `${who}: expected a line of column names, got an empty file`);
  return { header: header.cells.map((name) => name.trim()), rows };
}

/** Where the quote opened at `open` is closed, past doubled quotes; -1 where it is not. */
function closingQuote(source: string, open: number): number {
  let close = source.indexOf('"', open + 1);
  while (close !== -1 && source[close + 1] === '"') close = source.indexOf('"', close + 2);
  return close;
}

/** The delimiter that the first line holds most of, outside quotes; a comma where it holds none. */
function guessDelimiter(source: string): string {
  const firstLine = /^[^\r\n]*/.exec(source.trimStart())![0].replace(/"[^"]*"/g, '');
  const counted = [',', ';', '\t'].map((char) => ({ char, count: firstLine.split(char).length }));
  return counted.reduce((best, next) => (next.count > best.count ? next : best)).char;
}

/**
 * Where the wanted columns are, letter case aside.
 *
 * @throws SerKitError 'bad-format' naming what is missing and what the header has
 */
export function columnIndices<N extends string>(who: string, table: CsvTable, names: readonly N[]): Record<N, number> {
  const header = table.header.map((name) => name.toLowerCase());
  const missing = names.filter((name) => !header.includes(name.toLowerCase()));
  if (missing.length > 0) {
    const those = missing.map((name) => quote(name)).join(', ');
    throw new SerKitError(
      'bad-format',
      `${who}: expected ${missing.length > 1 ? 'columns' : 'a column'} ${those}, got ${table.header.map((name) => quote(name)).join(', ')}`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, header.indexOf(name.toLowerCase())])) as Record<N, number>;
}
