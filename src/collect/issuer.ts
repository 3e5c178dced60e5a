import * as z from "zod/mini";

import type { IssuerFacts } from "../domain/aws-facts.ts";
import { GET_ISSUER } from "../domain/grants.ts";
import { absent, known, type Known } from "../domain/known.ts";
import type { Kube } from "../ports.ts";
import { notAsked } from "./aws/ask-aws.ts";
import { findEksCluster } from "./aws/eks-cluster.ts";
import { defineCollector, toKnown, type World } from "./collector.ts";
import { once, text } from "./objects/schemas.ts";

const REF = "the issuer of the cluster's tokens";

const discovery = once(() => z.object({ issuer: text }));

/** Nobody asks for the issuer where no role is to trust it. */
export const issuerCollector = defineCollector({
  gives: "issuer",
  needs: ["serviceAccount"],
  wants: ["webIdentity"],
  collect: async ({ serviceAccount }, world, { webIdentity }) => {
    if (serviceAccount.awsRole === undefined) return absent({ via: "kube", ref: REF });
    // A token that was minted says it itself.
    const token = webIdentity?.state === "known" ? webIdentity.value.token : undefined;
    if (token !== undefined) return known({ url: token.issuer, source: "token" }, webIdentity?.origin ?? kube(REF));
    return readIssuer(world);
  },
});

/** The discovery document that the API server serves; where that is refused, what EKS says of the cluster. */
export async function readIssuer(world: World): Promise<Known<IssuerFacts>> {
  const { cloud } = world;
  if ("off" in cloud) return notAsked(REF, cloud.off);
  const served = await readServedIssuer(cloud.kube);
  if (served.state === "known") return served;
  const eks = await findEksCluster(world, undefined);
  const url = eks.state === "known" ? eks.value.issuer : undefined;
  if (eks.state === "known" && url !== undefined) return known({ url, source: "eks" }, eks.origin);
  if (served.state === "unknown") return served;
  return {
    state: "unknown",
    why: "server-error",
    detail: "the API server serves no discovery document of its issuer, and no EKS cluster is known for it",
    origin: served.origin,
  };
}

/** What the API server itself says. */
export function readServedIssuer(server: Pick<Kube, "openIdConfiguration">): Promise<Known<IssuerFacts>> {
  return toKnown<IssuerFacts>("the issuer's discovery document", GET_ISSUER, async () => {
    const document = z.parse(discovery(), await server.openIdConfiguration());
    return known({ url: document.issuer, source: "discovery" }, kube("/.well-known/openid-configuration"));
  });
}

function kube(ref: string): { via: "kube"; ref: string } {
  return { via: "kube", ref };
}
