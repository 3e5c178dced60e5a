import { UserError } from "../../domain/errors.ts";
import { describeProblem, fileProblem, STANDARD_INPUT, type InputProblem } from "../../domain/inputs.ts";
import type { App } from "../../ports.ts";
import { EnvLineError, parseEnvLines, type EnvFile } from "../env-file.ts";
import { parseManifests, type ManifestDocument } from "./documents.ts";
import { kindOfPolicy, type PolicyKind } from "../../domain/iam/policy-kind.ts";

/** An env file, by line. */
export interface EnvInput {
  readonly file: string;
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
  readonly policies: readonly PolicyInput[];
  readonly envFiles: readonly EnvInput[];
  readonly problems: readonly InputProblem[];
}

const STDIN = "-";
const IN_FOLDERS = /\.(ya?ml|json|env)$|(^|\/)\.env(\.[\w-]+)?$/i;
const ENV_FILE = /\.env$|(^|\/)\.env(\.[\w-]+)?$/i;
/** A file that is named is a manifest whatever its ending; one that is found in a folder has to look like it. */
/** Problems that one error lists. */
const MOST_NAMED = 5;
const LARGEST = 64 * 1024 * 1024;

/**
 * Reads files, folders and standard input (`-`). What is wrong with one of them is a problem with its place, and the
 * others are still read.
 * @throws UserError for a path that is not there, and when there is nothing at all that could be judged
 */
export async function readInputs(app: App, paths: readonly string[]): Promise<Inputs> {
  const inputs: Collected = { paths, files: [], documents: [], policies: [], envFiles: [], problems: [] };
  for (const path of paths) {
    if (path === STDIN) {
      addFile(inputs, STANDARD_INPUT, await app.terminal.readStdin());
      continue;
    }
    const found = await app.files.list(path);
    const named = found.length === 1 && found[0] === path;
    for (const file of named ? found : found.filter((one) => IN_FOLDERS.test(one))) await readOne(app, inputs, file);
  }
  assertSomething(inputs);
  return inputs;
}

interface Collected extends Inputs {
  readonly files: string[];
  readonly documents: ManifestDocument[];
  readonly policies: PolicyInput[];
  readonly envFiles: EnvInput[];
  readonly problems: InputProblem[];
}

async function readOne(app: App, inputs: Collected, file: string): Promise<void> {
  try {
    addFile(inputs, file, await app.files.read(file));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    inputs.files.push(file);
    const what = error.message.startsWith(`${file} `) ? error.message.slice(file.length + 1) : "cannot be read";
    inputs.problems.push(fileProblem("input.unreadable", "error", { file, line: 1, column: 1 }, what));
  }
}

function addFile(inputs: Collected, file: string, bytes: Uint8Array): void {
  inputs.files.push(file);
  const place = { file, line: 1, column: 1 };
  if (bytes.length > LARGEST) {
    inputs.problems.push(fileProblem("input.unreadable", "error", place, "is larger than 64 MiB"));
    return;
  }
  if (ENV_FILE.test(file)) addEnvFile(inputs, file, bytes);
  else if (bytes.includes(0)) inputs.problems.push(fileProblem("input.binary", "error", place, "is binary, not YAML"));
  else addText(inputs, file, new TextDecoder("utf-8").decode(bytes));
}

function addEnvFile(inputs: Collected, file: string, bytes: Uint8Array): void {
  try {
    inputs.envFiles.push({ file, values: parseEnvLines(bytes) });
  } catch (error) {
    if (!(error instanceof EnvLineError)) throw error;
    const place = { file, line: error.line ?? 1, column: 1 };
    inputs.problems.push(fileProblem("input.env-file", "error", place, error.message, error.hint));
  }
}

function addText(inputs: Collected, file: string, text: string): void {
  const { documents, problems } = parseManifests(file, text);
  inputs.problems.push(...problems);
  for (const document of documents) {
    const kind = kindOfPolicy(document.object);
    if (kind !== undefined) inputs.policies.push({ kind, value: document.object, document });
    else if (typeof document.object["kind"] === "string") inputs.documents.push(document);
  }
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
