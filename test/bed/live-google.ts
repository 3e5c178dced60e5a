import { startGoogleServer, type InProcessGoogle } from "../support/google-server/index.ts";
import type { KeySet } from "../support/google-server/kubernetes-token.ts";
import { bedAddresses, liveCluster } from "./live-cluster.ts";

/**
 * Google Cloud for this worker of the live lane: it verifies tokens with the keys that the real API server publishes, and
 * keeps objects in a real server of Cloud Storage's API.
 */
export async function liveGoogle(): Promise<InProcessGoogle> {
  const { cloud } = bedAddresses();
  const { admin } = await liveCluster();
  return startGoogleServer(
    {},
    {
      issuer: cloud.issuer,
      jwks: async () => (await admin.must("GET", "/openid/v1/jwks", { accept: "application/jwk-set+json" })) as KeySet,
      objects: cloud.gcs,
    },
  );
}
