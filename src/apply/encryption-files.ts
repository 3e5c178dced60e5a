import type { Sensitive } from "../domain/sensitive.ts";
import type { App } from "../ports.ts";

/** A file with keys in it. */
export interface KeyFile {
  readonly path: string;
  readonly content: Sensitive;
}

/** Those of the files that are there, whatever is in them: their keys may be in use, and are never replaced. */
export async function filesThere(
  files: readonly { readonly path: string }[],
  app: Pick<App, "files">,
): Promise<string[]> {
  const found = await Promise.all(
    files.map(async ({ path }) => ((await app.files.readIfThere(path)) === undefined ? [] : [path])),
  );
  return found.flat();
}

/** Writes all of them (mode 0600), or none. */
export async function writeKeyFiles(files: readonly KeyFile[], app: Pick<App, "files">): Promise<void> {
  const written: string[] = [];
  try {
    for (const { path, content } of files) {
      await app.files.write(path, content.reveal());
      written.push(path);
    }
  } catch (error) {
    for (const path of written) await app.files.remove(path);
    throw error;
  }
}
