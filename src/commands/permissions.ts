import { stringify } from "yaml";

import type { Collection } from "../collect/collector.ts";
import type { ExitCode } from "../domain/errors.ts";
import { INIT_IRSA_AWS, INIT_POD_IDENTITY_AWS } from "../domain/aws-grants.ts";
import { isGoogleInPlay, type InPlay } from "../domain/gcp/in-play.ts";
import { INIT_HMAC_GOOGLE, INIT_WORKLOAD_IDENTITY_GOOGLE } from "../domain/google-grants.ts";
import {
  INIT_EXTERNAL_SECRET,
  INIT_IDENTITY,
  INIT_SECRET,
  LIST_CLUSTERS,
  LIST_NODES,
  WHY,
  WRITE_NOTE,
} from "../domain/grants.ts";
import { defaultRoleName, isRoleName, roleNamed } from "../domain/iam/role-name.ts";
import { parseEksClusterArn, parseEksServer, parseRoleArn } from "../domain/aws-arn.ts";
import type { ClusterFacts, ServiceAccountFacts } from "../domain/facts.ts";
import { readExternalSecretsApi } from "../collect/external-secrets/api.ts";
import type { SecretStoreFacts } from "../domain/external-secrets-facts.ts";
import type { AwsGrant, GoogleGrant, Grant } from "../domain/grant.ts";
import { valueOf, type Known } from "../domain/known.ts";
import { CLUSTER_CRD_NAME } from "../domain/resources.ts";
import { awsPolicyFor, type AwsNames, type IamPolicy } from "../plans/aws-policy.ts";
import { googleRoleFor, type GoogleRole } from "../plans/google-role.ts";
import type { App, Kube } from "../ports.ts";
import { selectChecks } from "./choose-checks.ts";
import { lookAt } from "./look.ts";
import { serviceAccountOf } from "./identity-cluster.ts";
import { noRole } from "./identity-role.ts";
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
  readonly initExternalSecret?: boolean;
  readonly initIrsa?: boolean;
  readonly initPodIdentity?: boolean;
  readonly initWorkloadIdentity?: boolean;
  readonly initHmac?: boolean;
  readonly why?: boolean;
  readonly thorough?: boolean;
  readonly prove?: boolean;
  readonly optional?: boolean;
  readonly serviceAccount?: string;
  /** Name or ARN of the role that `init` is given. */
  readonly role?: string;
}

/**
 * Prints the least Role, and the least IAM policy and role of Google Cloud, that the chosen checks (and `init secret`, on request) need; generated
 * from what they declare.
 */
