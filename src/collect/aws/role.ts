import type { RoleFacts } from "../../domain/aws-facts.ts";
import { parseRoleArn, type RoleArn } from "../../domain/aws-arn.ts";
import { GET_ROLE, on } from "../../domain/aws-grants.ts";
import { absent, known, type Known } from "../../domain/known.ts";
import type { IamRole } from "../../ports.ts";
import { defineCollector, type World } from "../collector.ts";
import { askAws, notAsked, originOf } from "./ask-aws.ts";
import { inAnotherAccount } from "./caller.ts";
import { elsewhere } from "./oidc-provider.ts";

export const irsaRoleCollector = defineCollector({
  gives: "irsaRole",
  needs: ["serviceAccount"],
  wants: ["webIdentity"],
  collect: async ({ serviceAccount: { awsRole = "" } }, world, { webIdentity }) => {
    const role = parseRoleArn(awsRole);
    if (role === undefined) return absent(originOf("the role of the ServiceAccount"));
    const found = await readRole(world, role);
    const given = webIdentity?.state === "known" && webIdentity.value.assumed.state === "ok";
    // Whoever may not read the role has still seen STS give it.
    return given && found.state === "unknown"
      ? notAsked(found.origin.ref, `STS gives the pods' ServiceAccount the role, and ${found.detail}`)
      : found;
  },
});

export const podIdentityRoleCollector = defineCollector({
  gives: "podIdentityRole",
  needs: ["podIdentity"],
  collect: async ({ podIdentity: { association } }, world) => {
    const role = parseRoleArn(association?.roleArn ?? "");
    return role === undefined ? absent(originOf("the role of the association")) : readRole(world, role);
  },
});

/** IAM looks for a role by its name in the caller's account, whatever account the ARN names. */
export function readRole(world: World, wanted: RoleArn): Promise<Known<RoleFacts>> {
  const ref = `role ${wanted.arn}`;
  return askAws(world, ref, on(GET_ROLE, wanted.arn), async (aws) => {
    try {
      const facts = factsOf(await aws.getRole(wanted.name));
      if (facts.account === wanted.account) return known(facts, originOf(ref));
      const detail = await inAnotherAccount(aws, wanted.account, ref);
      return {
        state: "unknown",
        why: "forbidden",
        detail: detail ?? `${ref} is in another account`,
        origin: originOf(ref),
      };
    } catch (error) {
      return (await elsewhere(error, aws, wanted.account, ref)) ?? Promise.reject(error);
    }
  });
}

function factsOf({ arn, name, trustPolicy, maxSessionSeconds, boundary }: IamRole): RoleFacts {
  const [, partition = "aws", , , account = ""] = arn.split(":");
  return { arn, name, account, partition, trustPolicy, maxSessionSeconds, boundary };
}
