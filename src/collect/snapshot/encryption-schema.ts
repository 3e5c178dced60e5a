import * as z from "zod/mini";

import { fact, flag, maybe, number, text, texts } from "./fact-schema.ts";

z.config({ jitless: true });

/* The shapes of what says whether Secrets are encrypted in etcd. */
const apiServers = z.array(z.object({ pod: text, encryption: flag, audit: flag }));
const atRest = z.discriminatedUnion("platform", [
  z.object({ platform: z.literal("eks"), cluster: maybe(text), key: maybe(text), minor: number }),
  z.object({
    platform: z.literal("gke"),
    cluster: text,
    projectNumber: maybe(text),
    state: maybe(text),
    key: maybe(text),
  }),
  z.object({
    platform: z.literal("self-managed"),
    apiServers: maybe(apiServers),
    written: maybe(z.object({ prefixes: texts, readInClear: number })),
  }),
]);

export const encryptionFactShapes = {
  apiServer: maybe(fact(apiServers)),
  encryptionAtRest: maybe(fact(atRest)),
};
