import type { Collection } from "../collect/collector.ts";
import { isGoogleInPlay, type InPlay } from "../domain/gcp/in-play.ts";
import { defaultRoleName, isRoleName, roleNamed } from "../domain/iam/role-name.ts";
import { parseEksClusterArn, parseEksServer, parseRoleArn } from "../domain/aws-arn.ts";
import type { ClusterFacts } from "../domain/facts.ts";
import type { ServiceAccountFacts } from "../domain/workload-facts.ts";
import { readExternalSecretsApi } from "../collect/external-secrets/api.ts";
import type { SecretStoreFacts } from "../domain/external-secrets-facts.ts";
import { valueOf, type Known } from "../domain/known.ts";
import { CLUSTER_CRD_NAME } from "../domain/resources.ts";
import type { AwsNames } from "../plans/aws-policy.ts";
import type { App, Kube } from "../ports.ts";
import { lookAt } from "./look.ts";
import { serviceAccountOf } from "./identity-cluster.ts";
import { noRole } from "./identity-role.ts";
import { kubeSelection } from "./options.ts";
import { orThrow, permissionsIn } from "./or-throw.ts";
import type { Names } from "../plans/roles.ts";
import { defaultSecretName } from "./target-secret.ts";
import { makesRole, setsUpIdentity, type PermissionsOptions } from "./permissions-options.ts";

export interface AllNames {
  readonly names: Names;
  readonly aws: AwsNames;
  /** False where nothing of the cluster points to Google, so that it is asked nothing. */
  readonly google: boolean;
  /** False where External Secrets is not installed, and none of its objects can be there. */
  readonly syncs: boolean;
}

/** Without a cluster: what the flags name. Only then it takes no cluster to print a Role. */
export async function givenNames(options: PermissionsOptions, app: App): Promise<AllNames> {
  const names = {
    namespace: options.namespace ?? (await namespaceOfContext(options, app)),
    secrets: options.secret.length === 0 ? undefined : options.secret,
    configMaps: options.configMap.length === 0 ? undefined : options.configMap,
    cluster: undefined,
    crd: CLUSTER_CRD_NAME,
    podServiceAccounts: undefined,
  };
  return { names, aws: { roles: undefined, eks: undefined }, google: true, syncs: true };
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
export async function liveNames(cluster: string, options: PermissionsOptions, app: App): Promise<AllNames> {
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
    const stores = options.optional === true ? valueOf(await collection.get("secretStores"))?.stores : undefined;
    // What `init` writes to when it makes a Secret of its own.
    const made = options.init === true || options.initExternalSecret === true ? [defaultSecretName(facts.name)] : [];
    const names = {
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
      podServiceAccounts: unique([
        facts.serviceAccount ?? "default",
        ...(setsUpIdentity(options) ? [serviceAccountOf(facts, undefined)] : []),
      ]),
      ...namesOfStores(stores ?? [], kube.namespace),
    };
    const account = await collection.get("serviceAccount");
    const aws = awsNames(kube, account);
    const google = account.state === "unknown" || isGoogleInPlay(await inPlay(collection));
    const syncs = (await readExternalSecretsApi(kube)).state !== "absent";
    return { names, aws: makesRole(options) ? withRole(aws, facts, options.role) : aws, google, syncs };
  } finally {
    await kube.close();
  }
}

/** What the stores of External Secrets authenticate with, in this namespace. */
function namesOfStores(
  stores: readonly SecretStoreFacts[],
  namespace: string,
): Pick<Names, "storeSecrets" | "storeAccounts"> {
  const here = (refs: readonly { readonly namespace: string; readonly name: string }[]): string[] =>
    [...new Set(refs.filter((ref) => ref.namespace === namespace).map(({ name }) => name))].sort();
  return {
    storeSecrets: here(stores.flatMap(({ secrets }) => secrets)),
    storeAccounts: here(stores.flatMap(({ account }) => account ?? [])),
  };
}

async function inPlay(collection: Collection): Promise<InPlay> {
  const { serviceAccount, googleAims } = await collection.all(["serviceAccount", "googleAims"]);
  return { serviceAccount: serviceAccount && valueOf(serviceAccount), googleAims: googleAims && valueOf(googleAims) };
}

/** A role that the ServiceAccount names; on EKS an association may give another one, which AWS alone knows. */
function awsNames({ clusterEntry, server }: Kube, account: Known<ServiceAccountFacts>): AwsNames {
  const arn = parseEksClusterArn(clusterEntry);
  const onEks = arn !== undefined || parseEksServer(server) !== undefined;
  const role = valueOf(account)?.awsRole;
  const named = role === undefined || parseRoleArn(role) === undefined ? [] : [role];
  const roles = account.state === "unknown" || (named.length === 0 && onEks) ? undefined : named;
  return { roles, eks: arn === undefined ? (onEks ? undefined : []) : [arn] };
}

/**
 * The role that is set up: the one that was named, the ServiceAccount's, or one for this cluster. Its account is told by the
 * EKS cluster, if anything: an identity can change roles of its own account alone, whichever that is.
 */
function withRole({ roles, eks }: AwsNames, { namespace, name }: ClusterFacts, named: string | undefined): AwsNames {
  if (named === undefined && roles !== undefined && roles.length > 0) return { roles, eks };
  if (named !== undefined && parseRoleArn(named) !== undefined) return { roles: [named], eks };
  if (named !== undefined && !isRoleName(named)) throw noRole(named);
  const [cluster] = eks ?? [];
  const [, partition = "aws"] = cluster?.arn.split(":") ?? [];
  const { arn } = roleNamed(named ?? defaultRoleName(namespace, name), { partition, account: cluster?.account ?? "*" });
  return { roles: [arn], eks };
}
