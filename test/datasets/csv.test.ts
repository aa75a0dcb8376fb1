import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnIndices, parseCsv } from '../../src/datasets/csv.ts';

describe('parseCsv()', () => {
  it('reads quoted fields with delimiters, doubled quotes and line breaks, and says at which line a row begins', () => {
    const table = parseCsv('x.csv', 'a,b\n"1,5","say ""hi"""\n"two\nlines",3\n4,5');
    expect(table.header).toEqual(['a', 'b']);
    expect(table.rows).toEqual([
      { line: 2, cells: ['1,5', 'say "hi"'] },
      { line: 3, cells: ['two\nlines', '3'] },
      { line: 5, cells: ['4', '5'] },
    ]);
  });

  it('takes a byte order mark, CRLF and CR, blank lines and empty fields', () => {
    const rows = (text: string): unknown => parseCsv('x.csv', text).rows.map((row) => row.cells);
    expect(parseCsv('x.csv', '\ufeffa,b\r\n1,2\r\n').header).toEqual(['a', 'b']);
    expect(rows('a,b\r\n1,\r\n\r\n,2\r\n')).toEqual([
      ['1', ''],
      ['', '2'],
    ]);
    expect(rows('a,b\n1,2,')).toEqual([['1', '2', '']]);
    expect(rows('a,b\n,\n\n \n"x" y,')).toEqual([
      ['', ''],
      ['x y', ''],
    ]);
    expect(rows('a,b\r1,2\r3,4')).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
  });

  it.each([';', '\t', ','])('finds out that the delimiter is %j', (delimiter) => {
    const table = parseCsv('x.csv', `path${delimiter}label${delimiter}"a,b;c"\nx.wav${delimiter}y${delimiter}z\n`);
    expect(table.header).toEqual(['path', 'label', 'a,b;c']);
    expect(table.rows[0]!.cells).toEqual(['x.wav', 'y', 'z']);
  });

  it('refuses an empty file and a quote that is never closed, naming the line', () => {
    expect(() => parseCsv('x.csv', '\n\n')).toThrow(expect.objectContaining({ code: 'empty' }));
    expect(() => parseCsv('x.csv', 'a,b\n1,"2\n3,4')).toThrow('x.csv: the quote opened in line 2 is never closed');
  });

  it('gives back any cells that were written as RFC 4180 says', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ';', ' ', '\t', 'ü') });
    const rows = fc.array(fc.tuple(fc.constant('x'), cell, cell), { minLength: 1 });
    fc.assert(
      fc.property(rows, (written) => {
        const text = written.map((row) => row.map((each) => `"${each.replaceAll('"', '""')}"`).join(',')).join('\r\n');
        expect(parseCsv('x.csv', `a,b,c\r\n${text}`).rows.map((row) => row.cells)).toEqual(written);
      }),
    );
  });
});

describe('columnIndices()', () => {
  it('finds columns in any order, letter case aside, and names those that are missing', () => {
    const table = parseCsv('x.csv', 'Label,other,PATH\n');
    expect(columnIndices('x.csv', table, ['path', 'label'])).toEqual({ path: 2, label: 0 });
    expect(() => columnIndices('x.csv', table, ['path', 'speaker'])).toThrow(
      'x.csv: expected a column "speaker", got "Label", "other", "PATH"',
    );
  });
});
