import { normalize } from "node:path";

import { UserError } from "../../domain/errors.ts";
import { describeProblem, fileProblem, STANDARD_INPUT, type InputProblem } from "../../domain/inputs.ts";
import type { App } from "../../ports.ts";
import { EnvLineError, parseEnvLines, type EnvFile } from "../env-file.ts";
import { parseManifests, type ManifestDocument } from "./documents.ts";
import { locate } from "./locate.ts";
import { notJson } from "./not-json.ts";
import { kindOfPolicy, type PolicyKind } from "../../domain/iam/policy-kind.ts";

/** An env file, by line. */
export interface EnvInput {
  readonly file: string;
  /** To be copied and filled in, as `.env.example`: that its values are none is no fault. */
  readonly example: boolean;
  readonly values: EnvFile;
}

/** A document of IAM's policy language. */
export interface PolicyInput {
  readonly kind: PolicyKind;
  readonly value: unknown;
  /** For looking up places. */
  readonly document: ManifestDocument;
}

/** Everything that the files hold. */
export interface Inputs {
  readonly paths: readonly string[];
  readonly files: readonly string[];
  readonly documents: readonly ManifestDocument[];
  /** Mappings of other programs: values of a Helm chart, a Kustomization without a kind. */
  readonly others: readonly ManifestDocument[];
  readonly policies: readonly PolicyInput[];
  readonly envFiles: readonly EnvInput[];
  readonly problems: readonly InputProblem[];
}

