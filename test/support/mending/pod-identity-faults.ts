import { DeleteAddonCommand } from "@aws-sdk/client-eks";
import { DeleteRoleCommand, DeleteRolePolicyCommand, ListRolePoliciesCommand } from "@aws-sdk/client-iam";

import type { Fault } from "./fault.ts";
import { ACCOUNT, AGENT, EKS_CLUSTER, type PodIdentityWorld } from "./pod-identity-world.ts";

/** What is wrong with an association, with the agent, with the role's trust, or with what the pods were given. */
export const POD_IDENTITY_FAULTS: readonly Fault<PodIdentityWorld>[] = [
  {
    name: "association missing",
    breaks: (world) => world.dissociate(),
    finds: "ANT0308 epi.no-association",
  },
  {
    name: "a slip of the pen in the association",
    breaks: async (world) => {
      await world.dissociate();
      await world.associate(ACCOUNT.replace("ar", "ra"));
    },
    finds: "ANT0308 epi.association-mismatch",
  },
  {
    name: "agent missing",
    breaks: (world) => world.eks.send(new DeleteAddonCommand({ clusterName: EKS_CLUSTER, addonName: AGENT })),
    finds: "ANT0307 epi.agent-missing",
  },
  {
    name: "trust without sts:TagSession",
    breaks: (world) => world.trustsWith((statement) => ({ ...statement, Action: "sts:AssumeRole" })),
    finds: "ANT0309 epi.trust-no-tagsession",
  },
  {
    name: "trust in another service",
    breaks: (world) => world.trustsWith((statement) => ({ ...statement, Principal: { Service: "ec2.amazonaws.com" } })),
    finds: "ANT0309 epi.trust-principal",
  },
  {
    name: "trust in another namespace",
    breaks: (world) =>
      world.trustsWith((statement) => {
        statement.Condition.StringEquals["aws:RequestTag/kubernetes-namespace"] = "staging";
        return statement;
      }),
    finds: "ANT0309 epi.trust-condition-mismatch",
  },
  {
    name: "role deleted",
    breaks: async (world) => {
      await disallow(world);
      await world.iam.send(new DeleteRoleCommand({ RoleName: world.role }));
    },
    finds: "ANT0309 epi.role-missing",
    byHand: { "give the association another role, or make this one": async () => {} },
  },
  {
    name: "role without any policy",
    breaks: disallow,
    finds: "ANT0310 irsa.role-no-permissions",
  },
  {
    name: "pods older than the association",
    breaks: async (world) => {
      await world.dissociate();
      await world.replacePods();
      await world.associate(ACCOUNT);
    },
    finds: "ANT0311 epi.pod-predates",
  },
];

async function disallow({ iam, role: RoleName }: PodIdentityWorld): Promise<void> {
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  for (const PolicyName of PolicyNames) await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
}
