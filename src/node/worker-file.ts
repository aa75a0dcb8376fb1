/**
 * Where the code of the worker threads lies: in dist, beside whichever file this becomes a part of. Threads of Node 20
 * cannot load TypeScript, so tests put a bundle here.
 */
export const workerFile = { url: new URL('./feature-worker.js', import.meta.url) };
