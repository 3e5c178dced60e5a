import type { Google, GoogleSelection } from "../ports.ts";
import { googleConnection } from "./google-connection.ts";
import type { GoogleSurroundings } from "./google-transport.ts";
import { loaded, once } from "./loaded.ts";

/**
 * The Google port over google-auth-library. The calls of each API are loaded when it is first asked something; Application
 * Default Credentials are looked for when a call needs them.
 */
export async function connectGoogle(selection: GoogleSelection, surroundings: GoogleSurroundings): Promise<Google> {
  const connection = googleConnection(selection, surroundings);
  const { transport, identity } = connection;
  const container = once(async () => (await import("./google-container.ts")).containerCalls(connection));
  const projects = once(async () => (await import("./google-projects.ts")).projectCalls(connection));
  const iam = once(async () => (await import("./google-iam.ts")).iamCalls(connection));
  const tokens = once(async () => (await import("./google-tokens.ts")).tokenCalls(connection));
  const buckets = once(async () => (await import("./google-buckets.ts")).bucketCalls(connection));
  const hmac = once(async () => (await import("./google-hmac.ts")).hmacCalls(connection));
  const stores = once(() => import("./google-store.ts"));
  return {
    notes: [],
    calls: () => transport.calls,
    project: () => identity.project(),
    ...loaded(container, ["getCluster", "listClusters", "setWorkloadPool", "setMetadataMode"]),
    ...loaded(projects, ["getProject", "getProjectPolicy", "getService"]),
    ...loaded(iam, ["getServiceAccount", "createServiceAccount", "deleteServiceAccount"]),
    ...loaded(iam, ["getServiceAccountPolicy", "setServiceAccountPolicy", "listServiceAccountKeys", "getRole"]),
    ...loaded(tokens, ["exchangeToken", "generateAccessToken"]),
    ...loaded(buckets, ["getBucket", "getBucketPolicy", "setBucketPolicy", "testBucketPermissions"]),
    ...loaded(hmac, ["getHmacKey", "listHmacKeys", "createHmacKey", "setHmacKeyState", "deleteHmacKey"]),
    objectStore: (options) => {
      const store = once(async () => (await stores()).googleStore(options, connection));
      return loaded(store, ["bucketRegion", "list", "get", "put", "delete", "versioning", "encryption", "objectLock"]);
    },
    shielded: (work) => transport.shielded(work),
    close: () => transport.close(),
  };
}
