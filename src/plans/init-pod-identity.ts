import type { Plan, Step } from "../domain/plan.ts";
import { accountStep, backupStep, clusterStep } from "./cluster-identity.ts";
import type { RoleIdentityInput } from "./identity-input.ts";
import { forgetStep } from "./journal-note.ts";
import { identityBasis, roleSteps } from "./role-steps.ts";

export interface EksClusterInput {
  readonly name: string;
  readonly region: string;
}

export interface InitPodIdentityInput extends RoleIdentityInput {
  readonly eksCluster: EksClusterInput;
  /** The ServiceAccount has the role already. */
  readonly associated: boolean;
}

/** As for IRSA, with an association in place of an annotation. The ServiceAccount needs to be there, and nothing else. */
export function planInitPodIdentity(input: InitPodIdentityInput): Plan {
  const { target, cluster, account, use, associated, role } = input;
  const steps = [
    ...roleSteps(input),
    accountStep(cluster.namespace, account, {}),
    associationStep(input),
    clusterStep(input),
    ...(use?.backups ?? []).map(backupStep),
  ].filter((step) => step !== undefined);
  const basis = {
    ...identityBasis(input),
    [`Pod Identity association of ${cluster.namespace}/${account.name}`]: associated ? role.arn : "absent",
  };
  return { schema: 1, kind: "init", target, basis, steps: steps.length > 0 ? steps : forgetStep(input) };
}

function associationStep({ cluster, account, role, eksCluster, associated }: InitPodIdentityInput): Step | undefined {
  if (associated) return undefined;
  const { namespace } = cluster;
  return {
    id: "association",
    title: `associate ServiceAccount ${namespace}/${account.name} with IAM role ${role.name} in EKS cluster ${eksCluster.name}`,
    do: "aws.association.create",
    with: { cluster: eksCluster.name, namespace, serviceAccount: account.name, roleArn: role.arn },
    undo: "auto",
    diff: [`+ ${namespace}/${account.name} → ${role.arn}`],
  };
}
