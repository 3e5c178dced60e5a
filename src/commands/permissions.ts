import { stringify } from "yaml";

import { CHECKS } from "../checks/index.ts";
import type { ExitCode } from "../domain/errors.ts";
import { INIT_SECRET, LIST_CLUSTERS } from "../domain/grants.ts";
import type { Grant } from "../domain/grant.ts";
import { valueOf } from "../domain/known.ts";
import { CLUSTER_CRD_NAME } from "../domain/resources.ts";
import type { App } from "../ports.ts";
import { selectChecks, lookAt } from "./judge.ts";
import { kubeSelection, parseOutputs, type ClusterOptions, type OutputOptions } from "./options.ts";
import { rolesFor, type Names } from "../plans/roles.ts";

export interface PermissionsOptions extends ClusterOptions, OutputOptions {
  readonly for: readonly string[];
  readonly secret: readonly string[];
  readonly configMap: readonly string[];
  readonly init?: boolean;
  readonly optional?: boolean;
  readonly serviceAccount?: string;
}

/** Prints the least Role that the chosen checks (and `init secret`, on request) need; generated from what they declare. */
export async function permissions(
  cluster: string | undefined,
  options: PermissionsOptions,
  app: App,
): Promise<ExitCode> {
  const [output] = parseOutputs(options, ["yaml", "json"]);
  const checks = selectChecks({ only: options.for, skip: [] });
  // `init` looks with all checks whether it worked.
  const asked = options.init === true ? CHECKS : checks;
  const grants: Grant[] = [LIST_CLUSTERS, ...asked.flatMap((check) => check.grants)];
  if (options.init === true) grants.push(...INIT_SECRET);
  const wanted = grants.filter((grant) => !grant.optional || options.optional === true);
  const names = cluster === undefined ? namesOf(options) : await liveNames(cluster, options, app);
  const documents = rolesFor(wanted, {
    ...names,
    ...(options.serviceAccount === undefined ? {} : { serviceAccount: options.serviceAccount }),
  });
  const text =
    output?.format === "json"
      ? `${JSON.stringify({ schema: "antfly-creds.permissions/v1", documents, exitCode: 0 }, null, 2)}\n`
      : documents.map((document) => stringify(document)).join("---\n");
  if (output?.file === undefined) app.terminal.out(text);
  else await app.files.write(output.file, Buffer.from(text, "utf8"));
  if (names.secrets.length === 0 && grants.some((grant) => grant.named === "referenced-secrets")) {
    app.terminal.err(
      "note: this lets the holder read every Secret of the namespace; name the cluster (antfly-creds permissions CLUSTER) or --secret NAME to narrow it\n",
    );
  }
  return 0;
}

function namesOf(options: PermissionsOptions): Names {
  return {
    namespace: options.namespace ?? "default",
    secrets: options.secret,
    configMaps: options.configMap,
    cluster: undefined,
    crd: CLUSTER_CRD_NAME,
  };
}

/** The names that the cluster refers to now, beside those given. */
async function liveNames(cluster: string, options: PermissionsOptions, app: App): Promise<Names> {
  const kube = await app.kube(kubeSelection(options));
  try {
    const { collection, target } = await lookAt(app, kube, cluster);
    const facts = await collection.all(["cluster", "backups"]);
    const sources = ((facts.cluster && valueOf(facts.cluster))?.groups ?? []).flatMap((group) => group.envFrom);
    const backups = (facts.backups && valueOf(facts.backups)) ?? [];
    const unique = (list: readonly string[]): string[] => [...new Set(list)].sort();
    const of = (kind: string): string[] =>
      sources.filter((source) => source.kind === kind).map((source) => source.name);
    return {
      namespace: kube.namespace,
      secrets: unique([
        ...options.secret,
        ...of("Secret"),
        ...backups.flatMap((backup) => backup.credentialsSecret ?? []),
      ]),
      configMaps: unique([...options.configMap, ...of("ConfigMap")]),
      cluster: target.cluster,
      crd: CLUSTER_CRD_NAME,
    };
  } finally {
    await kube.close();
  }
}
