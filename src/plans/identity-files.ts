import { awsScript } from "./aws-script.ts";
import { ROLE_ARN } from "./cluster-identity.ts";
import { manifestFiles, type IdentityFile } from "./manifest-files.ts";
import type { RoleIdentityInput } from "./identity-input.ts";
import type { ProviderInput } from "./init-irsa.ts";
import type { EksClusterInput } from "./init-pod-identity.ts";
import { permissionsOf, pretty } from "./role-steps.ts";
import { terraformFile } from "./terraform-file.ts";

/** What hangs the role on the ServiceAccount. */
export type Mechanism =
  | { readonly kind: "irsa"; readonly provider: ProviderInput }
  | { readonly kind: "pod-identity"; readonly eksCluster: EksClusterInput };

/**
 * All that the identity consists of, as files: what is on the cluster and in AWS already is in them too, so that Git or
 * Terraform can take it over. None holds a secret.
 */
export function identityFiles(
  input: RoleIdentityInput,
  mechanism: Mechanism,
  renderYaml: (object: unknown) => string,
): IdentityFile[] {
  const { role } = input;
  const json = (text: string): string => `${pretty(text)}\n`;
  return [
    ...manifestFiles(input, mechanism.kind === "irsa" ? { [ROLE_ARN]: role.arn } : {}, renderYaml),
    { name: "trust.json", content: json(role.trustPolicy) },
    ...(role.existing === undefined ? [] : [{ name: "trust-before.json", content: json(role.existing.trustPolicy) }]),
    ...(role.aims.length === 0
      ? []
      : [{ name: "permissions.json", content: json(JSON.stringify(permissionsOf(role))) }]),
    { name: "role.tf", content: terraformFile(input, mechanism) },
    { name: "aws.sh", content: awsScript(input, mechanism) },
  ];
}
