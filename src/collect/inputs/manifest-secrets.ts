import type { Redactor } from "../../domain/redact.ts";
import { Sensitive } from "../../domain/sensitive.ts";
import { isPublicKey } from "../../domain/values/public-keys.ts";
import type { KubeObject, SecretObject } from "../../ports.ts";
import { isMapping } from "./documents.ts";

/** SOPS encrypts each value in place; the names stay. */
const SOPS_VALUE = /^ENC\[AES256_GCM,/;

/**
 * A Secret as the API server would store it: `stringData` is written over `data`. Values are watched by the redactor from
 * here on.
 */
export function secretOf(object: KubeObject, redactor: Redactor): SecretObject {
  const values: Record<string, Sensitive> = {};
  const sealed: string[] = [];
  const undecodable: string[] = [];
  const keep = (key: string, bytes: Uint8Array): void => {
    const secret = new Sensitive(bytes);
    if (!isPublicKey(key)) redactor.watch(secret);
    values[key] = secret;
  };
  for (const [key, text] of Object.entries(textsOf(object["data"]))) {
    // Line ends may stand in base64, as in Go's decoder; blanks may not.
    const encoded = text.replace(/[\r\n]/g, "");
    if (SOPS_VALUE.test(text)) sealed.push(key);
    else if (encoded.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(encoded))
      keep(key, Buffer.from(encoded, "base64"));
    else {
      undecodable.push(key);
      keep(key, Buffer.from(text, "utf8"));
    }
  }
  for (const [key, text] of Object.entries(textsOf(object["stringData"]))) {
    if (SOPS_VALUE.test(text)) sealed.push(key);
    else keep(key, Buffer.from(text, "utf8"));
  }
  return {
    metadata: isMapping(object["metadata"]) ? object["metadata"] : {},
    type: typeof object["type"] === "string" ? object["type"] : "Opaque",
    immutable: object["immutable"] === true,
    data: values,
    sealed,
    undecodable: undecodable.filter((key) => !(key in textsOf(object["stringData"]))),
    inFile: true,
  };
}

function textsOf(field: unknown): Readonly<Record<string, string>> {
  if (!isMapping(field)) return {};
  const entries = Object.entries(field).flatMap(([key, value]) => {
    if (typeof value === "string") return [[key, value] as const];
    // The API server would refuse it; that is told where the file is read.
    return value === null ? [[key, ""] as const] : [[key, JSON.stringify(value)] as const];
  });
  return Object.fromEntries(entries);
}
