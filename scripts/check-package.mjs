// The package as a stranger gets it: packs it, installs the tarball into an empty project, and tries every door, the
// types, the command line and the examples there. `npm run build` first. KEEP=1 leaves the project for a look.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const doors = Object.keys(packageJson.exports)
  .filter((path) => path !== './package.json')
  .map((path) => path.replace(/^\./, 'ser-kit'));
const needTfjs = ['ser-kit/features/xvector', 'ser-kit/layers', 'ser-kit/models', 'ser-kit/recognizer', 'ser-kit/wasm'];
const peers = Object.keys(packageJson.peerDependencies).map((name) => `${name}@${packageJson.devDependencies[name]}`);

const project = mkdtempSync(join(tmpdir(), 'ser-kit-package-'));
const failures = [];
const began = Date.now();

/** Runs a program in the project; its status and what it said. */
function run(program, args, { cwd = project, env = {} } = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 300_000,
  });
  return { status: error === undefined ? status : -1, stdout: stdout ?? '', stderr: `${stderr ?? ''}${error ?? ''}` };
}

/** One check: prints its title, and what is wrong where something is. `problem` returns text, or nothing if all is well. */
function check(title, problem) {
  const start = Date.now();
  const text = problem();
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  console.log(`${text ? 'FAILED' : 'ok    '} ${title} (${seconds} s)`);
  if (!text) return;
  failures.push(title);
  console.log(text.trimEnd().replace(/^/gm, '       '));
}

/** What a program that should have ended well said instead. */
const complaint = ({ status, stdout, stderr }) =>
  status === 0 ? undefined : `exit ${status}\n${stderr.slice(-2000)}\n${stdout.slice(-1000)}`;

const node = (code, type = 'module') => run(process.execPath, [`--input-type=${type}`, '-e', code]);
const npmInstall = (...what) =>
  run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...what]);
const bin = join(project, 'node_modules', '.bin', 'ser-kit');

// What is packed.

const packed = run('npm', ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', project], {
  cwd: root,
});
const tarball = packed.status === 0 ? JSON.parse(packed.stdout)[0] : undefined;
check('npm pack', () => complaint(packed));
check('nothing stray in the tarball', () => {
  const known = [
    /^dist\/([\w-]+\/)*[\w-]+\.(js|js\.map|d\.ts)$/,
    /^docs\/[\w-]+\.md$/,
    /^docs\/augmentation\/[\w-]+\.svg$/,
    /^examples\/[\w-]+\.(mjs|md|json)$/,
    /^(package\.json|README\.md|CHANGELOG\.md|LICENSE)$/,
  ];
  const paths = tarball.files.map(({ path }) => path);
  const stray = paths.filter((path) => !known.some((pattern) => pattern.test(path)));
  const missing = ['README.md', 'CHANGELOG.md', 'LICENSE', 'dist/cli.js'].filter((path) => !paths.includes(path));
  console.log(
    `       ${paths.length} files, ${(tarball.size / 1e3).toFixed(0)} kB packed, ${(tarball.unpackedSize / 1e3).toFixed(0)} kB unpacked`,
  );
  return [...stray.map((path) => `stray: ${path}`), ...missing.map((path) => `missing: ${path}`)].join('\n');
});
check('nothing packed names this machine', () => {
  const named = tarball.files
    .map(({ path }) => path)
    .filter((path) => readFileSync(join(root, path), 'utf8').includes(root));
  return named.join('\n');
});

// An empty project without TensorFlow.js.

writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }\n');
check('install into an empty project', () => complaint(npmInstall(join(project, tarball.filename))));
check('TensorFlow.js does not come by itself', () => {
  const there = readdirSync(join(project, 'node_modules')).filter((name) => name.startsWith('@tensorflow'));
  return there.join('\n');
});
for (const door of doors.filter((each) => !needTfjs.includes(each))) {
  check(`import '${door}' without TensorFlow.js`, () => complaint(node(`await import('${door}')`)));
}

const corpus = join(project, 'corpus');
const own = join(project, 'own');
check('write a small synthetic corpus', () =>
  complaint(
    node(`
      import { renderSyntheticCorpus } from 'ser-kit/datasets';
      import { writeDirectory } from 'ser-kit/node';
      const files = await renderSyntheticCorpus({ speakers: 6, sentences: 1, seed: 1 });
      await writeDirectory('corpus', files);
      const wavs = [...files].filter(([path]) => path.endsWith('.wav'));
      const place = (path) => path.replace(/.*\\/(\\d+)_(\\w+?)_(\\w+?)_/, '$3/$1/$2_');
      await writeDirectory('own', new Map(wavs.map(([path, bytes]) => [place(path), bytes])));
    `),
  ),
);
const wav = join(corpus, 'AudioWAV', '9001_DFA_ANG_XX.wav');

