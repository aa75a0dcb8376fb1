// What the benches of training share: sides, each a process of its own that lives for the whole run and is asked over
// stdin, one JSON line a question and one an answer, so that starting up is not measured and only one computes at a time.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const scriptPath = (name) => fileURLToPath(new URL(name, import.meta.url));

/** One thread each, for whatever library does a side's linear algebra. */
export const ONE_THREAD = { OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };

/** Starts a side. Its first answer says what it is; undefined where it cannot start, with the reason on stderr. */
export async function startSide(name, program, args, env = {}) {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text) => {
    errors = `${errors}${text}`.slice(-4000);
  });
  child.on('error', (error) => {
    errors += error.message;
  });
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${name} ended: ${errors.trim().split('\n').slice(-3).join(' | ')}`);
      if (value.startsWith('{')) return JSON.parse(value); // libraries greet on stdout, too
    }
  };
  try {
    const { about } = await answer();
    const ask = (question) => {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      return answer();
    };
    return { name, about, ask, end: () => child.stdin.end() };
  } catch (error) {
    console.error(`${error.message}: its column stays empty`);
    return undefined;
  }
}

/** Answers a parent's questions until it closes stdin. Says what this side is first. */
export async function answerQuestions(about, handlers) {
  const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
  say({ about });
  for await (const line of createInterface({ input: process.stdin })) {
    const { do: what, ...question } = JSON.parse(line);
    try {
      say((await handlers[what](question)) ?? {});
    } catch (error) {
      say({ error: String(error.message).split('\n')[0].slice(0, 160) });
    }
  }
  process.exit(0);
}

/** This process's largest resident size so far, in MB; Linux's own count, which leaves out the parent that forked it. */
export function peakMegabytes() {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
  } catch {
    return process.resourceUsage().maxRSS / 1024;
  }
}

export const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];

/**
 * Several sides measured in turn: in each round every side, in an order that turns, does some repetitions.
 *
 * @param turns  by side: a function that does some and returns their milliseconds
 * @returns      by side: all milliseconds
 */
export async function inTurn(turns, rounds) {
  const names = Object.keys(turns);
  const taken = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(round + i) % names.length];
      taken[name].push(...(await turns[name](round)));
    }
  }
  return taken;
}

export const shorten = (ms) => (ms === undefined ? '-' : ms >= 100 ? ms.toFixed(0) : ms.toPrecision(3));

/** Rows of text as columns; the first is to the left, the others to the right. */
export function table(rows) {
  const widths = rows[0].map((_, j) => Math.max(...rows.map((row) => row[j].length)));
  return rows
    .map((row) => row.map((cell, j) => (j === 0 ? cell.padEnd(widths[j]) : cell.padStart(widths[j]))).join('  '))
    .join('\n');
}
