import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, Scalar, visit, type Document } from "yaml";

import { describeRef, type FileSpan, type Ref } from "../../domain/finding.ts";
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

/** Aliases that are written out more often than that are an attack, not a manifest. */
const ALIASES = 500;
/** What kubectl, which reads YAML 1.1 in its own way, makes no string of (sigs.k8s.io/yaml, goyaml.v2/resolve.go). */
const NO_STRING_TO_KUBECTL =
  /^(y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)|[-+]?0[bB][01_]+|[-+]?0[oO][0-7_]+|[-+]?0[xX][\da-fA-F_]+|[-+]?(\.\d+|\d[\d_]*(\.[\d_]*)?)([eE][-+]?\d+)?)$/;
/** What the parser's codes mean, and what to do. */
const BROKEN: Readonly<Record<string, readonly [what: string, fix?: string]>> = {
  TAB_AS_INDENT: ["a line is indented with a tab", "YAML takes blanks only"],
  BAD_INDENT: ["a line is not indented as it should be"],
  MISSING_CHAR: ["a closing quotation mark, a bracket or a comma is missing"],
  BLOCK_AS_IMPLICIT_KEY: [
    "there is a second colon in one line, or a wrong indentation",
    "put a value with a colon and a blank into quotation marks",
  ],
  MULTILINE_IMPLICIT_KEY: ["a line is neither a key nor a value"],
  BAD_SCALAR_START: ["a value begins with a character of YAML's own", "put it into quotation marks"],
  BAD_DQ_ESCAPE: ["a backslash within double quotation marks means nothing", "use single ones"],
  UNEXPECTED_TOKEN: ["something stands behind what is complete already", "begin each document with a line ---"],
  RESOURCE_EXHAUSTION: ["it is nested more deeply than any manifest"],
};
const HELM = /\{\{/;
const SUBSTITUTION = /\$\{[^}]*\}/;
/** A reference in an Antfly object, as JSON. */
const SUBSTITUTED_REFERENCE = /"(name|serviceAccountName)":"[^"]*\$\{[^"}]*\}/;

/**
 * Takes a YAML or JSON file apart, as kubectl does: at the lines that begin with `---`, whatever is in between, so that a
 * broken document is a problem with its place and the others are still read. Templates are no YAML yet: they are named
 * and passed over.
 */
export function parseManifests(file: string, text: string): ParsedFile {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) lines.addNewLine(i + 1);
  const documents: ManifestDocument[] = [];
  const problems: InputProblem[] = [];
  const templates = new Set<"helm" | "substitution">();
  for (const base of startsOf(text)) {
    const spanAt = (offset: number): FileSpan => {
      const { line, col } = lines.linePos(Math.max(0, Math.min(base.start + offset, text.length)));
      return { file, line: Math.max(1, line), column: Math.max(1, col) };
    };
    const part = text.slice(base.start, base.end);
    const parsed = parseAllDocuments(part, { prettyErrors: false, logLevel: "silent", merge: true });
    for (const document of Array.isArray(parsed) ? (parsed as Document.Parsed[]) : []) {
      const [start, , end] = document.range;
      const source = part.slice(start, end);
      const broken = document.errors[0];
      if (HELM.test(source) && (broken !== undefined || hasMappingAsKey(document))) {
        templates.add("helm");
        continue;
      }
      const problem =
        broken === undefined ? aliasProblem(document, spanAt) : brokenDocument(spanAt(broken.pos[0]), broken.code);
      if (problem !== undefined) {
        problems.push(problem);
        continue;
      }
      const objects = objectsIn(document.toJS({ maxAliasCount: -1 }), "");
      const template = objects.map(({ object }) => templateOf(object)).find((kind) => kind !== undefined);
      if (template !== undefined) {
        templates.add(template);
        continue;
      }
      for (const found of objects) problems.push(...unquotedStrings(document, found, spanAt));
      for (const { object, path } of objects)
        documents.push({ object, file, text, start: base.start + start, end: base.start + end, root: path });
    }
  }
  for (const template of templates) problems.push(passedOver(template, { file, line: 1, column: 1 }));
  return { documents, problems };
}

/** Where documents begin and end. What stands before the first one, comments and directives, belongs to it. */
function startsOf(text: string): { start: number; end: number }[] {
  const starts = [...text.matchAll(/^---(?=[ \t\r\n]|$)/gm)].map(({ index }) => index);
  const before = text.slice(0, starts[0] ?? text.length);
  const isPreamble = before.split("\n").every((line) => /^\s*([#%].*)?$/.test(line));
  const all = isPreamble ? [0, ...starts.slice(1)] : [0, ...starts];
  return all.map((start, i) => ({ start, end: all[i + 1] ?? text.length }));
}

function brokenDocument(place: FileSpan, code: string): InputProblem {
  if (code === "DUPLICATE_KEY")
    return fileProblem("input.duplicate-key", "error", place, "sets a key twice", "keep one of them");
  const [what, fix] = BROKEN[code] ?? [code];
  return fileProblem("input.not-yaml", "error", place, `is not valid YAML: ${what}`, fix);
}

/** Aliases that lead nowhere, into themselves, or to more than there is room for. */
function aliasProblem(document: Document.Parsed, spanAt: (offset: number) => FileSpan): InputProblem | undefined {
  const anchors = new Map<string, unknown>();
  const found: InputProblem[] = [];
  let aliases = 0;
  visit(document, {
    Node: (_, node, path) => {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.set(node.anchor, node);
        return undefined;
      }
      aliases += 1;
      const place = spanAt(node.range?.[0] ?? 0);
      const target = anchors.get(node.source);
      // Its name is not told: a value that begins with * by chance may be a secret.
      if (target === undefined) {
        const what = "is not valid YAML: a value begins with *, and names nothing that stands before it";
        found.push(fileProblem("input.not-yaml", "error", place, what, "put it into quotation marks"));
      } else if ((path as readonly unknown[]).includes(target)) {
        const what = "has an alias within what it stands for";
        found.push(fileProblem("input.alias-bomb", "error", place, what, "write the repeated parts out"));
      }
      return found.length === 0 ? undefined : visit.BREAK;
    },
  });
  if (found.length > 0 || aliases === 0) return found[0];
  try {
    document.toJS({ maxAliasCount: ALIASES });
    return undefined;
  } catch {
    const what = "has more aliases than any manifest needs";
    return fileProblem("input.alias-bomb", "error", spanAt(document.range[0]), what, "write the repeated parts out");
  }
}

/** `name: {{ .Release.Name }}` is YAML by chance: a mapping whose key is a mapping. */
function hasMappingAsKey(document: Document.Parsed): boolean {
  let found = false;
  visit(document, {
    Pair: (_, { key }) => {
      found ||= isMap(key);
      return found ? visit.BREAK : undefined;
    },
  });
  return found;
}

/** An object whose very name, or the name of what it refers to, is put in later. */
function templateOf(object: KubeObject): "helm" | "substitution" | undefined {
  const { kind, name, namespace = "" } = refOf(object);
  const words = `${kind} ${name} ${namespace}`;
  // What stands in spec.config may have templates of its own.
  const { config: _, ...spec } = isMapping(object["spec"]) ? object["spec"] : {};
  const references = kind.startsWith("Antfly") ? JSON.stringify(spec) : "";
  if (HELM.test(words) || HELM.test(references)) return "helm";
  return SUBSTITUTION.test(words) || SUBSTITUTED_REFERENCE.test(references) ? "substitution" : undefined;
}

function passedOver(template: "helm" | "substitution", place: FileSpan): InputProblem {
  if (template === "helm") {
    const what = "holds Helm templates, which are no manifests yet: they were passed over";
    return fileProblem(
      "input.template",
      "warning",
      place,
      what,
      "helm template RELEASE CHART | antfly-creds validate -",
    );
  }
  const what = "holds names that are put in later (${…}): such objects were passed over";
  return fileProblem(
    "input.template",
    "warning",
    place,
    what,
    "judge what is rendered: envsubst < FILE | antfly-creds validate -",
  );
}

/** Values that must be strings and that kubectl makes something else of: `AWS_REGION: no`. The API server refuses them. */
function unquotedStrings(
  document: Document.Parsed,
  { object, path }: Found,
  spanAt: (offset: number) => FileSpan,
): InputProblem[] {
  const subject = refOf(object);
  const fields = subject.kind === "Secret" ? ["data", "stringData"] : subject.kind === "ConfigMap" ? ["data"] : [];
  return fields.flatMap((field) => {
    const node = resolved(document.getIn([...path.split("/").slice(1), field], true), document);
    return (isMap(node) ? node.items : []).flatMap(({ key, value }): InputProblem[] => {
      if (!isScalar(key) || !isScalar(value) || value.type !== Scalar.PLAIN || value.tag !== undefined) return [];
      if (!NO_STRING_TO_KUBECTL.test(value.source ?? "")) return [];
      return [
        {
          cause: "input.not-a-string",
          severity: "error",
          subject,
          message: `${field}.${String(key.value)} of ${describeRef(subject)} is no string to kubectl, which reads YAML 1.1: the API server refuses it`,
          location: spanAt(value.range?.[0] ?? 0),
          fix: "put the value into quotation marks",
        },
      ];
    });
  });
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
