import { EXTERNAL_SECRETS_GROUP } from "../../domain/external-secrets-facts.ts";
import { describeRef, type Ref } from "../../domain/finding.ts";
import type { InputProblem } from "../../domain/inputs.ts";
import { parseExternalSecret } from "../objects/external-secret.ts";
import { mismatchOf } from "../objects/schemas.ts";
import { parseSecretStore } from "../objects/secret-store.ts";
import { refOf, type ManifestDocument } from "./documents.ts";
import { locate } from "./locate.ts";

/** What of External Secrets is read, and how. */
const READ: Readonly<Record<string, (object: ManifestDocument["object"]) => unknown>> = {
  ExternalSecret: parseExternalSecret,
  SecretStore: (object) => parseSecretStore(object, "SecretStore", ""),
  ClusterSecretStore: (object) => parseSecretStore(object, "ClusterSecretStore", ""),
};

/** An object of External Secrets whose shape the API server would refuse: it cannot be judged. */
export function syncProblems(document: ManifestDocument): InputProblem[] {
  const { object } = document;
  const subject = refOf(object);
  const { apiVersion } = object;
  const read = READ[subject.kind];
  const isTheirs = typeof apiVersion === "string" && apiVersion.startsWith(`${EXTERNAL_SECRETS_GROUP}/`);
  if (read === undefined || !isTheirs || subject.name === "") return [];
  try {
    read(object);
    return [];
  } catch (error) {
    const mismatch = mismatchOf(error);
    if (mismatch === undefined) throw error;
    return [problemOf(document, subject, mismatch.path, mismatch.reason)];
  }
}

function problemOf(document: ManifestDocument, subject: Ref, path: string, reason: string): InputProblem {
  const field = path
    .replaceAll(/\/(\d+)(?=\/|$)/g, "[$1]")
    .replaceAll("/", ".")
    .slice(1);
  const message = `${field} of ${describeRef(subject)} is not as the API server wants it (${reason})`;
  const location = locate(document, path);
  return { cause: "input.malformed-object", severity: "error", subject, message, location, fix: undefined };
}
