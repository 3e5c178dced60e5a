import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  Scalar,
  visit,
  type Document,
  type Pair,
} from "yaml";

import type { FileSpan, Ref } from "../../domain/finding.ts";
import { fileProblem, type InputProblem } from "../../domain/inputs.ts";
import type { KubeObject } from "../../ports.ts";

/** A Kubernetes object in a file. The text is kept, not the tree: places are looked up when there is something to say. */
export interface ManifestDocument {
  readonly object: KubeObject;
  readonly file: string;
  /** Text of the file, and where in it the document stands. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Path of the object inside the document: `/items/2` in a List, else empty. */
  readonly root: string;
}

export interface ParsedFile {
  readonly documents: readonly ManifestDocument[];
  readonly problems: readonly InputProblem[];
}

/** Deeper nesting of aliases is an attack, not a manifest. */
const ALIASES = 50;
/** What YAML 1.1, which kubectl reads, makes no string of (https://yaml.org/type/). */
const NO_STRING_IN_YAML_1_1 =
  /^(y|n|yes|no|true|false|on|off|~|null|[-+]?(0b[01_]+|0[0-7_]+|0x[\da-f_]+|\d[\d_]*)|[-+]?(\d[\d_]*)?\.\d[\d_]*(e[-+]?\d+)?|[-+]?\d[\d_]*(:[0-5]?\d)+(\.\d*)?|[-+]?\.(inf|nan)|\d{4}-\d{1,2}-\d{1,2}.*)$/i;

/**
 * Takes a YAML or JSON file apart. A broken document is a problem with its place, and the others are still read. Helm
 * templates are no YAML: they are named and passed over.
 */
export function parseManifests(file: string, text: string): ParsedFile {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, logLevel: "silent", merge: true });
  if (!Array.isArray(parsed)) return { documents: [], problems: [] };
  const spanAt = (offset: number): FileSpan => {
    const { line, col } = lines.linePos(Math.max(0, Math.min(offset, text.length)));
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const documents: ManifestDocument[] = [];
  const problems: InputProblem[] = [];
  let templates = 0;
  for (const document of parsed as Document.Parsed[]) {
    const [start, , end] = document.range;
    const broken = document.errors[0];
    if (broken !== undefined || isTemplate(document)) {
      if (broken === undefined || /\{\{/.test(text.slice(start, end))) templates += 1;
      else problems.push(brokenDocument(spanAt(broken.pos[0]), broken.code));
      continue;
    }
    let root: unknown;
    try {
      root = document.toJS({ maxAliasCount: ALIASES });
    } catch {
      const what = "has more aliases than any manifest needs";
      problems.push(fileProblem("input.alias-bomb", "error", spanAt(start), what, "write the repeated parts out"));
      continue;
    }
    const objects = objectsIn(root, "");
    problems.push(...unquotedStrings(document, spanAt, refOf(objects[0]?.object)));
    for (const { object, path } of objects) documents.push({ object, file, text, start, end, root: path });
  }
  if (templates > 0) {
    const what = "is a Helm template, not YAML: it was passed over";
    problems.push(
      fileProblem(
        "input.template",
        "warning",
        spanAt(0),
        what,
        "helm template RELEASE CHART | antfly-creds validate -",
      ),
    );
  }
  return { documents, problems };
}

/** `{{ x }}` is a mapping with a mapping as its key to YAML, and to nobody else. */
function isTemplate(document: Document.Parsed): boolean {
  let found = false;
  visit(document, {
    Pair: (_, { key }) => {
      found ||= isMap(key);
      return found ? visit.BREAK : undefined;
    },
  });
  return found;
}

function brokenDocument(place: FileSpan, code: string): InputProblem {
  if (code === "DUPLICATE_KEY")
    return fileProblem("input.duplicate-key", "error", place, "sets a key twice", "keep one of them");
  if (code === "TAB_AS_INDENT")
    return fileProblem("input.not-yaml", "error", place, "is indented with a tab", "YAML takes blanks only");
  return fileProblem("input.not-yaml", "error", place, `is not valid YAML (${code})`);
}

/**
 * Values that must be strings and that YAML 1.1 makes something else of: `AWS_REGION: no`. The API server refuses them,
 * or, worse, kubectl sends another text than the file shows.
 */
function unquotedStrings(
  document: Document.Parsed,
  spanAt: (offset: number) => FileSpan,
  subject: Ref,
): InputProblem[] {
  if (subject.kind !== "Secret" && subject.kind !== "ConfigMap") return [];
  const problems: InputProblem[] = [];
  const judge = (field: string, { key, value }: Pair): void => {
    if (!isScalar(key) || !isScalar(value) || value.type !== Scalar.PLAIN) return;
    if (!NO_STRING_IN_YAML_1_1.test(value.source ?? "")) return;
    problems.push({
      cause: "input.not-a-string",
      severity: "error",
      subject,
      message: `${field}.${String(key.value)} of ${subject.kind} ${subject.name} is no string to kubectl, which reads YAML 1.1`,
      location: spanAt(value.range?.[0] ?? 0),
      fix: "put the value into quotation marks",
    });
  };
  visit(document, {
    Pair: (_, pair) => {
      const field = isScalar(pair.key) ? pair.key.value : undefined;
      if ((field !== "stringData" && field !== "data") || !isMap(pair.value)) return undefined;
      for (const item of pair.value.items) judge(field, item);
      return visit.SKIP;
    },
  });
  return problems;
}

interface Found {
  readonly object: KubeObject;
  readonly path: string;
}

function objectsIn(object: unknown, path: string): Found[] {
  if (!isMapping(object)) return [];
  const { kind, apiVersion, items } = object;
  if (typeof kind !== "string" || !kind.endsWith("List") || !Array.isArray(items)) return [{ object, path }];
  // The items of a SecretList need not say what they are.
  const own = kind === "List" ? {} : { kind: kind.slice(0, -"List".length), apiVersion };
  return items.flatMap((item: unknown, i) =>
    objectsIn(isMapping(item) ? { ...own, ...item } : item, `${path}/items/${i}`),
  );
}

export function isMapping(value: unknown): value is KubeObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What an object calls itself. */
export function refOf(object: KubeObject | undefined): Ref {
  const metadata = isMapping(object?.["metadata"]) ? object["metadata"] : {};
  const { name, namespace } = metadata;
  return {
    kind: typeof object?.["kind"] === "string" ? object["kind"] : "",
    name: typeof name === "string" ? name : "",
    ...(typeof namespace === "string" && namespace !== "" ? { namespace } : {}),
  };
}

/** Follows aliases, which stand for the node that they name. */
export function resolved(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

export { isMap, isScalar, isSeq };
