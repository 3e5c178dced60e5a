import { stringify } from "yaml";
import type { ExitCode } from "../domain/errors.ts";
import { INIT_IRSA_AWS, INIT_POD_IDENTITY_AWS } from "../domain/aws-grants.ts";
import { INIT_HMAC_GOOGLE, INIT_WORKLOAD_IDENTITY_GOOGLE } from "../domain/google-grants.ts";
import { INIT_IDENTITY, INIT_SECRET, WHY, LIST_CLUSTERS, LIST_NODES, WRITE_NOTE } from "../domain/grants.ts";
import { INIT_EXTERNAL_SECRET } from "../domain/external-secrets-grants.ts";
import type { AwsGrant, GoogleGrant, Grant } from "../domain/grant.ts";
import { awsPolicyFor, type IamPolicy } from "../plans/aws-policy.ts";
import { googleRoleFor, type GoogleRole } from "../plans/google-role.ts";
import type { App } from "../ports.ts";
import { selectChecks } from "./choose-checks.ts";
import { parseOutputs, printOutputs } from "./outputs.ts";
import { rolesFor } from "../plans/roles.ts";
import { givenNames, liveNames } from "./permissions-names.ts";
import { setsUpIdentity, type PermissionsOptions } from "./permissions-options.ts";

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
