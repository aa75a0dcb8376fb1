/** Where a recording has clicks, bursts and onsets, which must not be cut, left out or repeated. */
export interface Transients {
  /** The first sample at or after `at` that belongs to a transient; Infinity where none follows. */
  next(at: number): number;
  /** One past the last sample before `at` that belongs to a transient; -Infinity where none came before. */
  previous(at: number): number;
}

/** Milliseconds, which are blocks too: how far back a block is compared, but for the nearest ones. */
const LOOK_BACK = 25;
const NEAREST = 3;
/** A block is a transient where it has this many times the energy of the loudest one before it, */
const RATIO = 4;
/** and at least this part of the loudest block of the recording (-60 dB). */
const FLOOR = 1e-6;
/** What is kept whole around such a block, in blocks. */
const BEFORE = 2;
const AFTER = 5;

/**
 * Compares the energy of the samples' differences, which favour high frequencies, in each millisecond with the loudest
 * of the 22 that end 3 ms before it. The pulses of a voice follow each other within that time, so that they count as
 * no transients but for the first.
 */
export function findTransients(samples: Float32Array, sampleRate: number): Transients {
  const size = Math.max(4, Math.round(sampleRate / 1000));
  const blocks = Math.ceil(samples.length / size);
  const energies = new Float64Array(blocks);
  let loudest = 0;
  for (let b = 0, last = samples[0]!; b < blocks; b++) {
    const end = Math.min(samples.length, (b + 1) * size);
    let sum = 0;
    for (let i = b * size; i < end; i++) {
      const x = samples[i]!;
      sum += (x - last) * (x - last);
      last = x;
    }
    energies[b] = sum;
    if (sum > loudest) loudest = sum;
  }
  const kept = new Uint8Array(blocks);
  for (let b = 0; b < blocks; b++) {
    const energy = energies[b]! / RATIO;
    let isLouder = energies[b]! > FLOOR * loudest;
    for (let k = Math.max(0, b - LOOK_BACK); isLouder && k <= b - NEAREST; k++) isLouder = energy > energies[k]!;
    if (isLouder) kept.fill(1, Math.max(0, b - BEFORE), b + AFTER + 1);
  }

  const nexts = new Float64Array(blocks + 1).fill(Number.POSITIVE_INFINITY);
  for (let b = blocks - 1; b >= 0; b--) nexts[b] = kept[b] === 1 ? b * size : nexts[b + 1]!;
  const previous = new Float64Array(blocks + 1).fill(Number.NEGATIVE_INFINITY);
  for (let b = 0; b < blocks; b++) previous[b + 1] = kept[b] === 1 ? (b + 1) * size : previous[b]!;
  const blockOf = (at: number): number => Math.min(blocks, Math.max(0, Math.floor(at / size)));
  return {
    next: (at) => Math.max(at, nexts[blockOf(at)]!),
    previous: (at) => Math.min(at, previous[Math.min(blocks, blockOf(at) + 1)]!),
  };
}
