/** Files by path: a folder (`ser-kit/node`), a URL, dropped files, a Map in memory. Paths use '/' and are relative. */
export interface FileSource {
  /** Every file's path, in any order. */
  list(): Promise<readonly string[]>;
  /** One file's bytes. Rejects when there is no such file. */
  read(path: string): Promise<Uint8Array>;
}