for (const args of [['--version'], ['--help'], ['train', '--help'], ['features', wav, '--json'], ['dataset', own]]) {
  check(`ser-kit ${args.join(' ').replaceAll(`${project}/`, '')}`, () => complaint(run(bin, args)));
}
for (const args of [
  ['train', corpus, '--out', 'run'],
  ['train', corpus, '--out', 'run', '--backend', 'cpu'],
  ['train', corpus, '--out', 'run', '--backend', 'tensorflow'],
]) {
  check(`ser-kit ${args.join(' ').replaceAll(`${project}/`, '')}, without TensorFlow.js, says what to install`, () => {
    const { status, stderr } = run(bin, args);
    const said = stderr.split('\n').some((line) => /^ser-kit: .*npm install .*@tensorflow\/tfjs-core/.test(line));
    const hasTrace = /\n\s+at /.test(stderr);
    return status === 1 && said && !hasTrace ? undefined : `exit ${status}\n${stderr}`;
  });
}

// With TensorFlow.js.

check(`install ${peers.join(' ')}`, () => complaint(npmInstall(...peers)));
for (const door of doors) {
  check(`import '${door}'`, () => complaint(node(`await import('${door}')`)));
  check(`require('${door}')`, () => complaint(node(`require('${door}')`, 'commonjs')));
}
check('require gives the very functions that import does', () =>
  complaint(
    node(
      `
      import { createRequire } from 'node:module';
      const { mfcc } = createRequire(import.meta.url)('ser-kit/features');
      if (mfcc !== (await import('ser-kit/features')).mfcc) throw new Error('two copies');
    `.replace('import.meta.url', JSON.stringify(`file://${project}/x.js`)),
    ),
  ),
);

writeFileSync(
  join(project, 'types.ts'),
  `${doors.map((door, i) => `import * as door${i} from '${door}';`).join('\n')}
export const all = [${doors.map((_, i) => `door${i}`).join(', ')}];
import { type Waveform, isSerKitError } from 'ser-kit';
import { createMfcc, type FeatureMatrix } from 'ser-kit/features';
import { openCremad, type CremadEmotion } from 'ser-kit/datasets/cremad';
import { splitBySpeaker } from 'ser-kit/datasets';
import { openDirectory } from 'ser-kit/node';
import { trainRecognizer, type Prediction } from 'ser-kit/recognizer';
export const waveform: Waveform = { samples: new Float32Array(16000), sampleRate: 16000 };
export const matrix: FeatureMatrix = createMfcc({ sampleRate: 16000, nMfcc: 13 }).extract(waveform);
export async function learn(dir: string): Promise<Prediction> {
  const { clips } = await openCremad(openDirectory(dir));
  const label: CremadEmotion | undefined = clips[0]?.label;
  if (label === undefined) throw new Error('none');
  return (await trainRecognizer(splitBySpeaker(clips, { seed: 1 }), { seed: 1 })).predict(waveform);
}
export const code = (error: unknown): string => (isSerKitError(error) ? error.code : 'other');
// Callers whose own options may be undefined pass them on as they are.
export function passOn(nMfcc: number | undefined, signal: AbortSignal | undefined): unknown {
  return [createMfcc({ sampleRate: 16000, nMfcc }), trainRecognizer(splitBySpeaker([], { seed: 1 }), { seed: 1, signal })];
}
// @ts-expect-error an unknown option is refused
createMfcc({ sampleRate: 16000, coefficients: 13 });
`,
);
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
for (const [module, moduleResolution] of [
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
]) {
  check(`types under moduleResolution ${moduleResolution}, strict`, () => {
    const compilerOptions = {
      ...{ module, moduleResolution, target: 'es2022', lib: ['es2022', 'dom'], types: [], noEmit: true },
      ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false },
    };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['types.ts'] }));
    const { status, stdout, stderr } = run(process.execPath, [tsc, '-p', project]);
    // tfjs's own declarations have faults that a project meets with skipLibCheck; ours are to have none.
    const errors = stdout.split('\n').filter((line) => /error TS\d+/.test(line));
    const ours = errors.filter((line) => !line.startsWith('node_modules/@tensorflow/'));
    return status === 0 || (errors.length > 0 && ours.length === 0) ? undefined : `${ours.join('\n')}${stderr}`;
  });
}

check("a bundle of `import 'ser-kit/wasm'` keeps its effect: a convolution trains", () => {
  const source = join(project, 'bundled.mjs');
  writeFileSync(
    source,
    `import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import 'ser-kit/wasm';
await tf.setBackend('wasm');
const gradient = tf.grad((w) => tf.sum(tf.conv1d(tf.ones([1, 5, 2]), w, 1, 'same')))(tf.ones([3, 2, 4]));
console.log(gradient.shape.join());
`,
  );
  const esbuild = join(root, 'node_modules', 'esbuild', 'bin', 'esbuild');
  const outfile = join(project, 'bundle.mjs');
  const options = ['--bundle', '--format=esm', '--platform=node', '--external:@tensorflow/*', `--outfile=${outfile}`];
  const bundled = run(esbuild, [source, '--log-level=error', ...options]);
  if (bundled.status !== 0) return complaint(bundled);
  const result = run(process.execPath, [outfile]);
  return complaint(result) ?? (result.stdout.trim() === '3,2,4' ? undefined : `it printed ${result.stdout}`);
});

