import { roleNamed } from "../../src/domain/iam/role-name.ts";
import { chooseConnections, TOKEN_FILE } from "../../src/domain/operator/connections.ts";
import type { ClusterFacts } from "../../src/domain/facts.ts";
import type { InitIrsaInput } from "../../src/plans/init-irsa.ts";
import type { InitPodIdentityInput } from "../../src/plans/init-pod-identity.ts";

const ACCOUNT = { partition: "aws", account: "123456789012" };
const HOST = "oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
const PROVIDER = `arn:aws:iam::123456789012:oidc-provider/${HOST}`;
const AIM = { bucket: "acme-backups", prefix: "search" };

export const CLUSTER: ClusterFacts = {
  namespace: "production",
  name: "search",
  uid: "u-1",
  generation: 3,
  image: "ghcr.io/antflydb/antfly:latest",
  mode: "Clustered",
  groups: [],
  conditions: [],
  serviceAccount: undefined,
  eksRole: undefined,
  secretStore: undefined,
  secretStoreKey: "secrets.json",
  configured: {
    endpoint: false,
    endpointUrl: undefined,
    credentials: false,
    connections: false,
    connectionIds: [],
    literals: [],
    buckets: [],
    googleBuckets: [],
  },
  refused: [],
  annotations: {},
  owner: undefined,
};

function trust(statements: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

const IRSA_TRUST = {
  Effect: "Allow",
  Principal: { Federated: PROVIDER },
  Action: "sts:AssumeRoleWithWebIdentity",
  Condition: {
    StringEquals: { [`${HOST}:aud`]: "sts.amazonaws.com", [`${HOST}:sub`]: "system:serviceaccount:production:search" },
  },
};
const OTHER_TRUST = { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" };
const POD_TRUST = {
  Effect: "Allow",
  Principal: { Service: "pods.eks.amazonaws.com" },
  Action: ["sts:AssumeRole", "sts:TagSession"],
};

const ROLE = {
  ...roleNamed("antfly-production-search", ACCOUNT),
  ownPolicy: "antfly-creds-production-search-0badcafe",
};
export const BASE = {
  target: { id: "t1", scope: "cluster", context: "test", namespace: "production", cluster: "search" },
  cluster: CLUSTER,
  spec: { image: CLUSTER.image, config: '{"log":{"level":"info"}}' },
  account: { name: "search", existing: undefined, pullSecrets: ["registry"] },
  use: undefined,
  note: undefined,
} as const;

/** Nothing is there; the operator is of a generation whose backups cannot use it. */
export const IRSA_NEW: InitIrsaInput = {
  ...BASE,
  role: { ...ROLE, existing: undefined, trustPolicy: trust([IRSA_TRUST]), aims: [AIM] },
  provider: { arn: PROVIDER, url: `https://${HOST}`, audience: "sts.amazonaws.com", clientIds: undefined },
};

const CONNECTIONS = chooseConnections({}, [{ ...AIM, region: "us-east-1" }], {
  protocol: "s3",
  credentials: { source: "web_identity", role_arn: ROLE.arn, token_file: TOKEN_FILE },
});

/** A role that serves somebody else too, a provider without the audience, and backups that are to use it. */
export const IRSA_SHARED: InitIrsaInput = {
  ...IRSA_NEW,
  role: {
    ...ROLE,
    existing: {
      trustPolicy: trust([OTHER_TRUST]),
      ownPolicy: trust([{ Sid: "Key", Effect: "Allow", Action: "kms:Decrypt", Resource: "*" }]),
    },
    trustPolicy: trust([OTHER_TRUST, IRSA_TRUST]),
    aims: [AIM, { bucket: "acme-archive", prefix: "" }],
  },
  provider: { ...IRSA_NEW.provider, clientIds: ["sts.amazon.com"] },
  account: { name: "search", existing: { uid: "u-2", labels: {}, annotations: {} }, pullSecrets: [] },
  use: {
    connections: CONNECTIONS,
    config: JSON.stringify({ connections: { "backup-store": CONNECTIONS[0]?.added }, log: { level: "info" } }),
    backups: [
      {
        kind: "AntflyBackup",
        namespace: "production",
        name: "nightly",
        uid: "u-3",
        generation: 1,
        field: "destination",
        place: { location: "s3://acme-backups/search", credentialsSecret: { name: "keys" } },
        connection: "backup-store",
      },
    ],
  },
};

export const POD_IDENTITY_NEW: InitPodIdentityInput = {
  ...BASE,
  role: { ...ROLE, existing: undefined, trustPolicy: trust([POD_TRUST]), aims: [AIM] },
  eksCluster: { name: "prod", region: "us-east-1" },
  associated: false,
};
