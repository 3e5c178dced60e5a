import type { Plan, Step } from "../domain/plan.ts";
import { accountStep, backupStep, clusterStep, ROLE_ARN } from "./cluster-identity.ts";
import type { RoleIdentityInput } from "./identity-input.ts";
import { forgetStep } from "./journal-note.ts";
import { identityBasis, roleSteps } from "./role-steps.ts";

export interface ProviderInput {
  readonly arn: string;
  /** The issuer as it stands in a token's `iss`, with its scheme. */
  readonly url: string;
  readonly audience: string;
  /** Undefined: the role's account has no provider for this issuer. */
  readonly clientIds: readonly string[] | undefined;
}

export interface InitIrsaInput extends RoleIdentityInput {
  readonly provider: ProviderInput;
}

/**
 * From the cloud to the pods: what a step stands on comes before it. The AntflyCluster, which rolls the pods, comes after
 * all that a new pod needs; the backups come last, since the operator looks at one when it changes, and the connection
 * has to be there by then. No steps when nothing is to change.
 */
export function planInitIrsa(input: InitIrsaInput): Plan {
  const { target, cluster, provider, role, account, use } = input;
  const steps = [
    providerStep(provider),
    ...roleSteps(input),
    accountStep(cluster.namespace, account, { [ROLE_ARN]: role.arn }),
    clusterStep(input),
    ...(use?.backups ?? []).map(backupStep),
  ].filter((step) => step !== undefined);
  const basis = {
    ...identityBasis(input),
    [`OIDC provider ${provider.arn}`]: provider.clientIds?.join(" ") ?? "absent",
  };
  return { schema: 1, kind: "init", target, basis, steps: steps.length > 0 ? steps : forgetStep(input) };
}

function providerStep({ arn, url, audience, clientIds }: ProviderInput): Step | undefined {
  if (clientIds === undefined) {
    return {
      id: "provider",
      title: `create IAM OIDC provider for ${url}`,
      do: "aws.provider.create",
      with: { arn, url, clientIds: [audience] },
      undo: "auto",
      diff: [`+ ${arn}`, `+ client id ${audience}`],
    };
  }
  if (clientIds.includes(audience)) return undefined;
  return {
    id: "provider",
    title: `add client id ${audience} to the IAM OIDC provider of ${url}`,
    do: "aws.provider.add-client",
    with: { arn, clientId: audience },
    undo: "auto",
    diff: [...clientIds.map((id) => `  client id ${id}`), `+ client id ${audience}`],
  };
}
