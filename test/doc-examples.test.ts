import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import * as augment from '../src/augment/index.ts';
import * as features from '../src/features/index.ts';
import * as voice from '../src/features/voice/index.ts';
import * as root from '../src/index.ts';

// Every function of these doors has a comment with an example, and every example runs. An example may use all public
// names of these doors and what `given` below holds; anything else it declares itself.

const folder = join(dirname(fileURLToPath(import.meta.url)), '..');
const sampleRate = 16000;

/** Half voiced, half hiss, with syllables: speech enough for every feature to have something to say. */
function speechLike(pitchHz: number): root.Waveform {
  let state = 1;
  const samples = Float32Array.from({ length: 3 * sampleRate }, (_, n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const time = n / sampleRate;
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 2 * time)) ** 2;
    const voice = [1, 2, 3, 4, 5, 6].reduce((sum, k) => sum + Math.sin(2 * Math.PI * k * pitchHz * time) / k, 0);
    return 0.15 * syllable * voice + 0.002 * (state / 2 ** 31 - 1);
  });
  return { samples, sampleRate };
}

const waveforms = [speechLike(120), speechLike(180), speechLike(240)];
const waveform = waveforms[0]!;
const given = {
  waveform,
  waveforms,
  samples: waveform.samples,
  bytes: root.encodeWav(waveform),
  features: features.mfcc(waveform),
  split: {
    train: [{ id: 'a', speakerId: 's', label: 'happy', load: () => Promise.resolve(waveform) }],
    validation: [],
    test: [],
    overlappingSpeakers: [],
  },
  trainingMatrices: waveforms.map((w) => features.mfcc(w)),
};

/** What examples may use. */
const PUBLIC = { ...root, ...features, ...voice, ...augment } as Record<string, unknown>;

/** A public function and its comment. */
interface Documented {
  readonly name: string;
  readonly comment: string;
}

/** The values that a door lists, each with the comment above its declaration. */
function documented(door: string): Documented[] {
  const source = parse(door);
  return source.statements.filter(ts.isExportDeclaration).flatMap((statement) => {
    const from =
      statement.moduleSpecifier === undefined ? undefined : (statement.moduleSpecifier as ts.StringLiteral).text;
    const path = posix.join(posix.dirname(door), from ?? '');
    if (statement.exportClause === undefined) return documented(path);
    if (statement.isTypeOnly || !ts.isNamedExports(statement.exportClause)) return [];
    return statement.exportClause.elements
      .filter((element) => !element.isTypeOnly)
      .map(({ name }) => ({ name: name.text, comment: commentOf(path, name.text) }));
  });
}

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(join(folder, path), 'utf8'), ts.ScriptTarget.ES2022, true);
}

function commentOf(path: string, name: string): string {
  const source = parse(path);
  const declares = (statement: ts.Statement): boolean =>
    ((ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name?.text === name) ||
    (ts.isVariableStatement(statement) &&
      statement.declarationList.declarations.some((declaration) => declaration.name.getText() === name));
  const statement = source.statements.find(declares);
  if (statement === undefined) throw new Error(`${path} does not declare ${name}`);
  return ts
    .getJSDocCommentsAndTags(statement)
    .filter(ts.isJSDoc)
    .map((comment) => comment.getText())
    .join('\n');
}

/** The code after `@example`, without the comment's stars. */
function exampleOf(comment: string): string | undefined {
  const lines = comment
    .replace(/\*\/\s*$/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\/?\*+ ?/, ''));
  const begin = lines.findIndex((line) => line.startsWith('@example'));
  if (begin < 0) return undefined;
  const rest = lines.slice(begin + 1);
  const end = rest.findIndex((line) => line.startsWith('@'));
  return rest.slice(0, end < 0 ? rest.length : end).join('\n');
}

async function run(code: string): Promise<void> {
  const scope = { ...PUBLIC, ...given };
  const javaScript = ts.transpileModule(`(async () => {\n${code}\n})()`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022 },
  }).outputText;
  await new Function(...Object.keys(scope), `return ${javaScript}`)(...Object.values(scope));
}

const DOORS = ['src/index.ts', 'src/features/index.ts', 'src/features/voice/index.ts', 'src/augment/index.ts'];

describe.each(DOORS)('the door %s', (door) => {
  const values = documented(door).filter(({ name }) => typeof PUBLIC[name] === 'function');

  it.each(values)('$name has a comment and an example that runs', async ({ comment }) => {
    expect(comment.length).toBeGreaterThan(40);
    const code = exampleOf(comment);
    expect(code, 'its @example').toBeDefined();
    await run(code!);
  });
});

describe('the check itself', () => {
  it('fails for an example that uses a name that is not there, or that throws', async () => {
    await expect(run('nobody(waveform);')).rejects.toThrow('nobody is not defined');
    await expect(run('await Promise.reject(new Error("no"));')).rejects.toThrow('no');
  });

  it('finds the code of an example, up to the next tag', () => {
    expect(exampleOf('/**\n * First.\n *\n * @example\n * one();\n * two();\n * @see three\n */')).toBe(
      'one();\ntwo();',
    );
    expect(exampleOf('/** First. */')).toBeUndefined();
  });
});
