import { sentenceList } from "../text.ts";
import type { Clues } from "./clues.ts";
import { nameAt } from "./conceal.ts";

/** How `because` names things: by the names in the text, or in general. */

export function theSecret({ secrets }: Clues): string {
  if (secrets.length === 0) return "a Secret";
  return `${secrets.length === 1 ? "Secret" : "Secrets"} ${sentenceList(secrets)}`;
}

/** ` in namespace production`, or nothing. */
export function inNamespace({ namespace }: Clues): string {
  return namespace === undefined ? "" : ` in namespace ${namespace}`;
}

export function theRole({ role }: Clues): string {
  return role === undefined ? "the role" : `role ${role.arn}`;
}

export function theCaller({ caller }: Clues): string {
  if (caller === undefined) return "the caller";
  return caller.kind === "user" ? `user ${caller.arn}` : caller.kind === "root" ? caller.arn : `role ${caller.name}`;
}

export function theBucket({ bucket }: Clues): string {
  return bucket === undefined ? "the bucket" : `bucket ${bucket}`;
}

export function theAccount({ serviceAccount, namespace }: Clues): string {
  if (serviceAccount === undefined) return "the ServiceAccount";
  return `ServiceAccount ${namespace === undefined ? "" : `${namespace}/`}${serviceAccount}`;
}

export function theKey({ keyId }: Clues): string {
  return keyId?.shown === undefined ? "the access key id" : `access key id ${keyId.shown}`;
}

export function theEmail({ email }: Clues): string {
  return email === undefined ? "the Google service account" : `Google service account ${email}`;
}

export function theStore({ store, storeKind }: Clues): string {
  return store === undefined ? "the store" : `${storeKind} ${store}`;
}

export function theHost({ unreached }: Clues): string {
  if (unreached === undefined) return "the host";
  const host = unreached.host.includes(":") ? `[${unreached.host}]` : unreached.host;
  return unreached.port === undefined ? host : `${host}:${unreached.port}`;
}

/** What happened at the host: `minio.storage.svc:9000 refused the connection`. */
export function whatHappened(clues: Clues): string {
  const told = {
    name: "was not found",
    refused: "refused the connection",
    timeout: "did not answer",
    unsaid: "could not be connected to",
  };
  return `${theHost(clues)} ${told[clues.unreached?.how ?? "timeout"]}`;
}

export function theAction({ action }: Clues): string {
  return action ?? "the request";
}

/** Whom the API server refused what: `User "ci" cannot get resource "secrets"`. */
export interface Refusal {
  readonly user: string;
  readonly verb: string;
  readonly resource: string;
  /** Flags of kubectl for where it was refused. */
  readonly where: readonly string[];
}

export function refusal({ flat, namespace }: Clues): Refusal {
  const match = /User "([^"]{1,300})" cannot ([a-z]{3,20}) resource "([a-z/]{1,60})"/i.exec(flat);
  const within = namespace === undefined ? [] : ["-n", namespace];
  return {
    user: nameAt(flat, match) ?? "USER",
    verb: match?.[2] ?? "get",
    resource: match?.[3] ?? "secrets",
    where: /at the cluster scope/i.test(flat) ? ["-A"] : within,
  };
}
