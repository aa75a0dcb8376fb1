// ser-kit's layers and kernels in a real browser: on webgl, and on tfjs's wasm backend with and without threads.
//   node scripts/check-browser.mjs
// Needs dist (`npm run build`) and a Chromium (CHROMIUM, or one on the PATH); without one it says so and checks nothing. The page
// (browser-page.mjs) posts its differences from tfjs's cpu backend; any over its tolerance ends this with 1.
import { spawn, spawnSync } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { holds, passes } from './browser-answer.mjs';

const TIMEOUT_MS = 180_000;
const root = fileURLToPath(new URL('..', import.meta.url));
const names =
  process.env.CHROMIUM === undefined ? ['chromium', 'chromium-browser', 'google-chrome'] : [process.env.CHROMIUM];
const chromium = names.find((name) => spawnSync(name, ['--version']).status === 0);
if (chromium === undefined) {
  console.log(`check-browser: none of ${names.join(', ')} is here, so nothing was checked`);
  process.exit(0);
}

const scratch = mkdtempSync(join(tmpdir(), 'ser-kit-browser-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));
const bundle = join(scratch, 'page.js');
const esbuild = join(root, 'node_modules/esbuild/bin/esbuild');
const options = ['--bundle', '--format=esm', '--platform=browser', '--log-level=error', `--outfile=${bundle}`];
const { status, stderr } = spawnSync(esbuild, [join(root, 'scripts/browser-page.mjs'), ...options], {
  encoding: 'utf8',
});
if (status !== 0) {
  console.error(`check-browser: esbuild: ${stderr}`);
  process.exit(1);
}

const wasm = join(root, 'node_modules/@tensorflow/tfjs-backend-wasm/dist');
// With these a page is cross-origin isolated, and may share memory between threads.
const ISOLATED = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
let onResult = () => {};

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname === '/result') {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      response.end();
      onResult(JSON.parse(body));
    });
    return;
  }
  const send = (type, path) => {
    response.writeHead(200, { 'Content-Type': type, 'Cross-Origin-Resource-Policy': 'same-origin' });
    createReadStream(path).pipe(response);
  };
  const wasmFile = join(wasm, basename(pathname));
  if (pathname === '/page.js') send('text/javascript', bundle);
  else if (pathname.startsWith('/wasm/') && existsSync(wasmFile)) send('application/wasm', wasmFile);
  else if (pathname === '/isolated' || pathname === '/plain') {
    response.writeHead(200, { 'Content-Type': 'text/html', ...(pathname === '/isolated' ? ISOLATED : {}) });
    response.end('<!doctype html><title>ser-kit</title><script type="module" src="/page.js"></script>');
  } else response.writeHead(404).end();
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address();

const FLAGS = [
  ...['--headless=new', '--no-sandbox', '--disable-dev-shm-usage', '--no-first-run', '--disable-gpu-sandbox'],
  ...['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
];

/** Opens a page in a fresh browser and waits for what it posts. */
async function open(path) {
  const profile = mkdtempSync(join(scratch, 'profile-'));
  const url = `http://127.0.0.1:${port}${path}`;
  const browser = spawn(chromium, [...FLAGS, `--user-data-dir=${profile}`, url], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  browser.stderr.on('data', (text) => {
    said = `${said}${text}`.slice(-2000);
  });
  const ended = new Promise((resolve) => browser.on('exit', resolve));
  let timer;
  try {
    return await new Promise((resolve) => {
      onResult = resolve;
      timer = setTimeout(() => resolve({ error: `no answer within ${TIMEOUT_MS / 1000} s\n${said}` }), TIMEOUT_MS);
      ended.then(() => resolve({ error: `the browser ended\n${said}` }));
    });
  } finally {
    clearTimeout(timer);
    browser.kill();
    await ended;
  }
}

let failed = false;
for (const path of ['/plain?backend=wasm', '/isolated?backend=wasm', '/plain?backend=webgl']) {
  const { error, about, checks = [] } = await open(path);
  console.log(about ?? path);
  if (error !== undefined) console.log(`  FAILED: ${error}`);
  else if (checks.length === 0) console.log('  FAILED: the page checked nothing');
  for (const check of checks) {
    const { title, difference, tolerance } = check;
    const apart = (difference ?? Number.NaN).toExponential(1); // JSON has null for a number that is not finite
    console.log(`  ${title}: ${apart} apart ${holds(check) ? '' : `FAILED (at most ${tolerance})`}`);
  }
  failed ||= !passes({ error, checks });
}
server.close();
process.exitCode = failed ? 1 : 0;
