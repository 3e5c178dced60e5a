import { isObjectName, isNamespaceName } from "../../domain/names.ts";
import { describeRef, type Ref, type Severity } from "../../domain/finding.ts";
import type { InputProblem } from "../../domain/inputs.ts";
import { editDistance, nearest, printable, sentenceList } from "../../domain/text.ts";
import { parseBackup } from "../objects/backup.ts";
import { parseCluster } from "../objects/cluster.ts";
import { mismatchOf, parseMetadata } from "../objects/schemas.ts";
import { isMapping, refOf, type ManifestDocument } from "./documents.ts";
import { locate } from "./locate.ts";
import { syncProblems } from "./sync-problems.ts";

/** The API version of each kind that is judged. */
const VERSIONS: Readonly<Record<string, string>> = {
  AntflyCluster: "antfly.io/v1",
  AntflyBackup: "antfly.io/v1",
  AntflyRestore: "antfly.io/v1",
  Secret: "v1",
  ConfigMap: "v1",
};
const ANTFLY_KINDS = new Set(["AntflyCluster", "AntflyBackup", "AntflyRestore"]);
/** Without these the API server refuses an AntflyCluster (its CRD, `required`); a patch has only some. */
const REQUIRED_FIELDS = ["image", "config", "storage"];
/** Fields of an AntflyCluster's spec over all generations (operator facts, 2.1). */
const SPEC_FIELDS = new Set([
  ...REQUIRED_FIELDS,
  "dataNodes",
  "eks",
  "gke",
  "highAvailability",
  "imagePullPolicy",
  "inference",
  "internalServiceAuth",
  "metadataNodes",
  "mode",
  "productTier",
  "publicAPI",
  "secretStore",
  "serviceAccountName",
  "serviceMesh",
  "standalone",
  "swarm",
  "termite",
]);
/** Those that bring credentials: a slip in one of them loses what it should bring. */
const TELLING_FIELDS = ["dataNodes", "metadataNodes", "secretStore", "serviceAccountName", "standalone", "swarm"];
const NODE_FIELDS = ["metadataNodes", "dataNodes", "swarm", "standalone"];
const COMMON_FIELDS = new Set(["apiVersion", "kind", "metadata"]);
const HOLDING_FIELDS: Readonly<Record<string, readonly string[]>> = {
  Secret: ["data", "stringData", "type", "immutable"],
  ConfigMap: ["data", "binaryData", "immutable"],
};
const ENV_FROM_FIELDS = ["prefix", "secretRef", "configMapRef"];
const PLACE_FIELDS = ["location", "credentialsSecret", "connection", "backupId"];

type Tell = (cause: string, severity: Severity, path: string, message: string, fix?: string) => InputProblem;

/** What is wrong with an object as such: what the API server would refuse or drop without a word. */
export function objectProblems(document: ManifestDocument): InputProblem[] {
  const { object } = document;
  const subject = refOf(object);
  const problem: Tell = (cause, severity, path, message, fix) => ({
    cause,
    severity,
    subject,
    message,
    location: locate(document, path),
    fix,
  });
  const { apiVersion } = object;
  const wanted = VERSIONS[subject.kind];
  if (wanted === undefined) return [...kindProblems(subject, apiVersion, problem), ...syncProblems(document)];
  if (isForeign(subject.kind, apiVersion)) return [];
  const found: InputProblem[] = [];
  if (apiVersion !== wanted) {
    const has = apiVersion === undefined ? "has no apiVersion" : `has apiVersion ${JSON.stringify(apiVersion)}`;
    const message = `${describeRef(subject)} ${has}; the API server takes ${wanted}`;
    found.push(problem("input.api-version", "error", "/apiVersion", message, `apiVersion: ${wanted}`));
  }
  return [...found, ...contentProblems(document, problem)];
}

