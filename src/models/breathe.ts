/** Who waits for a turn, where there is no setImmediate. */
const waiting: (() => void)[] = [];
let page: MessageChannel | undefined;

/**
 * Lets timers, signals and the page have a turn: the wasm and cpu backends never do by themselves. Not by a timer, which takes
 * a millisecond in Node and four in a page: as long as the step of a small network.
 */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve);
      return;
    }
    if (page === undefined) {
      page = new MessageChannel();
      page.port1.onmessage = () => waiting.shift()?.();
    }
    waiting.push(resolve);
    page.port2.postMessage(undefined);
  });
}
