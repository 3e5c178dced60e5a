import type { AnyObject } from "../follow.ts";
import { badRequest, invalid, type Cause } from "./errors.ts";
import { isMap } from "./fields.ts";
import type { Kind } from "./kinds.ts";

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const DATA_KEY = /^[-._a-zA-Z0-9]+$/;
const LARGEST_SECRET = 1024 * 1024;

/** Refuses what the API server would refuse, for the kinds that matter here. Returns the object as it will be stored. */
export function validated(kind: Kind, object: AnyObject, before: AnyObject | undefined): AnyObject {
  const name: string = object.metadata?.name ?? "";
  if (kind.group !== "rbac.authorization.k8s.io" && !SUBDOMAIN.test(name)) {
    throw invalid(kind, name, [
      { reason: "FieldValueInvalid", message: `Invalid value: "${name}": ${SUBDOMAIN_TEXT}`, field: "metadata.name" },
    ]);
  }
  if (kind.resource === "secrets" && kind.group === "") return validSecret(kind, object, before);
  if (kind.schema === undefined) return object;
  const causes: Cause[] = [];
  const pruned = structural(object, kind.schema, "", causes, true);
  if (causes.length > 0) throw invalid(kind, name, causes);
  return pruned;
}

function validSecret(kind: Kind, object: AnyObject, before: AnyObject | undefined): AnyObject {
  const { stringData, ...secret } = object;
  const data: Record<string, string> = { ...secret.data };
  for (const [key, value] of Object.entries<string>(stringData ?? {}))
    data[key] = Buffer.from(value, "utf8").toString("base64");
  let size = 0;
  for (const [key, value] of Object.entries(data)) {
    const offset = badBase64At(value);
    if (offset !== undefined)
      throw badRequest(
        `Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte ${offset}`,
      );
    if (!DATA_KEY.test(key)) {
      const text =
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
      throw invalid(kind, secret.metadata.name, [
        { reason: "FieldValueInvalid", message: `Invalid value: "${key}": ${text}`, field: `data[${key}]` },
      ]);
    }
    size += Buffer.from(value, "base64").length;
  }
  if (size > LARGEST_SECRET) {
    throw invalid(kind, secret.metadata.name, [
      { reason: "FieldValueTooLong", message: "Too long: may not be more than 1048576 bytes", field: "data" },
    ]);
  }
  const stored: AnyObject = {
    ...secret,
    ...(Object.keys(data).length > 0 || secret.data !== undefined ? { data } : {}),
    type: secret.type ?? "Opaque",
  };
  if (before !== undefined) assertMutable(kind, stored, before);
  return stored;
}

function assertMutable(kind: Kind, secret: AnyObject, before: AnyObject): void {
  const causes: Cause[] = [];
  if (secret.type !== before.type) {
    causes.push({
      reason: "FieldValueInvalid",
      message: `Invalid value: "${secret.type}": field is immutable`,
      field: "type",
    });
  }
  if (before.immutable === true) {
    if (JSON.stringify(secret.data ?? {}) !== JSON.stringify(before.data ?? {})) {
      causes.push({
        reason: "FieldValueForbidden",
        message: "Forbidden: field is immutable when `immutable` is set",
        field: "data",
      });
    }
    if (secret.immutable !== true) {
      causes.push({
        reason: "FieldValueForbidden",
        message: "Forbidden: field is immutable when `immutable` is set",
        field: "immutable",
      });
    }
  }
  if (causes.length > 0) throw invalid(kind, secret.metadata.name, causes);
}

/** Where Go's decoder would stop. */
function badBase64At(text: string): number | undefined {
  const bad = /[^A-Za-z0-9+/=\r\n]/.exec(text)?.index;
  if (bad !== undefined) return bad;
  const clean = text.replace(/[\r\n]/g, "");
  return clean.length % 4 === 0 ? undefined : clean.length - (clean.length % 4);
}

/** Prunes unknown fields, fills defaults and collects what does not fit a structural schema. */
function structural(value: AnyObject, schema: AnyObject, path: string, causes: Cause[], root = false): AnyObject {
  const field = path === "" ? "<nil>" : path;
  if (schema.type === "object") {
    if (!isMap(value)) return wrongType(value, "object", field, causes);
    const result: AnyObject = {};
    for (const name of schema.required ?? []) {
      if (value[name] === undefined)
        causes.push({
          reason: "FieldValueRequired",
          message: "Required value",
          field: path === "" ? name : `${path}.${name}`,
        });
    }
    for (const [name, part] of Object.entries(value)) {
      const known = schema.properties?.[name] ?? schema.additionalProperties;
      if (root && (name === "metadata" || name === "apiVersion" || name === "kind")) result[name] = part;
      else if (isMap(known) && Object.keys(known).length > 0 && part !== null)
        result[name] = structural(part, known, path === "" ? name : `${path}.${name}`, causes);
      else if (schema["x-kubernetes-preserve-unknown-fields"] === true) result[name] = part;
    }
    for (const [name, known] of Object.entries<AnyObject>(schema.properties ?? {})) {
      if (result[name] === undefined && known.default !== undefined) result[name] = structuredClone(known.default);
    }
    return result;
  }
  if (schema.type === "array") {
    if (!Array.isArray(value)) return wrongType(value, "array", field, causes);
    return value.map((item, i) => structural(item, schema.items ?? {}, `${path}[${i}]`, causes));
  }
  if (schema.type === "string") {
    if (typeof value !== "string") return wrongType(value, "string", field, causes);
    if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)) {
      causes.push({
        reason: "FieldValueInvalid",
        message: `Invalid value: "${value}": ${field} in body should match '${schema.pattern}'`,
        field,
      });
    }
    if (schema.enum !== undefined && !schema.enum.includes(value)) {
      const supported = schema.enum.map((item: string) => `"${item}"`).join(", ");
      causes.push({
        reason: "FieldValueNotSupported",
        message: `Unsupported value: "${value}": supported values: ${supported}`,
        field,
      });
    }
  }
  if (schema.type === "integer" && !Number.isInteger(value)) return wrongType(value, "integer", field, causes);
  if (schema.type === "boolean" && typeof value !== "boolean") return wrongType(value, "boolean", field, causes);
  return value;
}

function wrongType(value: AnyObject, wanted: string, field: string, causes: Cause[]): AnyObject {
  const type = Array.isArray(value)
    ? "array"
    : value === null
      ? "null"
      : typeof value === "number"
        ? Number.isInteger(value)
          ? "integer"
          : "number"
        : typeof value;
  causes.push({
    reason: "FieldValueTypeInvalid",
    message: `Invalid value: "${type}": ${field} in body must be of type ${wanted}: "${type}"`,
    field,
  });
  return value;
}
