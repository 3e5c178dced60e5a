import { chooseConnections } from "../../src/domain/operator/connections.ts";
import type { WorkloadIdentityInput } from "../../src/plans/workload-identity-input.ts";
import { BASE } from "./identity-inputs.ts";

const POOL = "acme-prod.svc.id.goog";
const GKE = {
  cluster: { project: "acme-prod", location: "europe-west1", name: "prod" },
  pool: POOL,
  poolIsOn: true,
  nodePools: [],
} as const;
const EMAIL = "antfly-production-search@acme-prod.iam.gserviceaccount.com";
const MEMBER = `serviceAccount:${POOL}[production/search]`;

/** Nothing is there, and the pool is off; the operator is of a generation whose backups cannot use it. */
export const ACCOUNT_NEW: WorkloadIdentityInput = {
  ...BASE,
  gke: { ...GKE, poolIsOn: false, nodePools: [{ name: "default-pool", mode: "GCE_METADATA" }] },
  googleAccount: { email: EMAIL, project: "acme-prod", id: "antfly-production-search", existing: undefined },
  member: MEMBER,
  principal: `serviceAccount:${EMAIL}`,
  role: "roles/storage.objectUser",
  buckets: [{ name: "acme-backups", etag: "BwX=", isBound: false }],
};

const CONNECTIONS = chooseConnections(
  {},
  [{ bucket: "acme-backups", prefix: "search", region: undefined, project: "acme-prod" }],
  { protocol: "gcs", gcs_credentials: { source: "default" } },
);
const USE = {
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
      place: { location: "gs://acme-backups/search" },
      connection: "backup-store",
    },
  ],
} as const;

/** An account of another project that is there, two buckets, and a backup that is to use it. */
export const ACCOUNT_SHARED: WorkloadIdentityInput = {
  ...ACCOUNT_NEW,
  gke: GKE,
  googleAccount: {
    email: "backups@acme-tools.iam.gserviceaccount.com",
    project: "acme-tools",
    id: "backups",
    existing: { etag: "BwY=", isBound: false },
  },
  principal: "serviceAccount:backups@acme-tools.iam.gserviceaccount.com",
  buckets: [
    { name: "acme-backups", etag: "BwX=", isBound: false },
    { name: "acme-archive", etag: "BwZ=", isBound: false },
  ],
  account: { name: "search", existing: { uid: "u-2", labels: {}, annotations: {} }, pullSecrets: [] },
  use: USE,
};

/** Without an account; the ServiceAccount has an annotation that would be in the way. */
export const DIRECT: WorkloadIdentityInput = {
  ...ACCOUNT_NEW,
  gke: GKE,
  googleAccount: undefined,
  principal: `principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/${POOL}/subject/ns/production/sa/search`,
  account: {
    name: "search",
    existing: { uid: "u-2", labels: {}, annotations: { "iam.gke.io/gcp-service-account": EMAIL } },
    pullSecrets: [],
  },
  use: USE,
};
