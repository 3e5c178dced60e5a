import type { RoleFacts, RolePolicy } from "../../domain/aws-facts.ts";
import { GET_ROLE_POLICY, LIST_ATTACHED_ROLE_POLICIES, LIST_ROLE_POLICIES, on } from "../../domain/aws-grants.ts";
import type { FactKey, Facts } from "../../domain/facts.ts";
import type { AwsGrant } from "../../domain/grant.ts";
import { known, type Known } from "../../domain/known.ts";
import { defineCollector, type Collector, type World } from "../collector.ts";
import { askAws, notAsked, originOf, toKnownAws } from "./ask-aws.ts";
import { inlinePolicy, managedPolicy, noneWhereUnknown } from "./policy-documents.ts";

export const irsaPoliciesCollector = policiesOf("irsaRole", "irsaPolicies");
export const podIdentityPoliciesCollector = policiesOf("podIdentityRole", "podIdentityPolicies");

function policiesOf(role: "irsaRole" | "podIdentityRole", gives: FactKey): Collector {
  return defineCollector({
    gives,
    needs: [role],
    wants: ["probes", "aims"],
    collect: async (needs, world, { probes, aims }) => {
      const { [role]: facts } = needs;
      const ref = `the policies of role ${facts.name}`;
      // What was just done need not be read in policies.
      if (role === "irsaRole" && isProven(probes, aims))
        return notAsked(ref, "the write probe has shown what the role may do");
      return readPolicies(world, facts, ref);
    },
  });
}

/** The role has written, read, listed and removed an object at every place that is known; none is written to for a restore. */
function isProven(probes: Facts["probes"], aims: Facts["aims"]): boolean {
  if (probes?.state !== "known" || aims?.state !== "known") return false;
  const mine = probes.value.filter(({ identity }) => identity === "role");
  const places = aims.value.filter(({ identity }) => identity !== "own-keys");
  return (
    mine.length > 0 &&
    places.every(({ bucket, prefix }) => mine.some(({ aim }) => aim.bucket === bucket && aim.prefix === prefix)) &&
    mine.every((one) => [one.write, one.read, one.list, one.remove].every(({ state }) => state === "ok"))
  );
}

/** Inline and attached policies and the boundary, side by side. Without one of them nothing can be said of all. */
async function readPolicies(
  world: World,
  { name, arn, boundary }: RoleFacts,
  ref: string,
): Promise<Known<readonly RolePolicy[]>> {
  return askAws(world, ref, undefined, async (aws) => {
    const part = <T>(grant: AwsGrant, read: () => Promise<T>): Promise<Known<T>> =>
      toKnownAws(ref, grant, async () => known(await read(), originOf(ref)));
    const [inline, attached] = await Promise.all([
      part(on(LIST_ROLE_POLICIES, arn), () => aws.listRolePolicies(name)),
      part(on(LIST_ATTACHED_ROLE_POLICIES, arn), () => noneWhereUnknown(aws.listAttachedRolePolicies(name))),
    ]);
    for (const list of [inline, attached])
      if (list.state === "absent") return { state: "unknown", why: "server-error", detail: GONE, origin: list.origin };
    if (inline.state !== "known") return inline;
    if (attached.state !== "known") return attached;
    const all = await Promise.all([
      ...inline.value.map((policy) =>
        inlinePolicy(policy, on(GET_ROLE_POLICY, arn), () => aws.getRolePolicy(name, policy)),
      ),
      ...attached.value.map((policy) => managedPolicy(aws, "managed", policy)),
      ...(boundary === undefined ? [] : [managedPolicy(aws, "boundary", { name: lastPart(boundary), arn: boundary })]),
    ]);
    const missed = all.find((fact) => fact.state === "unknown");
    // One that is gone was taken away in between.
    const read = all.flatMap((fact) => (fact.state === "known" ? [fact.value] : []));
    return missed ?? known(read, originOf(ref));
  });
}

const GONE = "the role was there, and is not any more";

function lastPart(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}
