/**
 * Turns a command's work into what commander calls: what the work resolves to is the process's exit status. Commander
 * drops what its actions return.
 */
export type Act = <A extends unknown[]>(work: (...args: A) => Promise<number>) => (...args: A) => Promise<void>;
