import type { ClusterFacts } from "../../src/domain/facts.ts";
import type { SecretManager } from "../../src/plans/external-secret-objects.ts";
import type { InitExternalSecretInput } from "../../src/plans/init-external-secret.ts";
import type { SecretReader } from "../../src/plans/secret-reader.ts";
import { IRSA_NEW } from "./identity-inputs.ts";

const GROUPS: ClusterFacts["groups"] = (["metadata", "data"] as const).map((name) => ({
  name,
  field: `${name}Nodes`,
  statefulSet: `search-${name}`,
  replicas: 3,
  envFrom: [],
  invalid: [],
}));
const CLUSTER: ClusterFacts = { ...IRSA_NEW.cluster, groups: GROUPS };

/** A cluster without any credentials, for which a store of this manager is made. */
export function newExternalSecret(
  manager: SecretManager,
  more: Partial<InitExternalSecretInput> = {},
): InitExternalSecretInput {
  const key = manager.kind === "gcp-secret-manager" ? "antfly-production-search" : "antfly/production/search";
  return {
    target: { id: "t1", scope: "cluster", context: "test", namespace: "production", cluster: "search" },
    version: "v1",
    cluster: CLUSTER,
    nodes: { metadataNodes: { replicas: 3 }, dataNodes: { replicas: 3 } },
    secret: "search-backup-credentials",
    overridden: [],
    store: {
      kind: "SecretStore",
      name: "search-backup-credentials",
      made: { manager, serviceAccount: "eso-reader" },
      existing: undefined,
    },
    externalSecret: undefined,
    entry: { key, idProperty: "access_key_id", secretProperty: "secret_access_key" },
    address: { endpoint: "https://s3.us-east-1.amazonaws.com", region: "us-east-1" },
    refreshMs: undefined,
    failedBefore: false,
    waitMs: 120_000,
    ...more,
  };
}

export const AWS: SecretManager = { kind: "aws-secrets-manager", region: "us-east-1" };
export const GOOGLE: SecretManager = { kind: "gcp-secret-manager", project: "acme-prod" };
export const VAULT: SecretManager = {
  kind: "vault",
  server: "https://vault.example.com:8200",
  path: "secret",
  mount: "kubernetes",
  role: "antfly",
};

export const READER: SecretReader = {
  cluster: { namespace: "production", name: "search" },
  serviceAccount: "eso-reader",
  role: undefined,
  googleAccount: undefined,
  clusterProject: undefined,
};
