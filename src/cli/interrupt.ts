/**
 * Turns the first Ctrl-C into an abort signal, so that work can end in good order; the second one ends the process at
 * once, after `last`. `done()` gives Ctrl-C back its usual meaning.
 */
export function onInterrupt(
  tell: () => void,
  last: () => void = () => {},
): {
  readonly signal: AbortSignal;
  done(): void;
} {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) {
      last();
      process.exit(130);
    }
    controller.abort();
    tell();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return {
    signal: controller.signal,
    done() {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    },
  };
}
