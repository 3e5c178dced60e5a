import { startGoogleServer, type InProcessGoogle } from "../support/google-server/index.ts";
import type { KeySet } from "../support/google-server/kubernetes-token.ts";
import type { TestCluster } from "../support/test-cluster.ts";
import type { CloudAddress } from "./cloud.ts";
import { bedAddresses, liveCluster } from "./live-cluster.ts";

/**
 * Google Cloud in this process, beside a bed: it verifies tokens with the keys that the real API server publishes, and
 * keeps objects in a real server of Cloud Storage's API.
 */
export function googleBeside({ admin }: TestCluster, { issuer, gcs }: CloudAddress): Promise<InProcessGoogle> {
  const accept = "application/jwk-set+json";
  const jwks = async (): Promise<KeySet> => (await admin.must("GET", "/openid/v1/jwks", { accept })) as KeySet;
  return startGoogleServer({}, { issuer, jwks, objects: gcs });
}

/** That of this worker of the live lane. */
export async function liveGoogle(): Promise<InProcessGoogle> {
  return googleBeside(await liveCluster(), bedAddresses().cloud);
}
