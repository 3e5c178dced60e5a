type Mapping = Readonly<Record<string, unknown>>;

/** A key of `secretbox`, or a plugin that talks KMS v2. */
export type EncryptionProvider =
  | { readonly kind: "secretbox"; readonly key: { readonly name: string; readonly secret: string } }
  | { readonly kind: "kms"; readonly name: string; readonly endpoint: string };

/** Versions of one file, in the order in which all API servers get them. */
export interface EncryptionStages {
  /** The new provider only reads: once all API servers have it, any of them may begin to write with it. */
  readonly first: object;
  /** The new provider writes. */
  readonly main: object;
  /** The new provider alone, for when all was written anew; undefined where `main` may stay. */
  readonly last: object | undefined;
}

export const FILE_NAMES = {
  first: "encryption-configuration.first.yaml",
  main: "encryption-configuration.yaml",
  last: "encryption-configuration.last.yaml",
} as const;

/** For a control plane without one: what was written in clear can still be read. */
export function newConfiguration(resources: readonly string[], provider: EncryptionProvider): EncryptionStages {
  const file = (providers: readonly object[]): object => ({
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [{ resources, providers }],
  });
  const own = entryOf(provider);
  const clear = { identity: {} };
  return { first: file([clear, own]), main: file([own, clear]), last: undefined };
}

/**
 * For one that has a configuration: the new provider comes second, then first, then alone (Kubernetes, "Rotate a
 * decryption key"). `at` is the entry that Secrets are in.
 */
export function changedConfiguration(current: Mapping, at: number, provider: EncryptionProvider): EncryptionStages {
  const entries = current["resources"] as readonly Mapping[];
  const [writing = {}, ...others] = (entries[at]?.["providers"] ?? []) as readonly Mapping[];
  const own = entryOf(provider);
  const file = (providers: readonly object[]): object => ({
    ...current,
    resources: entries.map((entry, i) => (i === at ? { ...entry, providers } : entry)),
  });
  return {
    first: file([writing, own, ...others]),
    main: file([own, writing, ...others]),
    last: file([own]),
  };
}

/** `key1`, or the next one that no provider of the configuration has. */
export function freeKeyName(current: Mapping): string {
  const taken = new Set(secretsIn(current).map(({ name }) => name));
  for (let i = 1; ; i++) if (!taken.has(`key${i}`)) return `key${i}`;
}

/** Every key of a configuration. */
export function secretsIn(configuration: unknown): { readonly name: string; readonly secret: string }[] {
  if (Array.isArray(configuration)) return configuration.flatMap(secretsIn);
  if (typeof configuration !== "object" || configuration === null) return [];
  const { name, secret, ...rest } = configuration as Mapping;
  const own = typeof secret === "string" ? [{ name: String(name), secret }] : [];
  return [...own, ...Object.values(rest).flatMap(secretsIn)];
}

/** The same without any key, for people to see. */
export function withoutSecrets(configuration: unknown): unknown {
  if (Array.isArray(configuration)) return configuration.map(withoutSecrets);
  if (typeof configuration !== "object" || configuration === null) return configuration;
  return Object.fromEntries(
    Object.entries(configuration).map(([key, value]: [string, unknown]) => [
      key,
      key === "secret" && typeof value === "string"
        ? `<${Buffer.from(value, "base64").length} bytes, not shown>`
        : withoutSecrets(value),
    ]),
  );
}

function entryOf(provider: EncryptionProvider): object {
  if (provider.kind === "secretbox") return { secretbox: { keys: [provider.key] } };
  return { kms: { apiVersion: "v2", name: provider.name, endpoint: provider.endpoint, timeout: "3s" } };
}
