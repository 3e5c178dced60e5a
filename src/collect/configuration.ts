import { dirname, join } from "node:path";

import type { App } from "../ports.ts";
import { mergeConfigurations, NO_CONFIGURATION, type Configuration } from "../domain/configuration.ts";

export const CONFIGURATION_FILE = ".antfly-creds.yaml";

/**
 * The configuration that holds here: the file that was named, by flag or by ANTFLY_CREDS_CONFIG; else `.antfly-creds.yaml`
 * of the working directory or of a folder above it, up to the root of its Git work tree. What that leaves open, the user's
 * own file says. Nothing in it is ever run.
 * @throws UserError with the line for what it may not hold, and for a named file that is not there
 */
export async function loadConfiguration(app: App, named: string | undefined): Promise<Configuration> {
  const chosen = named ?? app.configuration.named;
  const project = chosen === undefined ? await nearestFile(app) : await readNamed(app, chosen);
  const { userFile } = app.configuration;
  const own = userFile === undefined ? undefined : await readIfThere(app, userFile);
  const all = [project, own].filter((one) => one !== undefined);
  return all.length === 0 ? NO_CONFIGURATION : all.reduce(mergeConfigurations);
}

async function readNamed(app: App, file: string): Promise<Configuration> {
  return parse(file, await app.files.read(file));
}

async function readIfThere(app: App, path: string, shown = path): Promise<Configuration | undefined> {
  const bytes = await app.files.readIfThere(path, { evenBelowAFile: true });
  return bytes === undefined ? undefined : parse(shown, bytes);
}

/** Not beyond the work tree: a file above it belongs to somebody else. */
async function nearestFile(app: App): Promise<Configuration | undefined> {
  const root = await app.files.gitRoot(app.cwd);
  let shown = CONFIGURATION_FILE;
  for (let folder = app.cwd; ; folder = dirname(folder)) {
    const found = await readIfThere(app, join(folder, CONFIGURATION_FILE), shown);
    if (found !== undefined) return found;
    if (root === undefined || folder === root || dirname(folder) === folder) return undefined;
    shown = `../${shown}`;
  }
}

async function parse(file: string, bytes: Uint8Array): Promise<Configuration> {
  const { parseConfiguration } = await import("./configuration-file.ts");
  return parseConfiguration(file, bytes);
}
