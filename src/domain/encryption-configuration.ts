/** A place in an EncryptionConfiguration that kube-apiserver refuses to start with. */
export interface RefusedPart {
  /** JSON pointer. */
  readonly path: string;
  /** The rest of a sentence that begins with the file's name; no value of a key is in it. */
  readonly what: string;
}

export interface EncryptionConfiguration {
  /** Of Secrets, in their order: `secretbox`, `kms v2`, `identity` … The first one writes. */
  readonly providers: readonly string[];
  /** Where they stand, or where they are missed. */
  readonly path: string;
  readonly refused: readonly RefusedPart[];
  /** Some provider has a key of its own. */
  readonly holdsKey: boolean;
}

type Mapping = Readonly<Record<string, unknown>>;

const KEY_BYTES: Readonly<Record<string, readonly number[]>> = {
  secretbox: [32],
  aescbc: [16, 24, 32],
  aesgcm: [16, 24, 32],
};
const PROVIDERS = [...Object.keys(KEY_BYTES), "kms", "identity"];

/**
 * What an EncryptionConfiguration does with Secrets, by the rules of kube-apiserver (validation_encryption.go and
 * encryptionconfig/config.go of k8s.io/apiserver 0.36): the entry that names them counts, then `*.`, then `*.*`; several
 * entries with the same name are one.
 */
export function readEncryptionConfiguration(object: Mapping): EncryptionConfiguration {
  const entries = listOf(object["resources"]).map((entry) => mappingOf(entry));
  const refused = [
    ...entries.flatMap((entry, i) => refusedIn(entry, `/resources/${i}`, entries.slice(0, i))),
    ...refusedNames(entries),
  ];
  const all = entries.flatMap((entry) => listOf(entry["providers"]).map(mappingOf));
  const holdsKey = all.some((provider) =>
    Object.values(provider).some((one) => listOf(mappingOf(one)["keys"]).length > 0),
  );
  for (const names of [["secrets", "secrets."], ["*."], ["*.*"]]) {
    const covering = entries.flatMap((entry, i) =>
      listOf(entry["resources"]).some((name) => names.includes(String(name))) ? [{ entry, i }] : [],
    );
    const [first] = covering;
    if (first === undefined) continue;
    const providers = covering.flatMap(({ entry }) => listOf(entry["providers"]).flatMap(providerOf));
    return { providers, path: `/resources/${first.i}/providers`, refused, holdsKey };
  }
  return { providers: [], path: "/resources", refused, holdsKey };
}

/** Why kube-apiserver takes no entry with these resources; undefined where it does. */
export function resourcesRefusal(resources: readonly string[]): string | undefined {
  if (resources.length === 0) return "names no resource";
  const twice = resources.find((one, i) => resources.indexOf(one) !== i);
  if (twice !== undefined) return `names ${twice} twice`;
  for (const one of resources) {
    const [resource = "", ...rest] = one.split(".");
    const group = rest.join(".");
    if (one !== one.toLowerCase()) return `names ${one}, and resources have no capital letters`;
    if (one === "*") return "names *, which is written *. for the core group and *.* for all";
    if (resource !== "*" && group === "*") return `names ${one}, which is of no one group`;
    if (group === "events.k8s.io") return `names ${one}, which is stored as events`;
    if (group === "extensions") return `names ${one}, a group that is no more`;
    const wider = resources.find((other) => other !== one && (other === "*.*" || other === `*.${group}`));
    if (wider !== undefined) return `names ${one} beside ${wider}, which covers it`;
  }
  return undefined;
}

function refusedIn(entry: Mapping, path: string, earlier: readonly Mapping[]): RefusedPart[] {
  const given = listOf(entry["resources"]);
  const resources = given.map(String);
  const providers = listOf(entry["providers"]);
  const names = given.some((one) => typeof one !== "string")
    ? "names a resource that is no text"
    : (resourcesRefusal(resources) ?? maskedBy(resources, earlier));
  return [
    ...(names === undefined ? [] : [{ path: `${path}/resources`, what: names }]),
    ...(providers.length === 0 ? [{ path: `${path}/providers`, what: "has an entry without a provider" }] : []),
    ...providers.flatMap((provider, i) => refusedProvider(mappingOf(provider), `${path}/providers/${i}`)),
  ];
}