export async function permissions(
  cluster: string | undefined,
  options: PermissionsOptions,
  app: App,
): Promise<ExitCode> {
  const outputs = await parseOutputs(options, ["yaml", "json"], app);
  const identity = setsUpIdentity(options);
  // `init` looks with all checks whether it worked.
  const writesSecret = options.init === true || options.initHmac === true;
  const makesSecret = writesSecret || options.initExternalSecret === true;
  const only = makesSecret || identity ? [] : options.for;
  const prove = options.prove === true || only.length > 0 || identity;
  const { asked } = selectChecks({ only, skip: [], thorough: options.thorough === true, prove });
  const grants: Grant[] = [LIST_CLUSTERS, ...asked.flatMap((check) => check.grants)];
  if (writesSecret) grants.push(...INIT_SECRET);
  if (options.initHmac === true) grants.push(...WRITE_NOTE);
  if (options.initExternalSecret === true) grants.push(...INIT_EXTERNAL_SECRET);
  if (identity) grants.push(...INIT_IDENTITY);
  if (options.initWorkloadIdentity === true) grants.push({ ...LIST_NODES, optional: false });
  if (options.why === true) grants.push(...WHY);
  const isWanted = ({ optional }: Grant | AwsGrant | GoogleGrant): boolean =>
    optional !== true || options.optional === true;
  const { names, aws, google, syncs } =
    cluster === undefined ? await givenNames(options, app) : await liveNames(cluster, options, app);
  const used = { "external-secrets": syncs, google: google || options.initWorkloadIdentity === true };
  const wanted = grants.filter((grant) => isWanted(grant) && (grant.onlyFor === undefined || used[grant.onlyFor]));
  const documents = rolesFor(wanted, {
    ...names,
    ...(options.serviceAccount === undefined ? {} : { serviceAccount: options.serviceAccount }),
  });
  const awsGrants: AwsGrant[] = asked.flatMap((check) => check.awsGrants ?? []);
  if (options.initIrsa === true) awsGrants.push(...INIT_IRSA_AWS);
  if (options.initPodIdentity === true) awsGrants.push(...INIT_POD_IDENTITY_AWS);
  const iamPolicy = awsPolicyFor(awsGrants.filter(isWanted), aws) ?? null;
  // A check that was asked for by its code may look at what this cannot see: keys in Secrets.
  const asksGoogle = google || only.length > 0;
  const googleGrants: GoogleGrant[] = asksGoogle ? asked.flatMap((check) => check.googleGrants ?? []) : [];
  if (options.initWorkloadIdentity === true) googleGrants.push(...INIT_WORKLOAD_IDENTITY_GOOGLE);
  if (options.initHmac === true) googleGrants.push(...INIT_HMAC_GOOGLE);
  const googleRole = googleRoleFor(googleGrants.filter(isWanted)) ?? null;
  await printOutputs(app, outputs, (format) =>
    format === "json"
      ? { schema: "antfly-creds.permissions/v1", documents, iamPolicy, googleRole, exitCode: 0 }
      : documents.map((document) => stringify(document)).join("---\n") +
        policyComment(iamPolicy) +
        roleComment(googleRole),
  );
  if (names.secrets === undefined && wanted.some((grant) => grant.named === "referenced-secrets")) {
    app.terminal.err(
      "note: this lets the holder read every Secret of the namespace; name the cluster (antfly-creds permissions CLUSTER) or --secret NAME to narrow it\n",
    );
  }
  return 0;
}

function setsUpIdentity(options: PermissionsOptions): boolean {
  return makesRole(options) || options.initWorkloadIdentity === true;
}

/** On AWS. */
function makesRole({ initIrsa, initPodIdentity }: PermissionsOptions): boolean {
  return initIrsa === true || initPodIdentity === true;
}

function policyComment(policy: IamPolicy | null): string {
  return policy === null ? "" : asComment([POLICY_HEAD], JSON.stringify(policy, undefined, 2));
}

function roleComment(role: GoogleRole | null): string {
  return role === null ? "" : asComment(ROLE_HEAD, stringify(role).trimEnd());
}

/** YAML has a place for it that kubectl passes over. */
function asComment(head: readonly string[], text: string): string {
  return [...head, ...text.split("\n")].map((line) => `# ${line}\n`).join("");
}

const POLICY_HEAD = "IAM policy of the identity on AWS that antfly-creds asks with; -o json has it under iamPolicy:";
const ROLE_HEAD = [
  "Role of the identity on Google Cloud that antfly-creds asks with, in the projects of the cluster, of the service account",
  "and of the bucket (gcloud iam roles create antflyCreds --project PROJECT --file FILE); -o json has it under googleRole:",
];

interface AllNames {
  readonly names: Names;
  readonly aws: AwsNames;
  /** False where nothing of the cluster points to Google, so that it is asked nothing. */
  readonly google: boolean;
  /** False where External Secrets is not installed, and none of its objects can be there. */
  readonly syncs: boolean;
}

/** Without a cluster: what the flags name. Only then it takes no cluster to print a Role. */
async function givenNames(options: PermissionsOptions, app: App): Promise<AllNames> {
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
async function liveNames(cluster: string, options: PermissionsOptions, app: App): Promise<AllNames> {
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
