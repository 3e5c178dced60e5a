import type { ServiceAccountName } from "./trust-types.ts";

/** A ServiceAccount that nobody writes: what takes it takes anyone. */
export const STRANGER: ServiceAccountName = { namespace: "\uffffnamespace", serviceAccount: "\uffffaccount" };
