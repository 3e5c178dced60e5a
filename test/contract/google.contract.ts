import { afterAll, beforeAll } from "vitest";

import { googleOn } from "../support/google-client.ts";
import { freshNamespace } from "../support/test-cluster.ts";
import { googleAccounts } from "./google-accounts.contract.ts";
import type { GoogleBed } from "./google-bed.ts";
import { googleClusters } from "./google-clusters.contract.ts";
import { googleHmacKeys } from "./google-hmac.contract.ts";
import { googleStorage } from "./google-storage.contract.ts";
import { googleTokens } from "./google-tokens.contract.ts";

/**
 * What the tool relies on of Google Cloud, asked through its own port, and by hand where the port would never ask. The
 * in-process server answers as Google documents it; in the live lane it verifies the tokens of the real API server, and
 * its objects lie in a real server of Cloud Storage's API.
 */
export function googleContract(start: () => Promise<Pick<GoogleBed, "google" | "cluster">>): void {
  let bed: GoogleBed;
  beforeAll(async () => {
    const { google, cluster } = await start();
    await google.seed({ clusters: [{}] });
    bed = { google, cluster, tool: await googleOn(google), namespace: await freshNamespace(cluster, "google") };
  });
  afterAll(async () => {
    bed.tool.close();
    await bed.google.stop();
    await bed.cluster.stop();
  });
  const now = (): GoogleBed => bed;
  googleClusters(now);
  googleAccounts(now);
  googleTokens(now);
  googleStorage(now);
  googleHmacKeys(now);
}