/** A kind that is nearly one of those that are judged: nothing in it would be. */
function kindProblems(subject: Ref, apiVersion: unknown, problem: Tell): InputProblem[] {
  const kind = subject.kind.toLowerCase();
  if (typeof apiVersion !== "string") return [];
  const meant = Object.entries(VERSIONS).find(([one, version]) => {
    const name = one.toLowerCase();
    const near = version === "v1" ? [name, `${name}s`].includes(kind) : editDistance(kind, name) <= 2;
    return near && groupOf(apiVersion) === groupOf(version);
  })?.[0];
  if (meant === undefined) return [];
  const message = `${describeRef(subject)} is of no kind that the API server knows`;
  return [problem("input.api-version", "error", "/kind", message, `kind: ${meant}`)];
}

function contentProblems(document: ManifestDocument, problem: Tell): InputProblem[] {
  const { object } = document;
  const subject = refOf(object);
  const { kind } = subject;
  if (subject.name === "") {
    const { name, generateName } = isMapping(object["metadata"]) ? object["metadata"] : {};
    if (name !== undefined && name !== null && name !== "") {
      const message = `${kind} has a name that is no string`;
      return [problem("input.bad-name", "error", "/metadata/name", message, "put it into quotation marks")];
    }
    const has = generateName === undefined ? "no name" : "a generateName and no name: kubectl apply refuses it";
    return [problem("input.bad-name", "error", "/metadata/name", `${kind} has ${has}`, "set metadata.name")];
  }
  if (!isObjectName(subject.name)) {
    const message = `${kind} "${printable(subject.name)}" has a name that the API server refuses`;
    const fix = "lower-case letters, digits, dashes and dots, with a letter or digit at both ends";
    return [problem("input.bad-name", "error", "/metadata/name", message, fix)];
  }
  if (subject.namespace !== undefined && !isNamespaceName(subject.namespace)) {
    const message = `${kind} ${subject.name} names a namespace that cannot be: "${printable(subject.namespace)}"`;
    const fix = "lower-case letters, digits and dashes, with a letter or digit at both ends";
    return [problem("input.bad-name", "error", "/metadata/namespace", message, fix)];
  }
  try {
    parseMetadata(object["metadata"]);
  } catch (error) {
    return [mismatched(error, subject, problem, "/metadata")];
  }
  if (kind === "Secret" || kind === "ConfigMap") return dataProblems(document, problem);
  try {
    if (kind === "AntflyCluster") parseCluster(object);
    else if (kind === "AntflyBackup" || kind === "AntflyRestore") parseBackup(object, kind);
  } catch (error) {
    return [mismatched(error, subject, problem)];
  }
  return kind === "AntflyCluster" ? clusterProblems(document, problem) : backupProblems(document, problem);
}

/** @throws what is no mismatch */
function mismatched(error: unknown, subject: Ref, problem: Tell, above = ""): InputProblem {
  const mismatch = mismatchOf(error);
  if (mismatch === undefined) throw error;
  const path = above + mismatch.path;
  const place = fieldOf(path);
  const what = place === "" ? describeRef(subject) : `${place} of ${describeRef(subject)}`;
  const message = `${what} is not as the API server wants it (${mismatch.reason})`;
  const fix = path === "/spec/config" ? "spec.config is JSON in a string: config: '{\"storage\": {…}}'" : undefined;
  return problem("input.malformed-object", "error", path, message, fix);
}

/** `/spec/dataNodes/envFrom/0` as people write it: `spec.dataNodes.envFrom[0]`. */
function fieldOf(path: string): string {
  return path
    .replaceAll(/\/(\d+)(?=\/|$)/g, "[$1]")
    .replaceAll("/", ".")
    .replace(/^\./, "")
    .replaceAll("~1", "/")
    .replaceAll("~0", "~");
}

/** Another product's kind of the same name: groups without a dot are Kubernetes' own, and Antfly has its kinds for itself. */
function isForeign(kind: string, apiVersion: unknown): boolean {
  return !ANTFLY_KINDS.has(kind) && groupOf(apiVersion).includes(".");
}

function groupOf(apiVersion: unknown): string {
  return typeof apiVersion === "string" && apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
}