const STDIN = "-";
const IN_FOLDERS = /\.(ya?ml|json|env)$|(^|\/)\.env(\.[\w-]+)?$/i;
const ENV_FILE = /\.env$|(^|\/)\.env(\.[\w-]+)?$/i;
const EXAMPLE = /\.(example|sample|template|tmpl|dist)$|\.(example|sample|template)\.env$/i;
/** Whose files are nobody's manifests, and many. */
const OTHERS = /(^|\/)(node_modules|\.git|\.terraform)\//;
/** A manifest says what kind it is, an IAM policy has statements. */
const JUDGED = /(^|[\s,{"'])(kind|Statement)["']?\s*:/m;
const KUSTOMIZATION_FILE = /(^|\/)kustomization\.ya?ml$/i;
/** Flux has a kind Kustomization of its own. */
const KUSTOMIZE_GROUP = "kustomize.config.k8s.io/";
/** Problems that one error lists. */
const MOST_NAMED = 5;
/** What a chart renders is often larger than one file. */
const LARGEST_MIB = 64;
/** Files from which on the memory that is taken counts more than the time. */
const MANY = 200;

/**
 * Reads files, folders and standard input (`-`). A file that is named is a manifest whatever its ending; one that is found
 * in a folder has to look like it. What is wrong with one of them is a problem with its place, and the
 * others are still read.
 * @throws UserError for a path that is not there, and when there is nothing at all that could be judged
 */
export async function readInputs(app: App, paths: readonly string[]): Promise<Inputs> {
  const inputs: Collected = { paths, files: [], documents: [], others: [], policies: [], envFiles: [], problems: [] };
  const seen = new Set<string>();
  const empty: string[] = [];
  for (const path of new Set(paths)) {
    const before = sizeOf(inputs);
    if (path === STDIN) {
      addFile(inputs, { file: STANDARD_INPUT, named: true }, await app.terminal.readStdin({ mebibytes: LARGEST_MIB }));
      if (sizeOf(inputs) === before) empty.push(STANDARD_INPUT);
      continue;
    }
    const found = await app.files.list(path);
    const named = found.length === 1 && found[0] === path;
    const files = named ? found : found.filter((one) => IN_FOLDERS.test(one) && !OTHERS.test(one));
    // A folder and a file in it may be named both.
    const unread = files.filter((file) => !seen.has(normalize(file)));
    if (unread.length > MANY) app.spareMemory();
    for (const file of unread) {
      seen.add(normalize(file));
      await readOne(app, inputs, { file, named });
    }
    if (sizeOf(inputs) === before && unread.length === files.length) empty.push(path);
  }
  assertSomething(inputs);
  inputs.problems.push(...empty.map(holdsNothing));
  return inputs;
}

/** All that a path can add to. */
function sizeOf({ documents, others, policies, envFiles, problems }: Inputs): number {
  return documents.length + others.length + policies.length + envFiles.length + problems.length;
}

/** Whoever names it thinks that it is judged: a chart that renders nothing, a folder with another name. */
function holdsNothing(file: string): InputProblem {
  const what = "holds no manifest, env file or IAM policy";
  return fileProblem("input.unreadable", "warning", { file, line: 1, column: 1 }, what);
}

interface Collected extends Inputs {
  readonly files: string[];
  readonly documents: ManifestDocument[];
  readonly others: ManifestDocument[];
  readonly policies: PolicyInput[];
  readonly envFiles: EnvInput[];
  readonly problems: InputProblem[];
}

interface FoundFile {
  readonly file: string;
  /** By the user, not found in a folder. */
  readonly named: boolean;
}

async function readOne(app: App, inputs: Collected, found: FoundFile): Promise<void> {
  const { file } = found;
  try {
    addFile(inputs, found, await app.files.read(file));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    inputs.files.push(file);
    const what = error.message.startsWith(`${file} `) ? error.message.slice(file.length + 1) : "cannot be read";
    inputs.problems.push(fileProblem("input.unreadable", "error", { file, line: 1, column: 1 }, what));
  }
}

function addFile(inputs: Collected, found: FoundFile, bytes: Uint8Array): void {
  const { file } = found;
  inputs.files.push(file);
  const place = { file, line: 1, column: 1 };
  if (bytes.length > LARGEST_MIB * 1024 * 1024) {
    inputs.problems.push(fileProblem("input.unreadable", "error", place, "is larger than 64 MiB"));
    return;
  }
  if (ENV_FILE.test(file)) {
    addEnvFile(inputs, found, bytes);
    return;
  }
  const text = textOf(bytes);
  if (typeof text === "string") addText(inputs, found, text);
  else inputs.problems.push(fileProblem("input.binary", "error", place, text.problem, text.fix));
}

/** The text, without a byte order mark; or why it is none. */
function textOf(bytes: Uint8Array): string | { readonly problem: string; readonly fix?: string } {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return { problem: "is UTF-16 text", fix: "save it as UTF-8 (PowerShell: Out-File -Encoding utf8)" };
  if (bytes.includes(0)) return { problem: "is binary, not YAML" };
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { problem: "is not UTF-8 text", fix: "save it as UTF-8" };
  }
}

function addEnvFile(inputs: Collected, { file, named }: FoundFile, bytes: Uint8Array): void {
  try {
    inputs.envFiles.push({ file, example: !named && EXAMPLE.test(file), values: parseEnvLines(bytes) });
  } catch (error) {
    if (!(error instanceof EnvLineError)) throw error;
    const place = { file, line: error.line ?? 1, column: 1 };
    // One that holds comments alone does no harm.
    const severity = error.code === "empty-env-file" ? "info" : "error";
    const problem = fileProblem("input.env-file", severity, place, error.message, error.hint);
    inputs.problems.push(
      error.line === undefined ? problem : { ...problem, message: `Line ${error.line} of ${problem.message}` },
    );
  }
}

function addText(inputs: Collected, { file, named }: FoundFile, text: string): void {
  const { documents, problems } = parseManifests(file, text);
  if (named || JUDGED.test(text)) inputs.problems.push(...problems);
  // A folder holds other things too. Nobody fails for them; JSON with comments, for one, is right for others.
  else if (!file.endsWith(".json"))
    inputs.problems.push(...problems.map((one) => ({ ...one, severity: "info" as const })));
  for (const document of documents) {
    if (isKustomization(document)) inputs.problems.push(kustomization(document));
    if (isSavedFacts(document)) inputs.problems.push(savedFacts(file, named));
    const kind = kindOfPolicy(document.object);
    if (kind !== undefined) {
      inputs.policies.push({ kind, value: document.object, document });
      if (file.endsWith(".json")) inputs.problems.push(...notJson(file, text));
    } else if (typeof document.object["kind"] === "string") inputs.documents.push(document);
    else inputs.others.push(document);
  }
}

function isSavedFacts({ object: { schema } }: ManifestDocument): boolean {
  return typeof schema === "string" && schema.startsWith("antfly-creds.facts/");
}

function savedFacts(file: string, named: boolean): InputProblem {
  const what = "holds saved facts, which are judged alone: they were passed over";
  const place = { file, line: 1, column: 1 };
  return fileProblem("input.unreadable", named ? "warning" : "info", place, what, "antfly-creds doctor --from FILE");
}

/** Its kind may be left out. */
function isKustomization({ file, object: { kind, apiVersion } }: ManifestDocument): boolean {
  if (kind === undefined && apiVersion === undefined) return KUSTOMIZATION_FILE.test(file);
  const isOurs = typeof apiVersion === "string" && apiVersion.startsWith(KUSTOMIZE_GROUP);
  return isOurs && (kind === "Kustomization" || kind === "Component");
}

function kustomization(document: ManifestDocument): InputProblem {
  const what = "is a Kustomization: the files are judged as they stand, not as it renders them";
  const fix = "kubectl kustomize DIR | antfly-creds validate -";
  return fileProblem("input.kustomization", "info", locate(document, "/kind"), what, fix);
}

/** Exit 2 is for what could not be judged at all; one bad file among good ones is a finding. */
function assertSomething(inputs: Inputs): void {
  const { paths, documents, policies, envFiles, problems } = inputs;
  if (documents.length + policies.length + envFiles.length > 0) return;
  const [first] = problems;
  if (first !== undefined && problems.length === 1) {
    throw new UserError("bad-input", describeProblem(first), first.fix === undefined ? {} : { hint: first.fix });
  }
  if (first !== undefined) {
    const hint = problems.slice(0, MOST_NAMED).map(describeProblem).join("\n");
    throw new UserError("bad-input", "none of the files could be read", { hint });
  }
  throw new UserError(
    "no-input",
    `${paths.join(", ")} ${paths.length === 1 ? "holds" : "hold"} no manifest, env file or IAM policy`,
  );
}
