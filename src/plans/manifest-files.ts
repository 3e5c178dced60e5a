import type { Plan, Step } from "../domain/plan.ts";
import type { IdentityInput } from "./identity-input.ts";

export interface IdentityFile {
  readonly name: string;
  readonly content: string;
}

/** What an identity consists of on the cluster: the ServiceAccount with these annotations, and a patch for what uses it. */
export function manifestFiles(
  { cluster, account, use }: IdentityInput,
  annotations: Readonly<Record<string, string>>,
  renderYaml: (object: unknown) => string,
): IdentityFile[] {
  const spec = { serviceAccountName: account.name, ...(use === undefined ? {} : { config: use.config }) };
  return [
    {
      name: `serviceaccount-${account.name}.yaml`,
      content: renderYaml({
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: {
          name: account.name,
          namespace: cluster.namespace,
          ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
        },
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
