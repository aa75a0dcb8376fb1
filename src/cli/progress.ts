import type { Terminal } from './terminal.ts';

const REDRAW_MS = 100;
const LOG_MS = 15_000;

/** How far a long piece of work is. On a terminal one line that is written over; in a log a plain line now and then. */
export class Progress {
  private readonly began = Date.now();
  private shown = 0;
  private lineIsOpen = false;

  constructor(
    private readonly terminal: Terminal,
    private readonly what: string,
  ) {}

  /**
   * `done` of `total`; `note` stands behind the time left.
   *
   * @param leftMs  how long the rest takes. @default as long for each as those took that are done
   */
  update(done: number, total: number, note = '', leftMs?: number): void {
    const now = Date.now();
    const wait = this.terminal.interactive ? REDRAW_MS : LOG_MS;
    if (now - this.shown < wait && done < total) return;
    if (!this.terminal.interactive && this.shown === 0 && done < total && now - this.began < 2000) return;
    this.shown = now;
    const ms = leftMs ?? ((now - this.began) / done) * (total - done);
    const left = done > 0 && done < total ? `, ${duration(ms)} left` : '';
    const line = `${this.what} ${done}/${total}${left}${note === '' ? '' : `  (${note})`}`;
    if (!this.terminal.interactive) {
      this.terminal.err(`${line}\n`);
      return;
    }
    this.terminal.err(`\r\u001b[K${line.slice(0, this.terminal.columns - 1)}`);
    this.lineIsOpen = true;
  }

  /** A line that stays, above the moving one. */
  say(line: string): void {
    this.close();
    this.terminal.err(`${line}\n`);
  }

  /** Takes the moving line away. */
  close(): void {
    if (this.lineIsOpen) this.terminal.err('\r\u001b[K');
    this.lineIsOpen = false;
  }
}

/** 65000 -> '1 min 5 s'. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