// The examples, each as it stands.

cpSync(join(root, 'examples'), project, { recursive: true });
mkdirSync(join(project, 'runs'));
const examples = {
  'features-of-a-file.mjs': [[wav]],
  'train-on-cremad.mjs': [[corpus, 'runs/cremad', '1']],
  'train-on-own-folder.mjs': [[own, 'runs/own', '1']],
  'predict.mjs': [
    ['runs/cremad', wav],
    ['runs/own', wav],
  ],
  'choose-a-backend.mjs': [['wasm'], ['cpu']],
  'fast-tfjs.mjs': [['2']],
  'xvector-of-a-file.mjs': [[wav, wav]],
};
check('every example is run here', () => {
  const there = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.mjs'));
  return there.filter((name) => !(name in examples)).join('\n');
});
for (const [name, calls] of Object.entries(examples)) {
  for (const args of calls) {
    check(`node examples/${name} ${args.join(' ').replaceAll(`${project}/`, '')}`, () => {
      const result = run(process.execPath, [name, ...args]);
      return complaint(result) ?? (result.stdout.trim() === '' ? 'it printed nothing' : undefined);
    });
  }
}
for (const name of Object.keys(examples)) {
  check(`node examples/${name} without what it takes ends with 2 and how to use it`, () => {
    const { status, stderr } = run(process.execPath, [name, ...(name === 'choose-a-backend.mjs' ? ['abacus'] : [])]);
    return status === 2 && /^usage: node [^\n]*\n$/.test(stderr) ? undefined : `status ${status}: ${stderr}`;
  });
}
check('ser-kit predict reads what an example saved', () => {
  const result = run(bin, ['predict', 'runs/cremad', wav, '--json']);
  if (result.status !== 0) return complaint(result);
  const [{ probabilities }] = JSON.parse(result.stdout);
  const sum = Object.values(probabilities).reduce((total, p) => total + p, 0);
  return Math.abs(sum - 1) < 1e-4 ? undefined : `probabilities that sum to ${sum}`;
});

check('ser-kit augment with the example, and its replay', () => {
  const said = complaint(run(bin, ['augment', wav, '--config', 'augment.json', '--count', '2', '--out', 'heard']));
  if (said !== undefined) return said;
  const [record] = readdirSync(join(project, 'heard')).filter((name) => name.endsWith('.draws.json'));
  const { stderr } = run(bin, ['augment', '--replay', join('heard', record), '--out', 'again']);
  const [before, after] = ['heard', 'again'].map((name) =>
    readdirSync(join(project, name)).map((file) => readFileSync(join(project, name, file)).toString('base64')),
  );
  return before.length === 4 && before.join() === after.join() ? undefined : `other files: ${stderr}`;
});

// The code in the documents.

const fenced = (path, language) =>
  [...readFileSync(join(root, path), 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter((block) => block[1] === language)
    .map((block) => block[2]);
check('the example in README.md', () => {
  for (const name of ['hello.wav', 'a.wav', 'b.wav']) cpSync(wav, join(project, name));
  cpSync(join(project, 'runs/cremad'), join(project, 'runs/a'), { recursive: true });
  return fenced('README.md', 'js')
    .map((code) => complaint(node(code)))
    .filter((text) => text !== undefined)
    .join('\n');
});
check('the first example in docs/augmentation.md', () => complaint(node(fenced('docs/augmentation.md', 'js')[0])));
check('the example in docs/fast-tfjs.md, and its undoing', () =>
  complaint(node(fenced('docs/fast-tfjs.md', 'js').join(''))),
);
check('the front ends in docs/front-end.md', () => {
  const list = fenced('docs/front-end.md', 'json').map((text) => `createFrontEnd(${text}).extract(waveform);`);
  if (list.length === 0) return 'there are none';
  const waveform = '{ samples: Float32Array.from({ length: 16000 }, (_, i) => Math.sin(i) / 2), sampleRate: 16000 }';
  const code = `import { createFrontEnd } from 'ser-kit/recognizer'; const waveform = ${waveform};`;
  return complaint(node(`${code}\n${list.join('\n')}`));
});

if (process.env.KEEP) console.log(`left in ${project}`);
else rmSync(project, { recursive: true, force: true });
const seconds = Math.round((Date.now() - began) / 1000);
console.log(
  failures.length > 0 ? `${failures.length} checks failed (${seconds} s)` : `the package is sound (${seconds} s)`,
);
process.exitCode = failures.length > 0 ? 1 : 0;
