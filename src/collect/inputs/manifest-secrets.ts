import type { Redactor } from "../../domain/redact.ts";
import { Sensitive } from "../../domain/sensitive.ts";
import { isPublicKey } from "../../domain/values/public-keys.ts";
import { KubeError, type KubeObject, type SecretObject } from "../../ports.ts";
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

/** The Secret that a SealedSecret becomes: the names that are sealed and those of its template, which adds to them. */
export function fromSealedSecret(object: KubeObject): SecretObject {
  const spec = isMapping(object["spec"]) ? object["spec"] : {};
  const template = isMapping(spec["template"]) ? spec["template"] : {};
  const names = [spec["encryptedData"], template["data"]].flatMap((field) =>
    Object.keys(isMapping(field) ? field : {}),
  );
  return namesOnly(object, [...new Set(names)]);
}

/**
 * The Secret that an ExternalSecret becomes: the names that it maps and those of its template.
 * @throws KubeError not-given when it takes all that the store has (`dataFrom`), or its template lies elsewhere
 */
export function fromExternalSecret(object: KubeObject, name: string): SecretObject {
  const spec = isMapping(object["spec"]) ? object["spec"] : {};
  if (Array.isArray(spec["dataFrom"]) && spec["dataFrom"].length > 0) {
    throw new KubeError("not-given", `which keys ExternalSecret ${name} brings is known to its store alone (dataFrom)`);
  }
  const data: readonly unknown[] = Array.isArray(spec["data"]) ? spec["data"] : [];
  const mapped = data.flatMap((item) =>
    isMapping(item) && typeof item["secretKey"] === "string" ? item["secretKey"] : [],
  );
  const target = isMapping(spec["target"]) ? spec["target"] : {};
  const template = isMapping(target["template"]) ? target["template"] : {};
  if (Array.isArray(template["templateFrom"]) && template["templateFrom"].length > 0) {
    const where = "stands in the template that it names (templateFrom)";
    throw new KubeError("not-given", `which keys ExternalSecret ${name} brings ${where}`);
  }
  const templated = Object.keys(isMapping(template["data"]) ? template["data"] : {});
  // With a template and no merge policy the template alone decides.
  const merged = templated.length > 0 && template["mergePolicy"] !== "Merge" ? templated : [...mapped, ...templated];
  return namesOnly(object, [...new Set(merged)]);
}

/** Name of the Secret that an ExternalSecret or SealedSecret makes. */
export function targetName(object: KubeObject): string | undefined {
  const spec = isMapping(object["spec"]) ? object["spec"] : {};
  const target = isMapping(spec["target"]) ? spec["target"] : {};
  const metadata = isMapping(object["metadata"]) ? object["metadata"] : {};
  const name = object["kind"] === "ExternalSecret" ? (target["name"] ?? metadata["name"]) : metadata["name"];
  return typeof name === "string" ? name : undefined;
}

/** Its controller will own it, as `ownerReferences` show on the cluster; labels of the maker are the maker's own. */
function namesOnly(object: KubeObject, sealed: readonly string[]): SecretObject {
  const { name, namespace } = isMapping(object["metadata"]) ? object["metadata"] : {};
  const ownerReferences = [{ kind: object["kind"], name }];
  const metadata = { name: targetName(object), namespace, ownerReferences };
  return { metadata, type: "Opaque", immutable: false, data: {}, sealed, inFile: true };
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
