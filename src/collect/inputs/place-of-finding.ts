import type { Evidence, FileSpan, Finding } from "../../domain/finding.ts";
import { isMapping, type ManifestDocument } from "./documents.ts";
import type { FilesReader } from "./files-reader.ts";
import { locate } from "./locate.ts";
import type { Inputs } from "./read-inputs.ts";

/** Where a finding stands in the files. */
export interface PlaceOfFinding {
  readonly location: FileSpan;
  /** It is the object that the finding is about, not one that refers to it. */
  readonly ofSubject: boolean;
}

/**
 * The first evidence of a finding that points into one of the files, else the object that it is about. Undefined when
 * nothing of it is written there.
 */
export function placeOfFinding(found: Finding, reader: FilesReader, inputs: Inputs): PlaceOfFinding | undefined {
  const own = reader.documentOf(found.subject);
  if (found.location !== undefined) return { location: found.location, ofSubject: true };
  if (found.subject.kind === "File") return { location: placeInFile(found, inputs), ofSubject: true };
  for (const { path, of } of found.evidence) {
    const document = path === undefined ? undefined : of === undefined ? own : reader.documentOf(of);
    if (document === undefined || path === undefined) continue;
    return { location: locate(document, inText(document, path)), ofSubject: document === own };
  }
  return own === undefined ? undefined : { location: locate(own, "/metadata/name"), ofSubject: true };
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
