import type { Collector } from "./collector.ts";
import { googleAccountCollector } from "./google/account.ts";
import { googleAimsCollector } from "./google/aims.ts";
import { hmacKeysCollector } from "./google/hmac.ts";
import { googleIdentityCollector } from "./google/identity.ts";
import { googleBucketsCollector } from "./google/buckets.ts";
import { gkeClusterCollector } from "./google/gke-cluster.ts";
import { gkePeersCollector } from "./google/gke-peers.ts";
import { googleKeysCollector } from "./google/json-keys.ts";
import { networkPoliciesCollector } from "./google/network-policies.ts";
import { nodesCollector } from "./google/nodes.ts";
import { googleRolesCollector } from "./google/roles.ts";

/** How the pods come by an identity on Google Cloud, and what it may do. */
export const GOOGLE_COLLECTORS: readonly Collector[] = [
  googleAimsCollector,
  googleIdentityCollector,
  hmacKeysCollector,
  nodesCollector,
  gkeClusterCollector,
  gkePeersCollector,
  googleAccountCollector,
  googleBucketsCollector,
  googleRolesCollector,
  googleKeysCollector,
  networkPoliciesCollector,
];
