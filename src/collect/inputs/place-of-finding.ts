import type { Evidence, FileSpan, Finding } from "../../domain/finding.ts";
import { isMapping, type ManifestDocument } from "./documents.ts";
import type { FilesReader } from "./files-reader.ts";
import { locate } from "./locate.ts";
import type { Inputs } from "./read-inputs.ts";

/**
 * Where a finding stands in the files: its first evidence that points into one of them, else the object that it is about.
 * Undefined when nothing of it is written there.
 */
export function placeOfFinding(found: Finding, reader: FilesReader, inputs: Inputs): FileSpan | undefined {
  if (found.location !== undefined) return found.location;
  if (found.subject.kind === "File") return placeInFile(found, inputs);
  for (const { path, of } of found.evidence) {
    const document = path === undefined ? undefined : reader.documentOf(of ?? found.subject);
    if (document !== undefined && path !== undefined) return locate(document, inText(document, path));
  }
  const document = reader.documentOf(found.subject);
  return document === undefined ? undefined : locate(document, "/metadata/name");
}

/** An env file has lines; a policy is a document. */
function placeInFile({ subject: { name: file }, evidence }: Finding, inputs: Inputs): FileSpan {
  const path = evidence.find((one: Evidence) => one.path !== undefined)?.path ?? "";
  const policy = inputs.policies.find(({ document }) => document.file === file);
  if (policy !== undefined) return locate(policy.document, path);
  const values = inputs.envFiles.find((one) => one.file === file)?.values;
  return { file, line: values?.get(path.replace(/^\/(data\/)?/, ""))?.line ?? 1, column: 1 };
}

/** What an object holds as `data` may be written as `stringData`. */
function inText({ object }: ManifestDocument, path: string): string {
  const key = /^\/data\/(.*)$/.exec(path)?.[1];
  const text = object["stringData"];
  return key !== undefined && isMapping(text) && key in text ? `/stringData/${key}` : path;
}