function dataProblems({ object }: ManifestDocument, problem: Tell): InputProblem[] {
  const subject = refOf(object);
  const known = HOLDING_FIELDS[subject.kind] ?? [];
  const misspelt = Object.keys(object).flatMap((key) => {
    const fix = known.includes(key) || COMMON_FIELDS.has(key) ? undefined : didYouMean(key, known);
    return fix === undefined ? [] : [unknownField(subject, `/${key}`, fix, problem)];
  });
  const wrong = ["data", "stringData"].flatMap((field) => {
    const values = object[field];
    if (values === undefined || values === null) return [];
    if (!isMapping(values)) {
      const message = `${field} of ${describeRef(subject)} is no mapping of names to values`;
      return [problem("input.malformed-object", "error", `/${field}`, message)];
    }
    return Object.entries(values).flatMap(([key, value]) => {
      // What kubectl makes of a plain word is told where the file is read.
      if (!isMapping(value) && !Array.isArray(value)) return [];
      const message = `${field}.${key} of ${describeRef(subject)} is no string`;
      const fix = "write it as one, for example as JSON in quotation marks";
      return [problem("input.not-a-string", "error", `/${field}/${key}`, message, fix)];
    });
  });
  return [...misspelt, ...wrong];
}

function clusterProblems({ object }: ManifestDocument, problem: Tell): InputProblem[] {
  const spec = isMapping(object["spec"]) ? object["spec"] : {};
  const subject = refOf(object);
  const found: InputProblem[] = [];
  const missing = REQUIRED_FIELDS.filter((field) => spec[field] === undefined);
  if (missing.length > 0) {
    const fields = sentenceList(missing.map((field) => `spec.${field}`));
    const message = `${describeRef(subject)} has no ${fields}: the API server refuses it, unless it is a patch`;
    const fix = "judge what is rendered: kubectl kustomize DIR | antfly-creds validate -";
    found.push(problem("input.incomplete", "warning", "/spec", message, fix));
  }
  for (const key of Object.keys(spec)) {
    if (SPEC_FIELDS.has(key)) continue;
    const fix = ["env", "envFrom"].includes(key)
      ? "envFrom stands below spec.metadataNodes and spec.dataNodes"
      : undefined;
    const near = nearest(key, TELLING_FIELDS);
    if (fix !== undefined || near !== undefined)
      found.push(unknownField(subject, `/spec/${key}`, fix ?? `did you mean ${near}?`, problem));
  }
  for (const field of NODE_FIELDS) {
    const nodes = spec[field];
    if (!isMapping(nodes)) continue;
    for (const key of Object.keys(nodes)) {
      const fix =
        key === "env"
          ? "put the variables into a Secret or ConfigMap, and name it under envFrom"
          : "did you mean envFrom?";
      if (key !== "envFrom" && (key === "env" || nearest(key, ["envFrom"]) !== undefined))
        found.push(unknownField(subject, `/spec/${field}/${key}`, fix, problem));
    }
    const list: readonly unknown[] = Array.isArray(nodes["envFrom"]) ? nodes["envFrom"] : [];
    for (const [i, entry] of list.entries()) {
      for (const key of isMapping(entry) ? Object.keys(entry) : []) {
        if (!ENV_FROM_FIELDS.includes(key))
          found.push(
            unknownField(subject, `/spec/${field}/envFrom/${i}/${key}`, didYouMean(key, ENV_FROM_FIELDS), problem),
          );
      }
    }
  }
  return found;
}

function backupProblems({ object }: ManifestDocument, problem: Tell): InputProblem[] {
  const spec = isMapping(object["spec"]) ? object["spec"] : {};
  return ["destination", "source"].flatMap((field) => {
    const place = spec[field];
    return Object.keys(isMapping(place) ? place : {}).flatMap((key) => {
      const fix = PLACE_FIELDS.includes(key) ? undefined : didYouMean(key, PLACE_FIELDS);
      return fix === undefined ? [] : [unknownField(refOf(object), `/spec/${field}/${key}`, fix, problem)];
    });
  });
}

function didYouMean(key: string, fields: readonly string[]): string | undefined {
  const near = nearest(key, fields);
  return near === undefined ? undefined : `did you mean ${near}?`;
}

function unknownField(subject: Ref, path: string, fix: string | undefined, problem: Tell): InputProblem {
  const message = `${fieldOf(path)} of ${describeRef(subject)} is no field of its kind: the API server drops it, or refuses the object`;
  return problem("input.unknown-field", "error", path, message, fix);
}
