import type { Collector } from "./collector.ts";

/** The objects of External Secrets that write the cluster's Secrets. */
export const EXTERNAL_SECRETS_COLLECTORS: readonly Collector[] = [];
