import * as z from "zod/mini";

import type { ApiServerFacts } from "../../domain/server-facts.ts";
import { metadata, once, text } from "./schemas.ts";

const pod = once(() =>
  z.object({
    metadata,
    spec: z.object({
      containers: z.array(z.object({ command: z.nullish(z.array(text)), args: z.nullish(z.array(text)) })),
    }),
  }),
);

/** Flags of a kube-apiserver that runs as a (mirror) pod. */
export function parseApiServer(object: unknown): ApiServerFacts[number] {
  const { metadata: meta, spec } = z.parse(pod(), object);
  const words = spec.containers.flatMap(({ command, args }) => [...(command ?? []), ...(args ?? [])]);
  // Some have the whole command line in one word, for a shell.
  const flags = words.flatMap((word) => word.split(/\s+/));
  const has = (flag: string): boolean => flags.some((one) => one === flag || one.startsWith(`${flag}=`));
  return {
    pod: meta.name,
    encryption: has("--encryption-provider-config"),
    audit: has("--audit-policy-file") && (has("--audit-log-path") || has("--audit-webhook-config-file")),
  };
}
