import { stringify } from "yaml";

import type { ExitCode } from "../domain/errors.ts";
import { INIT_SECRET, LIST_CLUSTERS, WHY } from "../domain/grants.ts";
import type { Grant } from "../domain/grant.ts";
import { CLUSTER_CRD_NAME } from "../domain/resources.ts";
import type { App } from "../ports.ts";
import { selectChecks } from "./choose-checks.ts";
import { lookAt } from "./look.ts";
import { kubeSelection, type ClusterOptions } from "./options.ts";
import { orThrow, permissionsIn } from "./or-throw.ts";
import { parseOutputs, printOutputs, type OutputOptions } from "./outputs.ts";
import { rolesFor, type Names } from "../plans/roles.ts";
import { defaultSecretName } from "./target-secret.ts";

export interface PermissionsOptions extends ClusterOptions, OutputOptions {
  readonly for: readonly string[];
  readonly secret: readonly string[];
  readonly configMap: readonly string[];
  readonly init?: boolean;
  readonly why?: boolean;
  readonly thorough?: boolean;
  readonly optional?: boolean;
  readonly serviceAccount?: string;
}

/** Prints the least Role that the chosen checks (and `init secret`, on request) need; generated from what they declare. */
export async function permissions(
  cluster: string | undefined,
  options: PermissionsOptions,
  app: App,
): Promise<ExitCode> {
  const outputs = await parseOutputs(options, ["yaml", "json"], app);
  // `init` looks with all checks whether it worked.
  const only = options.init === true ? [] : options.for;
  const { asked } = selectChecks({ only, skip: [], thorough: options.thorough === true });
  const grants: Grant[] = [LIST_CLUSTERS, ...asked.flatMap((check) => check.grants)];
  if (options.init === true) grants.push(...INIT_SECRET);
  if (options.why === true) grants.push(...WHY);
  const wanted = grants.filter((grant) => !grant.optional || options.optional === true);
  const names = cluster === undefined ? await givenNames(options, app) : await liveNames(cluster, options, app);
  const documents = rolesFor(wanted, {
    ...names,
    ...(options.serviceAccount === undefined ? {} : { serviceAccount: options.serviceAccount }),
  });
  await printOutputs(app, outputs, (format) =>
    format === "json"
      ? { schema: "antfly-creds.permissions/v1", documents, exitCode: 0 }
      : documents.map((document) => stringify(document)).join("---\n"),
  );
  if (names.secrets === undefined && wanted.some((grant) => grant.named === "referenced-secrets")) {
    app.terminal.err(
      "note: this lets the holder read every Secret of the namespace; name the cluster (antfly-creds permissions CLUSTER) or --secret NAME to narrow it\n",
    );
  }
  return 0;
}

/** Without a cluster: what the flags name. Only then it takes no cluster to print a Role. */
async function givenNames(options: PermissionsOptions, app: App): Promise<Names> {
  return {
    namespace: options.namespace ?? (await namespaceOfContext(options, app)),
    secrets: options.secret.length === 0 ? undefined : options.secret,
    configMaps: options.configMap.length === 0 ? undefined : options.configMap,
    cluster: undefined,
    crd: CLUSTER_CRD_NAME,
    podServiceAccounts: undefined,
  };
}

async function namespaceOfContext(options: PermissionsOptions, app: App): Promise<string> {
  const kube = await app.kube(kubeSelection(options));
  await kube.close();
  return kube.namespace;
}

/**
 * The names that the cluster refers to now, beside those given.
 * @throws UserError (exit 5) when they could not be read: a wider Role, or one that lacks a name, would be wrong
 */
async function liveNames(cluster: string, options: PermissionsOptions, app: App): Promise<Names> {
  const kube = await app.kube(kubeSelection(options));
  try {
    const { collection, target } = await lookAt(app, kube, cluster);
    // Without the cluster: what it takes to read that.
    const printedBy = permissionsIn(kube);
    orThrow(await collection.get("clusters"), printedBy);
    const facts = orThrow(await collection.get("cluster"), printedBy);
    const backups = await collection.get("backups");
    if (backups.state === "known") for (const gap of backups.gaps ?? []) orThrow(gap, printedBy);
    const sources = facts.groups.flatMap((group) => group.envFrom);
    const unique = (list: readonly string[]): string[] => [...new Set(list)].sort();
    const of = (kind: string): string[] =>
      sources.filter((source) => source.kind === kind).map((source) => source.name);
    // What `init secret` writes to when it makes a Secret of its own.
    const made = options.init === true ? [defaultSecretName(facts.name)] : [];
    return {
      namespace: kube.namespace,
      secrets: unique([
        ...options.secret,
        ...of("Secret"),
        ...orThrow(backups, printedBy).flatMap((backup) => backup.credentialsSecret ?? []),
        ...(facts.secretStore === undefined ? [] : [facts.secretStore]),
        ...made,
      ]),
      configMaps: unique([...options.configMap, ...of("ConfigMap")]),
      cluster: target.cluster,
      crd: CLUSTER_CRD_NAME,
      podServiceAccounts: [facts.serviceAccount ?? "default"],
    };
  } finally {
    await kube.close();
  }
}
