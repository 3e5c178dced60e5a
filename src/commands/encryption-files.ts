import { parse, stringify } from "yaml";

import { filesThere, writeKeyFiles, type KeyFile } from "../apply/encryption-files.ts";
import { pluginsIn, readEncryptionConfiguration } from "../domain/encryption-configuration.ts";
import { UserError } from "../domain/errors.ts";
import { Sensitive } from "../domain/sensitive.ts";
import { printable } from "../domain/text.ts";
import {
  changedConfiguration,
  FILE_NAMES,
  freeKeyName,
  newConfiguration,
  secretsIn,
  withoutSecrets,
  type EncryptionProvider,
  type EncryptionStages,
} from "../plans/encryption-file.ts";
import type { App } from "../ports.ts";
import { resourcesOf, type EncryptionOptions } from "./encryption-options.ts";

/** `secretbox` takes so many. */
const KEY_BYTES = 32;
const HEAD = `# Whoever has a key of this file can read what the API server has encrypted with it, and without it nobody can.
`;

export interface EncryptionFile extends KeyFile {
  /** The content without any key. */
  readonly shown: string;
}

/**
 * The EncryptionConfiguration, with a key from the system's random source. `single`: no other API server has to be able to
 * read first.
 */
export async function encryptionFiles(
  options: EncryptionOptions,
  single: boolean,
  app: App,
): Promise<{ readonly files: readonly EncryptionFile[]; readonly resources: readonly string[] }> {
  const folder = (options.writeTo ?? ".").replace(/(?<=.)\/+$/, "");
  const current = options.rotate === undefined ? undefined : await readCurrent(options.rotate, app);
  if (options.provider === "kms" && current !== undefined) assertNameIsFree(options, current);
  const provider = providerOf(options, freeKeyName(current?.object ?? {}), app);
  const resources = current?.resources ?? resourcesOf(options);
  const stages: EncryptionStages =
    current === undefined
      ? newConfiguration(resources, provider)
      : changedConfiguration(current.object, current.at, provider);
  const isWanted = (stage: keyof EncryptionStages): boolean => stage !== "first" || !single || current !== undefined;
  const files = (["first", "main", "last"] as const).flatMap((stage) => {
    const object = stages[stage];
    if (object === undefined || !isWanted(stage)) return [];
    const content = new Sensitive(HEAD + stringify(object, { aliasDuplicateObjects: false }));
    const shown = HEAD + stringify(withoutSecrets(object), { aliasDuplicateObjects: false });
    return [{ path: `${folder}/${FILE_NAMES[stage]}`, content, shown }];
  });
  return { files, resources };
}

function providerOf(
  { provider, kmsName, kmsEndpoint = "" }: EncryptionOptions,
  name: string,
  app: App,
): EncryptionProvider {
  if (provider === "kms") return { kind: "kms", name: kmsName, endpoint: kmsEndpoint };
  const bytes = app.random(KEY_BYTES);
  const secret = Buffer.from(bytes).toString("base64");
  for (const form of [bytes, secret]) app.redactor.watch(new Sensitive(form));
  return { kind: "secretbox", key: { name, secret } };
}

/** @throws UserError for the name of a plugin that is there: kube-apiserver starts with no two of one name */
function assertNameIsFree({ kmsName, rotate = "" }: EncryptionOptions, { object }: Current): void {
  if (!pluginsIn(object).has(kmsName)) return;
  throw new UserError(
    "bad-kms-name",
    `${printable(rotate)} has a provider kms ${printable(kmsName)} already, and each has a name of its own`,
    { hint: "--kms-name NEW gives the new one another name" },
  );
}

interface Current {
  readonly object: Readonly<Record<string, unknown>>;
  /** Which entry Secrets are in. */
  readonly at: number;
  /** What else is in it. */
  readonly resources: readonly string[];
}

/** @throws UserError for a file that is no EncryptionConfiguration, or one that kube-apiserver refuses */
async function readCurrent(path: string, app: App): Promise<Current> {
  const file = printable(path);
  const text = Buffer.from(await app.files.read(path)).toString("utf8");
  const object = parsed(text, file);
  for (const { secret } of secretsIn(object)) {
    app.redactor.watch(new Sensitive(secret));
    app.redactor.watch(new Sensitive(Buffer.from(secret, "base64")));
  }
  if (object["kind"] !== "EncryptionConfiguration")
    throw new UserError("bad-configuration", `${file} is no EncryptionConfiguration`, {
      hint: "--rotate takes the file that kube-apiserver runs with (--encryption-provider-config)",
    });
  const { providers, path: place, refused } = readEncryptionConfiguration(object);
  const [problem] = refused;
  if (problem !== undefined)
    throw new UserError(
      "bad-configuration",
      `kube-apiserver does not start with ${file}: it ${printable(problem.what)}`,
    );
  const at = Number(/^\/resources\/(\d+)\/providers$/.exec(place)?.[1]);
  const entries = object["resources"] as
    | readonly { readonly resources: readonly string[]; readonly providers?: readonly unknown[] }[]
    | undefined;
  const entry = entries?.[at];
  if (entry === undefined)
    throw new UserError("bad-configuration", `${file} has no entry for Secrets`, {
      hint: "add secrets to the resources of one of its entries first",
    });
  if (entry.providers?.length !== providers.length)
    throw new UserError("bad-configuration", `${file} has several entries for Secrets`, {
      hint: "make one of them first",
    });
  return { object, at, resources: entry.resources };
}

function parsed(text: string, file: string): Readonly<Record<string, unknown>> {
  try {
    // Its warnings quote the line, too, and would go past all that looks for keys.
    const object: unknown = parse(text, { logLevel: "error" });
    // A list or mapping that holds itself is no JSON, and kube-apiserver takes it no more than this does.
    JSON.stringify(object);
    return typeof object === "object" && object !== null ? (object as Record<string, unknown>) : {};
  } catch {
    // The parser quotes the line, and a key may be in it.
    throw new UserError("bad-configuration", `${file} is not valid YAML`);
  }
}

/**
 * Writes the files, unless one of them is there already.
 * @returns whether they were written
 * @throws UserError for a place where others would read the key
 */
export async function writeFiles(
  files: readonly EncryptionFile[],
  options: EncryptionOptions,
  app: App,
): Promise<boolean> {
  const [there] = await filesThere(files, app);
  if (there !== undefined) {
    app.terminal.err(
      `Nothing was written: ${printable(there)} is there already, and its key may be in use. Another folder gets another key; --rotate replaces the key of a file.\n`,
    );
    return false;
  }
  const holdsKey = files.some(({ content, shown }) => Buffer.from(content.reveal()).toString("utf8") !== shown);
  const root = holdsKey ? await app.files.gitRoot(options.writeTo ?? ".") : undefined;
  if (root !== undefined && options.plaintextInGit !== true) {
    throw new UserError(
      "plaintext-in-git",
      `${printable(options.writeTo ?? ".")} lies in a Git work tree, and the key in the file can be read by anyone who gets it`,
      { hint: "choose a folder outside, or insist with --plaintext-in-git" },
    );
  }
  await writeKeyFiles(files, app);
  return true;
}
