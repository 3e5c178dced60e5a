import * as z from "zod/mini";

/* The shape of one saved fact, and of what all facts are made of. */
z.config({ jitless: true });

export const text = z.string();
export const texts = z.array(text);
export const number = z.number();
export const flag = z.boolean();
export const strings = z.record(text, text);
export const maybe = z.optional;

export const grant = z.object({
  group: text,
  resource: text,
  verb: z.enum(["get", "list", "create", "patch", "delete"]),
  scope: z.enum(["namespace", "cluster"]),
  inNamespace: maybe(text),
  named: maybe(
    z.enum([
      "referenced-secrets",
      "referenced-config-maps",
      "namespace",
      "cluster",
      "cluster-crd",
      "service-account",
      "store-secrets",
      "store-accounts",
    ]),
  ),
  nonResource: maybe(flag),
  optional: maybe(flag),
  onlyFor: maybe(z.enum(["external-secrets", "google"])),
});
export const awsGrant = z.object({ action: text, resource: text, optional: maybe(flag) });
export const googleGrant = z.object({
  permission: text,
  on: z.enum(["project", "service account", "bucket", "cluster project"]),
  optional: maybe(flag),
});
export const origin = z.object({
  via: z.enum(["kube", "aws", "google", "file", "snapshot"]),
  ref: text,
  line: maybe(number),
  column: maybe(number),
});
export const unknown = z.object({
  state: z.literal("unknown"),
  why: z.enum([
    "forbidden",
    "unauthorized",
    "unreachable",
    "timeout",
    "throttled",
    "server-error",
    "malformed",
    "not-collected",
    "no-credentials",
    "not-given",
  ]),
  detail: text,
  grant: maybe(z.union([grant, awsGrant, googleGrant])),
  origin,
});

export function fact<T extends z.core.$ZodType>(
  value: T,
): z.ZodMiniDiscriminatedUnion<
  [
    z.ZodMiniObject<{
      state: z.ZodMiniLiteral<"known">;
      value: T;
      gaps: z.ZodMiniOptional<z.ZodMiniArray<typeof unknown>>;
      origin: typeof origin;
    }>,
    z.ZodMiniObject<{ state: z.ZodMiniLiteral<"absent">; origin: typeof origin }>,
    typeof unknown,
  ],
  "state"
> {
  return z.discriminatedUnion("state", [
    z.object({ state: z.literal("known"), value, gaps: z.optional(z.array(unknown)), origin }),
    z.object({ state: z.literal("absent"), origin }),
    unknown,
  ]);
}
