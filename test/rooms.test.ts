import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

// The table of rooms in docs/architecture.md is the rule; here every import in src is held against it.

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

interface Room {
  /** Other rooms that its files may import. */
  readonly rooms: readonly string[];
  /** Packages that its files may import; 'node:*' stands for all of Node's own. */
  readonly packages: readonly string[];
}

interface Import {
  /** The importing file, such as src/features/mfcc.ts. */
  readonly from: string;
  /** The imported file (src/dsp/fft.ts) or package (zod/mini). */
  readonly to: string;
}

/** | `room` | what | `room`, `room` | `package` | -> the rooms by name. */
function roomTable(markdown: string): Map<string, Room> {
  const section = markdown.split(/^## /m).find((part) => part.startsWith('Rooms\n')) ?? '';
  const words = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return new Map(
    rows.map((row) => {
      const [, name, , rooms, packages] = row.split('|') as [string, string, string, string, string];
      return [words(name)[0]!, { rooms: words(rooms), packages: words(packages) }];
    }),
  );
}

/** Every import, export-from and import() in src, types too. */
function importsOf(file: string, text: string): Import[] {
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .map((name) => ({ from: file, to: name.startsWith('.') ? posix.join(posix.dirname(file), name) : name }));
}

const roomOf = (file: string): string | undefined => /^src\/([^/]+)\//.exec(file)?.[1];

const PACKAGE_JSON = 'package.json';

/** What speaks against an import, as a sentence; undefined where nothing does. */
function violation({ from, to }: Import, table: ReadonlyMap<string, Room>): string | undefined {
  const room = roomOf(from);
  const rules = room === undefined ? { rooms: ['core', 'audio'], packages: [] } : table.get(room);
  if (rules === undefined) return `${from}: the room ${room} is not in the table`;
  if (to === PACKAGE_JSON && room === 'cli') return undefined;
  if (!to.startsWith('src/')) {
    const allowed = rules.packages.includes(to) || (to.startsWith('node:') && rules.packages.includes('node:*'));
    return allowed ? undefined : `${from}: ${room ?? 'the root door'} may not import the package ${to}`;
  }
  const target = roomOf(to);
  if (target === room) return undefined;
  if (target === undefined) return `${from}: a room may not import the root door`;
  if (!rules.rooms.includes(target)) return `${from}: ${room ?? 'the root door'} may not import ${target} (${to})`;
  const byIndex = room === undefined || (room === 'cli' && target === 'wasm');
  if (to.endsWith('/index.ts') && !byIndex) return `${from}: import the file, not the neighbour's ${to}`;
  return undefined;
}

const table = roomTable(readFileSync(join(root, 'docs/architecture.md'), 'utf8'));
const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .map((path) => posix.join('src', path.replaceAll('\\', '/')))
  .filter((path) => path.endsWith('.ts'))
  .sort();
const imports = files.flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8')));

describe('the rooms of src', () => {
  it('are those of the table in docs/architecture.md', () => {
    const rooms = new Set(files.map(roomOf).filter((room) => room !== undefined));
    expect([...rooms].sort()).toEqual([...table.keys()].sort());
  });

  it('import only the rooms and packages that the table allows them, file by file', () => {
    expect(imports.length).toBeGreaterThan(300);
    expect(imports.map((each) => violation(each, table)).filter((sentence) => sentence !== undefined)).toEqual([]);
  });

  it('have an index.ts each that lists what is public, except those without a door of their own', () => {
    const without = [...table.keys()].filter((room) => !files.includes(`src/${room}/index.ts`));
    expect(without).toEqual(['dsp', 'audio', 'clips', 'cli']);
  });
});

describe('the table of rooms', () => {
  const naming = (name: RegExp): string[] =>
    [...table].filter(([, { packages }]) => packages.some((each) => name.test(each))).map(([room]) => room);

  it('keeps features and models apart', () => {
    expect(table.get('features')!.rooms).not.toContain('models');
    expect(table.get('models')!.rooms).not.toContain('features');
  });

  it('keeps features and models out of datasets, and everything but core out of metrics', () => {
    expect(table.get('datasets')!.rooms.filter((room) => room === 'features' || room === 'models')).toEqual([]);
    expect(table.get('metrics')!.rooms).toEqual(['core']);
  });

  it('keeps tensors in layers, models, wasm, xvector and recognizer; cli only starts tfjs', () => {
    expect(naming(/^@tensorflow\//)).toEqual(['layers', 'models', 'wasm', 'xvector', 'recognizer', 'cli']);
  });

  it('lets only wasm import a tfjs backend by name (cli takes it from there, or by the name the user gave)', () => {
    expect(naming(/^@tensorflow\/tfjs-(backend|node)/)).toEqual(['wasm']);
  });

  it("keeps Node's own modules in node and cli", () => {
    expect(naming(/^node:/)).toEqual(['node', 'cli']);
  });

  it('lets nothing import the command line, and has no circles', () => {
    const reach = (room: string): Set<string> => {
      const seen = new Set<string>();
      const queue = [...table.get(room)!.rooms];
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        if (seen.has(next)) continue;
        seen.add(next);
        queue.push(...table.get(next)!.rooms);
      }
      return seen;
    };
    expect([...table.keys()].filter((room) => reach(room).has(room) || reach(room).has('cli'))).toEqual([]);
  });
});

describe('the check itself', () => {
  const check = (file: string, line: string): (string | undefined)[] =>
    importsOf(file, line).map((each) => violation(each, table));

  it('finds a room that may not be imported, also as a type, a re-export or an import()', () => {
    const message = 'src/features/x.ts: features may not import models (src/models/lstm.ts)';
    expect(check('src/features/x.ts', "import { Lstm } from '../models/lstm.ts';")).toEqual([message]);
    expect(check('src/features/x.ts', "import type { Lstm } from '../models/lstm.ts';")).toEqual([message]);
    expect(check('src/features/x.ts', "export { Lstm } from '../models/lstm.ts';")).toEqual([message]);
    expect(check('src/features/x.ts', "const m = await import('../models/lstm.ts');")).toEqual([message]);
  });

  it("finds a package outside the table, Node's own among them, and zod other than zod/mini", () => {
    expect(check('src/dsp/x.ts', "import { readFileSync } from 'node:fs';")).toEqual([
      'src/dsp/x.ts: dsp may not import the package node:fs',
    ]);
    expect(check('src/models/x.ts', "import '@tensorflow/tfjs-backend-cpu';")).toEqual([
      'src/models/x.ts: models may not import the package @tensorflow/tfjs-backend-cpu',
    ]);
    expect(check('src/core/x.ts', "import { z } from 'zod';")).toEqual([
      'src/core/x.ts: core may not import the package zod',
    ]);
  });

  it("finds a neighbour's index.ts, the root door, and a room that is not in the table", () => {
    expect(check('src/features/x.ts', "import { a } from '../core/index.ts';")).toEqual([
      "src/features/x.ts: import the file, not the neighbour's src/core/index.ts",
    ]);
    expect(check('src/features/x.ts', "import { a } from '../index.ts';")).toEqual([
      'src/features/x.ts: a room may not import the root door',
    ]);
    expect(check('src/cellar/x.ts', "import { a } from '../core/a.ts';")).toEqual([
      'src/cellar/x.ts: the room cellar is not in the table',
    ]);
    expect(check('src/cli/x.ts', "import '../wasm/index.ts'; import '../node/paths.ts';")).toEqual([
      undefined,
      undefined,
    ]);
  });
});
