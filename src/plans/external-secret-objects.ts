import { ACCESS_KEY_ID, ENDPOINT_URL, REGION, SECRET_ACCESS_KEY } from "../domain/env/static-keys.ts";
import type { StoreKind } from "../domain/external-secrets-facts.ts";
import { goDuration, goDurationMs } from "../domain/go-duration.ts";

/** What keeps the values, and how External Secrets reaches it. */
export type SecretManager =
  | { readonly kind: "aws-secrets-manager"; readonly region: string }
  | { readonly kind: "gcp-secret-manager"; readonly project: string }
  | {
      readonly kind: "vault";
      readonly server: string;
      /** Mount path of the KV engine (version 2). */
      readonly path: string;
      /** Mount path of the Kubernetes auth method. */
      readonly mount: string;
      readonly role: string;
    };

/** Where a manager keeps the entry. */
export type EntryPlace =
  | { readonly kind: "aws-secrets-manager"; readonly region: string }
  | { readonly kind: "gcp-secret-manager"; readonly project: string }
  | { readonly kind: "vault"; readonly path: string };

/** The SecretStore or ClusterSecretStore that the ExternalSecret reads through. */
export interface StoreChoice {
  readonly kind: StoreKind;
  readonly name: string;
  /** What it is made of; undefined for one that is there already and stays as it is. */
  readonly made:
    | {
        readonly manager: SecretManager;
        readonly serviceAccount: string | undefined;
        /** Project of the GKE cluster, where it is known. */
        readonly clusterProject?: string | undefined;
      }
    | undefined;
}

/** The entry of the manager: one JSON object with both halves of the key. */
export interface RemoteEntry {
  readonly key: string;
  readonly idProperty: string;
  readonly secretProperty: string;
}

/** Where the bucket is. No secret, so it stands in the ExternalSecret itself. */
export interface BucketAddress {
  readonly endpoint: string;
  readonly region: string;
}

export const KEYS = [ACCESS_KEY_ID, SECRET_ACCESS_KEY, ENDPOINT_URL, REGION] as const;

export type Spec = Readonly<Record<string, unknown>>;

const USUAL_REFRESH_MS = 3_600_000;

/** `spec` of a SecretStore. Without a ServiceAccount the operator reads with its own identity. */
export function storeSpec({ manager, serviceAccount, clusterProject }: NonNullable<StoreChoice["made"]>): Spec {
  const reference = serviceAccount === undefined ? undefined : { serviceAccountRef: { name: serviceAccount } };
  switch (manager.kind) {
    case "aws-secrets-manager": {
      const auth = reference === undefined ? {} : { auth: { jwt: reference } };
      return { provider: { aws: { service: "SecretsManager", region: manager.region, ...auth } } };
    }
    case "gcp-secret-manager": {
      // Its own project counts as the cluster's where nobody says otherwise (ESO, `clusterProjectID`).
      const isElsewhere = clusterProject !== undefined && clusterProject !== manager.project;
      const at = isElsewhere ? { clusterProjectID: clusterProject } : {};
      const auth = reference === undefined ? {} : { auth: { workloadIdentity: { ...reference, ...at } } };
      return { provider: { gcpsm: { projectID: manager.project, ...auth } } };
    }
    default: {
      const { server, path, mount, role } = manager;
      const kubernetes = { mountPath: mount, role, ...reference };
      return { provider: { vault: { server, path, version: "v2", auth: { kubernetes } } } };
    }
  }
}

export interface ExternalSecretInput {
  readonly store: Pick<StoreChoice, "kind" | "name">;
  readonly secret: string;
  readonly entry: RemoteEntry;
  readonly address: BucketAddress;
  /** Undefined: as it is, or an hour. */
  readonly refreshMs: number | undefined;
}

/**
 * `spec` of an ExternalSecret for a cluster on which it may be already: all four names that the database reads. What is no secret
 * is written as a literal beside what is fetched (`mergePolicy: Merge`; without it the literals alone would be left).
 */
export function externalSecretSpec(input: ExternalSecretInput, there?: Spec): Spec {
  const { store, secret, entry, address } = input;
  return {
    refreshInterval: refreshInterval(input.refreshMs, there?.["refreshInterval"]),
    secretStoreRef: { kind: store.kind, name: store.name },
    target: {
      name: secret,
      creationPolicy: "Owner",
      deletionPolicy: "Retain",
      template: { mergePolicy: "Merge", data: { [ENDPOINT_URL]: address.endpoint, [REGION]: address.region } },
    },
    data: [
      { secretKey: ACCESS_KEY_ID, remoteRef: { key: entry.key, property: entry.idProperty } },
      { secretKey: SECRET_ACCESS_KEY, remoteRef: { key: entry.key, property: entry.secretProperty } },
    ],
  };
}

/** Another spelling of the same time is left alone. */
function refreshInterval(wantedMs: number | undefined, there: unknown): string {
  const now = typeof there === "string" ? goDurationMs(there) : undefined;
  if (typeof there === "string" && now !== undefined && now > 0 && (wantedMs ?? now) === now) return there;
  return goDuration(wantedMs ?? USUAL_REFRESH_MS);
}

/**
 * `wanted` over what is there: maps are merged, and so are the entries of `data` with the same `secretKey`. What the
 * server filled in, and what is somebody else's, stays.
 */
export function laidOver(there: unknown, wanted: unknown): unknown {
  if (isEntries(wanted)) return isEntries(there) ? mergedEntries(there, wanted) : wanted;
  if (!isMap(wanted)) return wanted;
  const before = isMap(there) ? there : {};
  const merged = Object.entries(wanted).map(([key, value]) => [key, laidOver(before[key], value)]);
  return { ...before, ...Object.fromEntries(merged) };
}

/** Of what is there, what `wanted` speaks of: without what the server filled in, for people to compare. */
export function asFarAs(wanted: unknown, there: unknown): unknown {
  if (isEntries(wanted) && isEntries(there)) {
    return there.map((entry) => asFarAs(wanted.find((one) => nameOf(one) === nameOf(entry)) ?? entry, entry));
  }
  if (!isMap(wanted) || !isMap(there)) return there;
  const known = Object.keys(wanted).filter((key) => there[key] !== undefined);
  return Object.fromEntries(known.map((key) => [key, asFarAs(wanted[key], there[key])]));
}

/** Entries of `data`, which are told by their names; of any other list the order counts. */
function isEntries(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.every((entry) => typeof nameOf(entry) === "string");
}

function nameOf(entry: unknown): unknown {
  return isMap(entry) ? entry["secretKey"] : undefined;
}

function mergedEntries(there: readonly unknown[], wanted: readonly unknown[]): unknown[] {
  const wantedNames = new Set(wanted.map(nameOf));
  const known = new Set(there.map(nameOf));
  return [
    ...there.map((entry) =>
      wantedNames.has(nameOf(entry))
        ? laidOver(
            entry,
            wanted.find((one) => nameOf(one) === nameOf(entry)),
          )
        : entry,
    ),
    ...wanted.filter((entry) => !known.has(nameOf(entry))),
  ];
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