function maskedBy(resources: readonly string[], earlier: readonly Mapping[]): string | undefined {
  const before = earlier.flatMap((entry) => listOf(entry["resources"]).map(String));
  for (const one of resources) {
    const group = one.split(".").slice(1).join(".");
    const mask = before.find((other) => other === "*.*" || other === `*.${group}`);
    if (mask !== undefined && mask !== one) return `names ${one} below ${mask}, which hides it`;
  }
  return undefined;
}

function refusedProvider(provider: Mapping, path: string): RefusedPart[] {
  const names = Object.keys(provider);
  const [name = ""] = names;
  if (names.length !== 1 || !PROVIDERS.includes(name))
    return [
      { path, what: `has a provider that is ${names.join(" and ") || "nothing"}; one of ${PROVIDERS.join(", ")}` },
    ];
  const settings = mappingOf(provider[name]);
  if (name === "kms") return refusedKms(settings, `${path}/kms`);
  const sizes = KEY_BYTES[name];
  if (sizes === undefined) return [];
  const keys = listOf(settings["keys"]);
  if (keys.length === 0) return [{ path: `${path}/${name}`, what: `has a provider ${name} without a key` }];
  return keys.flatMap((key, i) => refusedKey(mappingOf(key), `${path}/${name}/keys/${i}`, name, sizes));
}

function refusedKey(key: Mapping, path: string, provider: string, sizes: readonly number[]): RefusedPart[] {
  const name = key["name"];
  const secret = key["secret"];
  const which = `key ${typeof name === "string" && name !== "" ? name : "without a name"} of ${provider}`;
  if (typeof name !== "string" || name === "") return [{ path, what: `has a ${which}` }];
  if (typeof secret !== "string" || secret === "") return [{ path, what: `has no secret for ${which}` }];
  if (!/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(secret.replace(/[\r\n]/g, "")))
    return [{ path: `${path}/secret`, what: `has a ${which} that is no base64` }];
  const bytes = Buffer.from(secret, "base64").length;
  return sizes.includes(bytes)
    ? []
    : [{ path: `${path}/secret`, what: `has a ${which} with ${bytes} bytes, and it takes ${sizes.join(" or ")}` }];
}

function refusedKms({ name, endpoint, apiVersion }: Mapping, path: string): RefusedPart[] {
  if (typeof name !== "string" || name === "") return [{ path, what: "has a provider kms without a name" }];
  const version = versionOf(apiVersion);
  if (version !== "v1" && version !== "v2")
    return [{ path, what: `has a provider kms ${name} of version ${version}; there are v1 and v2` }];
  if (version === "v2" && name.includes(":"))
    return [{ path, what: `has a provider kms ${name}, and names have no colon` }];
  return typeof endpoint === "string" && endpoint.startsWith("unix://")
    ? []
    : [{ path, what: `has no unix:// endpoint for the provider kms ${name}` }];
}

/** A plugin of KMS v2 has a name that no other plugin of the file has. */
function refusedNames(entries: readonly Mapping[]): RefusedPart[] {
  const all = entries.flatMap((entry, e) =>
    listOf(entry["providers"]).map((provider, p) => ({
      ...mappingOf(mappingOf(provider)["kms"]),
      path: `/resources/${e}/providers/${p}/kms`,
    })),
  );
  const seen = new Set<string>();
  return all.flatMap(({ name, apiVersion, path }: Mapping & { readonly path: string }) => {
    if (typeof name !== "string" || name === "") return [];
    const isTaken = seen.has(name) && versionOf(apiVersion) === "v2";
    seen.add(name);
    return isTaken ? [{ path: `${path}/name`, what: `has two providers kms ${name}` }] : [];
  });
}

/** Names of the KMS plugins in it. */
export function pluginsIn(object: Mapping): ReadonlySet<string> {
  const providers = listOf(object["resources"]).flatMap((entry) => listOf(mappingOf(entry)["providers"]));
  return new Set(providers.map((provider) => String(mappingOf(mappingOf(provider)["kms"])["name"])));
}

function providerOf(provider: unknown): string[] {
  const mapping = mappingOf(provider);
  const [name] = Object.keys(mapping);
  if (name === undefined) return [];
  return [name === "kms" ? `kms ${versionOf(mappingOf(mapping["kms"])["apiVersion"])}` : name];
}

/** A kms without a version is of the first one. */
function versionOf(apiVersion: unknown): string {
  return typeof apiVersion === "string" && apiVersion !== "" ? apiVersion : "v1";
}

function mappingOf(value: unknown): Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Mapping) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
