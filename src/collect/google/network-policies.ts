import * as z from "zod/mini";

import { isGoogleInPlay } from "../../domain/gcp/in-play.ts";
import type { EgressRule, NetworkPolicyFacts } from "../../domain/gcp/metadata-egress.ts";
import { LIST_NETWORK_POLICIES } from "../../domain/grants.ts";
import { absent, known, valueOf } from "../../domain/known.ts";
import { NETWORK_POLICY } from "../../domain/resources.ts";
import { defineCollector, toKnown } from "../collector.ts";
import { metadata, once, strings, text } from "../objects/schemas.ts";

const REF = "the NetworkPolicies";
const origin = { via: "kube", ref: REF } as const;

const block = z.object({ cidr: text, except: z.nullish(z.array(text)) });
const rule = z.object({
  to: z.nullish(z.array(z.object({ ipBlock: z.nullish(block) }))),
  ports: z.nullish(
    z.array(
      z.object({
        protocol: z.nullish(text),
        port: z.nullish(z.union([z.number(), text])),
        endPort: z.nullish(z.number()),
      }),
    ),
  ),
});
const policyObject = once(() =>
  z.object({
    metadata,
    spec: z.object({
      podSelector: z.nullish(z.object({ matchLabels: strings, matchExpressions: z.nullish(z.array(z.unknown())) })),
      policyTypes: z.nullish(z.array(text)),
      egress: z.nullish(z.array(rule)),
    }),
  }),
);

/** Read where pods ask GKE's metadata server; who may not list them learns the rest all the same. */
export const networkPoliciesCollector = defineCollector({
  gives: "networkPolicies",
  needs: [],
  wants: ["serviceAccount", "googleAims"],
  collect: async (_, { reader, namespace }, { serviceAccount, googleAims }) => {
    const shown = {
      serviceAccount: serviceAccount && valueOf(serviceAccount),
      googleAims: googleAims && valueOf(googleAims),
    };
    if (!isGoogleInPlay(shown)) return absent(origin);
    const found = await toKnown(REF, LIST_NETWORK_POLICIES, async () =>
      known((await reader.list(NETWORK_POLICY, namespace)).map(parsePolicy), origin),
    );
    return found.state === "unknown" ? known([], origin, [found]) : found;
  },
});

function parsePolicy(object: unknown): NetworkPolicyFacts {
  const { metadata: meta, spec } = z.parse(policyObject(), object);
  const { podSelector, policyTypes, egress } = spec;
  const isEgress = policyTypes ? policyTypes.includes("Egress") : Boolean(egress);
  return {
    name: meta.name,
    labels: podSelector?.matchLabels ?? {},
    expressions: (podSelector?.matchExpressions ?? []).length > 0,
    egress: isEgress ? (egress ?? []).map(toRule) : undefined,
  };
}

/** A port that has a name is one of pods, which the metadata server is not asked by. */
function toRule({ to, ports }: z.infer<typeof rule>): EgressRule {
  const blocks = (to ?? []).flatMap(({ ipBlock }) =>
    ipBlock ? [{ cidr: ipBlock.cidr, except: ipBlock.except ?? [] }] : [],
  );
  const numbered = (ports ?? []).filter(({ port }) => typeof port !== "string");
  return {
    to: (to ?? []).length === 0 ? undefined : blocks,
    ports:
      (ports ?? []).length === 0
        ? undefined
        : numbered.map(({ protocol, port, endPort }) => ({
            protocol: protocol ?? "TCP",
            port: typeof port === "number" ? port : undefined,
            endPort: endPort ?? undefined,
          })),
  };
}
