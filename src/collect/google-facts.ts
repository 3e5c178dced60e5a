import type { Collector } from "./collector.ts";
import { googleAimsCollector } from "./google/aims.ts";
import { hmacKeysCollector } from "./google/hmac.ts";
import { googleIdentityCollector } from "./google/identity.ts";

/** How the pods come by an identity on Google Cloud, and what it may do. */
export const GOOGLE_COLLECTORS: readonly Collector[] = [
  googleAimsCollector,
  googleIdentityCollector,
  hmacKeysCollector,
];
