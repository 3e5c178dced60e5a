import { LineCounter, parseAllDocuments, type Document } from "yaml";

import { UserError } from "../domain/errors.ts";
import { printable } from "../domain/text.ts";
import type { App, KubeObject } from "../ports.ts";

/** A Kubernetes object in a file, with the place where its document begins. */
export interface Manifest {
  readonly object: KubeObject;
  readonly file: string;
  readonly line: number;
}

/** Deeper nesting of aliases is an attack, not a manifest. */
const ALIASES = 50;
const MANIFEST = /\.(ya?ml|json)$/i;

/**
 * Kubernetes objects of files, folders and standard input (`-`), in order; Lists are taken apart.
 * @throws UserError with file and line for what is no YAML
 */
export async function readManifests(app: App, paths: readonly string[]): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  for (const path of paths) {
    if (path === "-") {
      manifests.push(...parseManifests("standard input", decode("standard input", await app.terminal.readStdin())));
      continue;
    }
    const files = await app.files.list(path);
    // A file that is named is read whatever its ending; in a folder only manifests are.
    const chosen = files.length === 1 && files[0] === path ? files : files.filter((file) => MANIFEST.test(file));
    if (chosen.length === 0) throw new UserError("no-manifests", `${path} holds no .yaml, .yml or .json file`);
    for (const file of chosen) manifests.push(...parseManifests(file, decode(file, await app.files.read(file))));
  }
  return manifests;
}

function decode(file: string, bytes: Uint8Array): string {
  if (bytes.includes(0)) throw new UserError("not-yaml", `${file} is binary, not YAML`);
  return new TextDecoder("utf-8").decode(bytes);
}

function parseManifests(file: string, text: string): Manifest[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: "silent",
    merge: true,
  });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document: Document.Parsed) => {
    const line = lines.linePos(document.range?.[0] ?? 0).line;
    const broken = document.errors[0];
    if (broken !== undefined) {
      const at = lines.linePos(broken.pos[0]);
      const template = /\{\{/.test(text)
        ? " (a Helm template? render it first: helm template … | antfly-creds … -f -)"
        : "";
      throw new UserError("not-yaml", `${file}:${at.line}:${at.col} is not valid YAML (${broken.code})${template}`);
    }
    let root: unknown;
    try {
      root = document.toJS({ maxAliasCount: ALIASES });
    } catch {
      throw new UserError("not-yaml", `${file}:${line} has too many aliases`);
    }
    return objectsIn(root).map((object) => ({ object, file, line }));
  });
}

function isMapping(value: unknown): value is KubeObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function objectsIn(object: unknown): KubeObject[] {
  if (!isMapping(object)) return [];
  const { kind, apiVersion, items } = object;
  if (typeof kind !== "string" || !kind.endsWith("List") || !Array.isArray(items)) return [object];
  // The items of a SecretList need not say what they are.
  const own = kind === "List" ? {} : { kind: kind.slice(0, -"List".length), apiVersion };
  return items.flatMap((item: unknown) => objectsIn(isMapping(item) ? { ...own, ...item } : item));
}

/** `deploy.yaml:12`, as messages name a place. */
export function describePlace({ file, line }: Manifest): string {
  return `${printable(file)}:${line}`;
}
