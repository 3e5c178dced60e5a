import { isObjectName, isNamespaceName } from "../../domain/names.ts";
import type { Severity } from "../../domain/finding.ts";
import { describeRef } from "../../domain/finding.ts";
import type { InputProblem } from "../../domain/inputs.ts";
import { nearest } from "../../domain/text.ts";
import { parseBackup } from "../objects/backup.ts";
import { parseCluster } from "../objects/cluster.ts";
import { mismatchOf } from "../objects/schemas.ts";
import { isMapping, refOf, type ManifestDocument } from "./documents.ts";
import { locate } from "./locate.ts";

/** The API version of each kind that is judged. */
const VERSIONS: Readonly<Record<string, string>> = {
  AntflyCluster: "antfly.io/v1",
  AntflyBackup: "antfly.io/v1",
  AntflyRestore: "antfly.io/v1",
  Secret: "v1",
  ConfigMap: "v1",
};
/** Without these the API server refuses an AntflyCluster (its CRD, `required`); a patch has only some. */
const REQUIRED_FIELDS = ["image", "config", "storage"];
const ENV_FROM_FIELDS = ["prefix", "secretRef", "configMapRef"];

/** What is wrong with an object as such: what the API server would refuse or drop without a word. */
export function objectProblems(document: ManifestDocument): InputProblem[] {
  const { object } = document;
  const kind = String(object["kind"]);
  const wanted = VERSIONS[kind];
  if (wanted === undefined) return [];
  const subject = refOf(object);
  const problem = (cause: string, severity: Severity, path: string, message: string, fix?: string): InputProblem => ({
    cause,
    severity,
    subject,
    message,
    location: locate(document, path),
    fix,
  });
  const { apiVersion } = object;
  if (isForeign(kind, apiVersion)) return [];
  const found: InputProblem[] = [];
  if (apiVersion !== wanted) {
    const has = apiVersion === undefined ? "has no apiVersion" : `has apiVersion ${JSON.stringify(apiVersion)}`;
    const message = `${describeRef(subject)} ${has}; the API server takes ${wanted}`;
    found.push(problem("input.api-version", "error", "/apiVersion", message, `apiVersion: ${wanted}`));
  }
  return [...found, ...contentProblems(document, problem)];
}

type Tell = (cause: string, severity: Severity, path: string, message: string, fix?: string) => InputProblem;

function contentProblems(document: ManifestDocument, problem: Tell): InputProblem[] {
  const { object } = document;
  const subject = refOf(object);
  const { kind } = subject;
  if (!isObjectName(subject.name)) {
    const message = `${kind} ${subject.name === "" ? "has no name" : `"${subject.name}" has a name that the API server refuses`}`;
    return [
      problem("input.bad-name", "error", "/metadata/name", message, "lower-case letters, digits, dashes and dots"),
    ];
  }
  if (subject.namespace !== undefined && !isNamespaceName(subject.namespace)) {
    const message = `${describeRef(subject)} names a namespace that cannot be`;
    return [problem("input.bad-name", "error", "/metadata/namespace", message)];
  }
  if (kind === "Secret" || kind === "ConfigMap") return dataProblems(document, problem);
  try {
    if (kind === "AntflyCluster") parseCluster(object);
    else if (kind === "AntflyBackup" || kind === "AntflyRestore") parseBackup(object, kind);
  } catch (error) {
    const mismatch = mismatchOf(error);
    if (mismatch === undefined) throw error;
    const place = mismatch.path.slice(1).replaceAll("/", ".") || "it";
    const message = `${describeRef(subject)}: ${place} is not as the CRD wants it: ${mismatch.reason}`;
    return [problem("input.malformed-object", "error", mismatch.path, message)];
  }
  return kind === "AntflyCluster" ? clusterProblems(document, problem) : [];
}

/** Another product's kind of the same name. */
function isForeign(kind: string, apiVersion: unknown): boolean {
  if (typeof apiVersion !== "string") return false;
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
  if (kind === "Secret" || kind === "ConfigMap") return group !== "" && group !== "core";
  return nearest(group ?? "", ["antfly.io"]) === undefined && !(group ?? "").includes("antfly");
}

function dataProblems({ object }: ManifestDocument, problem: Tell): InputProblem[] {
  const subject = refOf(object);
  const fields = subject.kind === "Secret" ? ["data", "stringData"] : ["data"];
  return fields.flatMap((field) => {
    const values = object[field];
    if (values === undefined || values === null) return [];
    if (!isMapping(values)) {
      const message = `${field} of ${describeRef(subject)} is no mapping of names to values`;
      return [problem("input.malformed-object", "error", `/${field}`, message)];
    }
    return Object.entries(values).flatMap(([key, value]) => {
      // What YAML 1.1 makes of a plain word is told where the file is read.
      if (typeof value === "string" || !isMapping(value) === !Array.isArray(value)) return [];
      const message = `${field}.${key} of ${describeRef(subject)} is no string`;
      return [
        problem("input.not-a-string", "error", `/${field}/${key}`, message, "put the value into quotation marks"),
      ];
    });
  });
}

function clusterProblems({ object }: ManifestDocument, problem: Tell): InputProblem[] {
  const spec = isMapping(object["spec"]) ? object["spec"] : {};
  const subject = refOf(object);
  const found: InputProblem[] = [];
  const missing = REQUIRED_FIELDS.filter((field) => spec[field] === undefined);
  if (missing.length > 0) {
    const message = `${describeRef(subject)} has no spec.${missing.join(", spec.")}: the API server refuses it, unless it is a patch`;
    const fix = "judge what is rendered: kubectl kustomize DIR | antfly-creds validate -";
    found.push(problem("input.incomplete", "warning", "/spec", message, fix));
  }
  for (const field of ["metadataNodes", "dataNodes", "swarm", "standalone"]) {
    const nodes = spec[field];
    if (!isMapping(nodes)) continue;
    for (const key of Object.keys(nodes)) {
      if (key !== "envFrom" && nearest(key, ["envFrom"]) !== undefined)
        found.push(unknownField(`spec.${field}.${key}`, `/spec/${field}/${key}`, "envFrom", problem));
    }
    const list: readonly unknown[] = Array.isArray(nodes["envFrom"]) ? nodes["envFrom"] : [];
    for (const [i, entry] of list.entries()) {
      for (const key of isMapping(entry) ? Object.keys(entry) : []) {
        if (ENV_FROM_FIELDS.includes(key)) continue;
        const place = `spec.${field}.envFrom[${i}].${key}`;
        found.push(unknownField(place, `/spec/${field}/envFrom/${i}/${key}`, nearest(key, ENV_FROM_FIELDS), problem));
      }
    }
  }
  return found;
}

function unknownField(place: string, path: string, near: string | undefined, problem: Tell): InputProblem {
  const message = `${place} is no field of an AntflyCluster; the API server drops it`;
  return problem(
    "input.unknown-field",
    "error",
    path,
    message,
    near === undefined ? undefined : `did you mean ${near}?`,
  );
}
