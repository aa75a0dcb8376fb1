/** Where a command writes: results on `out`, everything else on `err`. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** True when `err` is a terminal, on which a line may be written over. */
  readonly interactive: boolean;
  readonly columns: number;
}

export function processTerminal(): Terminal {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    interactive: process.stderr.isTTY === true && process.env.TERM !== 'dumb',
    // Asked anew each time, since windows are resized; 0 where the terminal does not know.
    get columns() {
      return process.stderr.columns || 80;
    },
  };
}
