import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AugmentedEvent } from '../clips/augmented-epochs.ts';
import { writeAtomically } from '../node/atomic-file.ts';

/** A line of augmentation.jsonl, see docs/cli.md: what was done to one clip in one epoch. */
export type DrawsLine = Omit<AugmentedEvent, 'type'>;

/** What was drawn in a training, a JSON object a line. An epoch's lines are on the disk before training goes on. */
export class DrawsLog {
  constructor(readonly path: string) {}

  append(lines: readonly DrawsLine[]): void {
    const file = openSync(this.path, 'a');
    try {
      const bytes = new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }

  /** Brings it to where a checkpoint is: lines of later epochs go, and what a kill cut short. */
  goBackTo(epoch: number): void {
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(this.path);
    } catch {
      return; // lost: there is no drawing again what was drawn
    }
    const end = endOf(bytes, epoch);
    if (end < bytes.length) writeAtomically(this.path, bytes.subarray(0, end), dirname(this.path), true);
  }
}

/** Where the whole lines of epochs up to `last` end. */
function endOf(bytes: Uint8Array, last: number): number {
  let end = 0;
  while (end < bytes.length) {
    const next = bytes.indexOf(0x0a, end) + 1;
    if (next === 0) break;
    try {
      const { epoch } = JSON.parse(new TextDecoder().decode(bytes.subarray(end, next))) as DrawsLine;
      if (!(epoch <= last)) break;
    } catch {
      break;
    }
    end = next;
  }
  return end;
}
