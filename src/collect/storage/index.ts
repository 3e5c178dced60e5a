import type { Collector } from "../collector.ts";
import { aimsCollector } from "./aims.ts";
import { probesCollector } from "./probes.ts";
import { staticKeysCollector } from "./static-keys.ts";
import { webIdentityCollector } from "./web-identity.ts";

/** Facts that are asked of STS and of object stores with the database's own credentials. */
export const STORAGE_COLLECTORS: readonly Collector[] = [
  aimsCollector,
  staticKeysCollector,
  webIdentityCollector,
  probesCollector,
];
