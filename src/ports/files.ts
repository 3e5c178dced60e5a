export interface Files {
  read(path: string): Promise<Uint8Array>;
  /** Files below a folder, or the file itself; links to folders are not followed. */
  list(path: string): Promise<readonly string[]>;
  /** Undefined when there is no such file, or none can be: `evenBelowAFile` takes what should be its folder for none. */
  readIfThere(path: string, options?: { readonly evenBelowAFile?: boolean }): Promise<Uint8Array | undefined>;
  /** Creates or replaces a file in one step, mode 0600; folders above it are made. */
  write(path: string, content: Uint8Array): Promise<void>;
  /** Rejects unless a file can be written there without making a folder. */
  assertWritable(path: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Which of these files Git keeps; undefined when that cannot be told: there is a work tree, and no Git to ask. */
  tracked(paths: readonly string[]): Promise<ReadonlySet<string> | undefined>;
  /** The root of the Git work tree that the path really lies in. */
  gitRoot(path: string): Promise<string | undefined>;
}
