import * as z from "zod/mini";

import { isGoogleInPlay } from "../../domain/gcp/in-play.ts";
import { LIST_NODES } from "../../domain/grants.ts";
import type { NodeFacts } from "../../domain/google-facts.ts";
import { absent, known, valueOf } from "../../domain/known.ts";
import { NODE } from "../../domain/resources.ts";
import { defineCollector, toKnown } from "../collector.ts";
import { metadata, once, text } from "../objects/schemas.ts";

const REF = "the nodes";

const nodeObject = once(() => z.object({ metadata, spec: z.nullish(z.object({ providerID: z.nullish(text) })) }));

/** Nobody lists nodes where nothing points to Google. */
export const nodesCollector = defineCollector({
  gives: "nodes",
  needs: [],
  wants: ["serviceAccount", "googleAims"],
  collect: async (_, { reader }, { serviceAccount, googleAims }) => {
    const shown = {
      serviceAccount: serviceAccount && valueOf(serviceAccount),
      googleAims: googleAims && valueOf(googleAims),
    };
    if (!isGoogleInPlay(shown)) return absent({ via: "kube", ref: REF });
    return toKnown(REF, LIST_NODES, async () =>
      known((await reader.list(NODE, undefined)).map(parseNode), { via: "kube", ref: REF }),
    );
  },
});

function parseNode(object: unknown): NodeFacts {
  const { metadata: meta, spec } = z.parse(nodeObject(), object);
  const labels = meta.labels ?? {};
  const provider = spec?.providerID ?? undefined;
  return {
    name: meta.name,
    pool: labels["cloud.google.com/gke-nodepool"],
    metadataServer: labels["iam.gke.io/gke-metadata-server-enabled"] === "true",
    provider,
    project: /^gce:\/\/([^/]+)\//.exec(provider ?? "")?.[1],
  };
}
