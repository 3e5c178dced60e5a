import * as z from "zod/mini";

import { metadata, once, text } from "./schemas.ts";

const lease = once(() => z.object({ metadata, spec: z.nullish(z.object({ renewTime: z.nullish(text) })) }));

/** Name of the holder's Lease and when it was renewed, RFC 3339 with microseconds. */
export function parseLease(object: unknown): { name: string; renewTime: string | undefined } {
  const { metadata: meta, spec } = z.parse(lease(), object);
  return { name: meta.name, renewTime: spec?.renewTime ?? undefined };
}
