import { KubeError, type KubeObject, type SecretObject } from "../../ports.ts";
import { isMapping } from "./documents.ts";

/** Kinds whose controllers make Secrets, the more exact ones first. */
export const MAKERS = ["ExternalSecret", "SealedSecret", "SecretProviderClass", "ClusterExternalSecret"] as const;

/** Whether the controller of this object makes, or may make, the Secret of this name in this namespace. */
export function makes(object: KubeObject, namespace: string, name: string): boolean {
  const spec = mapping(object["spec"]);
  switch (object["kind"]) {
    case "SecretProviderClass":
      return secretObjects(object).some((one) => one["secretName"] === name);
    case "ClusterExternalSecret":
      return (
        targetOf(clusterSpec(object), spec["externalSecretName"] ?? nameOf(object)) === name && reaches(spec, namespace)
      );
    case "ExternalSecret": {
      const { creationPolicy } = mapping(spec["target"]);
      // What merges needs a Secret that somebody else makes.
      return creationPolicy !== "None" && creationPolicy !== "Merge" && targetOf(spec, nameOf(object)) === name;
    }
    default:
      return nameOf(object) === name;
  }
}

/**
 * The Secret that it makes, by the names of its keys.
 * @throws KubeError not-given where these are known to somebody else alone
 */
export function madeSecret(object: KubeObject, namespace: string, name: string): SecretObject {
  switch (object["kind"]) {
    case "SealedSecret":
      return fromSealedSecret(object);
    case "SecretProviderClass":
      return fromProviderClass(object, namespace, name);
    case "ClusterExternalSecret":
      return fromClusterExternalSecret(object, namespace, name);
    default:
      return named(
        "ExternalSecret",
        nameOf(object),
        namespace,
        name,
        keysOf(mapping(object["spec"]), `ExternalSecret ${nameOf(object)}`),
      );
  }
}

/** The names that are sealed and those of its template, which adds to them. */
function fromSealedSecret(object: KubeObject): SecretObject {
  const spec = mapping(object["spec"]);
  const template = mapping(spec["template"]);
  const keys = [spec["encryptedData"], template["data"]].flatMap((field) => Object.keys(mapping(field)));
  const { name, namespace } = mapping(object["metadata"]);
  return named("SealedSecret", String(name), String(namespace), String(name), keys);
}

/**
 * The names that it maps and those of its template.
 * @throws KubeError not-given when it takes all that the store has (`dataFrom`), or its template lies elsewhere
 */
function keysOf(spec: KubeObject, who: string): string[] {
  const template = mapping(mapping(spec["target"])["template"]);
  if (isFilled(template["templateFrom"])) {
    const where = "stands in the template that it names (templateFrom)";
    throw new KubeError("not-given", `which keys ${who} brings ${where}`);
  }
  const templated = Object.keys(mapping(template["data"]));
  // With a template and no merge policy the template alone decides.
  if (templated.length > 0 && template["mergePolicy"] !== "Merge") return templated;
  if (isFilled(spec["dataFrom"]))
    throw new KubeError("not-given", `which keys ${who} brings is known to its store alone (dataFrom)`);
  return [
    ...list(spec["data"]).flatMap(({ secretKey }) => (typeof secretKey === "string" ? secretKey : [])),
    ...templated,
  ];
}

/** One ExternalSecret a namespace; those that it reaches by their labels are not told in files. */
function fromClusterExternalSecret(object: KubeObject, namespace: string, name: string): SecretObject {
  const spec = mapping(object["spec"]);
  const who = `ClusterExternalSecret ${nameOf(object)}`;
  const { namespaces } = spec;
  if (!Array.isArray(namespaces) || !namespaces.includes(namespace))
    throw new KubeError(
      "not-given",
      `${who} makes Secret ${name} in namespaces with certain labels, which files do not show`,
    );
  const own = typeof spec["externalSecretName"] === "string" ? spec["externalSecretName"] : nameOf(object);
  return named("ExternalSecret", own, namespace, name, keysOf(clusterSpec(object), who));
}

/** The Secrets Store CSI driver makes it when a pod mounts the class, with the keys that it maps. */
function fromProviderClass(object: KubeObject, namespace: string, name: string): SecretObject {
  const made = secretObjects(object).find((one) => one["secretName"] === name);
  const keys = list(made?.["data"]).flatMap(({ key }) => (typeof key === "string" ? key : []));
  return named("SecretProviderClass", nameOf(object), namespace, name, keys);
}

function clusterSpec(object: KubeObject): KubeObject {
  return mapping(mapping(object["spec"])["externalSecretSpec"]);
}

/** By name, by labels, or by either of the older and the newer field for these. */
function reaches({ namespaces, namespaceSelector, namespaceSelectors }: KubeObject, namespace: string): boolean {
  if (Array.isArray(namespaces) && namespaces.includes(namespace)) return true;
  return isMapping(namespaceSelector) || isFilled(namespaceSelectors);
}

function targetOf(spec: KubeObject, otherwise: unknown): unknown {
  const { name } = mapping(spec["target"]);
  return typeof name === "string" && name !== "" ? name : otherwise;
}

function secretObjects(object: KubeObject): KubeObject[] {
  return list(mapping(object["spec"])["secretObjects"]);
}

/** Its controller will own it, as `ownerReferences` show on the cluster; labels of the maker are the maker's own. */
function named(kind: string, maker: string, namespace: string, name: string, keys: readonly string[]): SecretObject {
  const metadata = { name, namespace, ownerReferences: [{ kind, name: maker }] };
  return { metadata, type: "Opaque", immutable: false, data: {}, sealed: [...new Set(keys)], inFile: true };
}

function nameOf(object: KubeObject): string {
  const { name } = mapping(object["metadata"]);
  return typeof name === "string" ? name : "";
}

function mapping(value: unknown): KubeObject {
  return isMapping(value) ? value : {};
}

function list(value: unknown): KubeObject[] {
  return (Array.isArray(value) ? value : []).filter(isMapping);
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
