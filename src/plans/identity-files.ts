import type { Plan, Step } from "../domain/plan.ts";
import { awsScript } from "./aws-script.ts";
import { ROLE_ARN } from "./cluster-identity.ts";
import type { IdentityInput } from "./identity-input.ts";
import type { ProviderInput } from "./init-irsa.ts";
import type { EksClusterInput } from "./init-pod-identity.ts";
import { permissionsOf, pretty } from "./role-steps.ts";
import { terraformFile } from "./terraform-file.ts";

/** What hangs the role on the ServiceAccount. */
export type Mechanism =
  | { readonly kind: "irsa"; readonly provider: ProviderInput }
  | { readonly kind: "pod-identity"; readonly eksCluster: EksClusterInput };

export interface IdentityFile {
  readonly name: string;
  readonly content: string;
}

/**
 * All that the identity consists of, as files: what is on the cluster and in AWS already is in them too, so that Git or
 * Terraform can take it over. None holds a secret.
 */
export function identityFiles(
  input: IdentityInput,
  mechanism: Mechanism,
  renderYaml: (object: unknown) => string,
): IdentityFile[] {
  const { cluster, account, role, use } = input;
  const json = (text: string): string => `${pretty(text)}\n`;
  const spec = { serviceAccountName: account.name, ...(use === undefined ? {} : { config: use.config }) };
  const annotations = mechanism.kind === "irsa" ? { annotations: { [ROLE_ARN]: role.arn } } : {};
  return [
    {
      name: `serviceaccount-${account.name}.yaml`,
      content: renderYaml({
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: { name: account.name, namespace: cluster.namespace, ...annotations },
        ...(account.pullSecrets.length === 0
          ? {}
          : { imagePullSecrets: account.pullSecrets.map((name) => ({ name })) }),
      }),
    },
    { name: `antflycluster-${cluster.name}.patch.yaml`, content: renderYaml({ spec }) },
    ...(use?.backups ?? []).map(({ kind, name, field, place, connection }) => ({
      name: `${kind.toLowerCase()}-${name}.patch.yaml`,
      content: renderYaml({
        spec: {
          [field]: { connection, ...(place["credentialsSecret"] === undefined ? {} : { credentialsSecret: null }) },
        },
      }),
    })),
    { name: "trust.json", content: json(role.trustPolicy) },
    ...(role.existing === undefined ? [] : [{ name: "trust-before.json", content: json(role.existing.trustPolicy) }]),
    ...(role.aims.length === 0
      ? []
      : [{ name: "permissions.json", content: json(JSON.stringify(permissionsOf(role))) }]),
    { name: "role.tf", content: terraformFile(input, mechanism) },
    { name: "aws.sh", content: awsScript(input, mechanism) },
  ];
}

/** The files as a plan: nothing but them is written. */
export function asFilePlan(plan: Plan, folder: string, files: readonly IdentityFile[]): Plan {
  const steps = files.map(({ name, content }): Step => {
    const path = `${folder.replace(/(?<=.)\/+$/, "")}/${name}`;
    return { id: name, title: `write ${path}`, do: "file.write", with: { path, content }, undo: "auto", diff: [] };
  });
  return { ...plan, steps };
}
