import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { EpochRecord } from '../models/training-events.ts';
import { writeAtomically } from '../node/atomic-file.ts';

/** A line of log.jsonl, see docs/cli.md. */
export interface LogLine {
  readonly type: 'start' | 'resume' | 'epoch' | 'end';
  readonly epoch?: number;
  readonly [name: string]: unknown;
}

/** The line of an epoch; without its last three where it was lost, and written again from a checkpoint. */
export interface EpochLine extends LogLine, EpochRecord {
  readonly type: 'epoch';
  readonly epoch: number;
  readonly epochs: number;
  /** The step size of its last batch. */
  readonly learningRate?: number;
  readonly best?: boolean;
  readonly seconds?: number;
}

/** The log of a training, a JSON object a line. Each line is on the disk before training goes on. */
export class TrainingLog {
  constructor(readonly path: string) {}

  /** A new log, in place of one that was there. */
  begin(line: LogLine): void {
    this.write([line]);
  }

  /**
   * Brings the log to where a checkpoint is: lines of later epochs go, and what a kill cut short; epochs that it lacks
   * are written from the checkpoint, and so is its first line.
   *
   * @param start  the first line, as far as it is known still
   * @param epochs  every epoch up to the checkpoint's
   */
  goBackTo(start: LogLine, epochs: readonly EpochLine[]): void {
    const last = epochs.length;
    const found = this.read().filter(({ type, epoch = 0 }) => type !== 'end' && epoch <= last);
    const lines: LogLine[] = [found.find((line) => line.type === 'start') ?? start];
    for (const record of epochs) {
      const { epoch } = record;
      lines.push(found.find((line) => line.type === 'epoch' && line.epoch === epoch) ?? record);
      lines.push(...found.filter((line) => line.type === 'resume' && line.epoch === epoch));
    }
    this.write(lines);
  }

  append(line: LogLine): void {
    const file = openSync(this.path, 'a');
    try {
      const bytes = new TextEncoder().encode(`${JSON.stringify(line)}\n`);
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }

  private write(lines: readonly LogLine[]): void {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    writeAtomically(this.path, new TextEncoder().encode(text), dirname(this.path), true);
  }

  private read(): LogLine[] {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch {
      return [];
    }
    return text.split('\n').flatMap((line) => {
      try {
        const found = JSON.parse(line) as LogLine;
        return typeof found?.type === 'string' ? [found] : [];
      } catch {
        return [];
      }
    });
  }
}
