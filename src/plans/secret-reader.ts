import { parseRoleArn } from "../domain/aws-arn.ts";
import { workloadPoolOf } from "../domain/gcp/gke-name.ts";
import { partitionOf } from "../domain/values/region.ts";
import { variables } from "./aws-script.ts";
import type { RemoteEntry, SecretManager } from "./external-secret-objects.ts";
import { quoted } from "./hcl.ts";

/** Who reads the entry, and what is known of it. */
export interface SecretReader {
  /** AntflyCluster that the entry is for. */
  readonly cluster: { readonly namespace: string; readonly name: string };
  /** ServiceAccount of the store; undefined: the operator's own. */
  readonly serviceAccount: string | undefined;
  /** ARN of the IAM role on it. */
  readonly role: string | undefined;
  /** E-mail of the Google service account on it. */
  readonly googleAccount: string | undefined;
  /** Project of the GKE cluster, where the kubeconfig tells it. */
  readonly clusterProject: string | undefined;
}

const ACTIONS = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"] as const;

/** `ServiceAccount production/eso-reader`, or the operator. */
export function readerName({ serviceAccount, cluster }: SecretReader): string {
  return serviceAccount === undefined
    ? "the External Secrets operator"
    : `ServiceAccount ${cluster.namespace}/${serviceAccount}`;
}

/** The entry's ARN; AWS puts a dash and six characters after its name. */
export function entryArn(region: string, key: string, { role }: Pick<SecretReader, "role">): string {
  const account = role === undefined ? undefined : parseRoleArn(role)?.account;
  return `arn:${partitionOf(region)}:secretsmanager:${region}:${account ?? "*"}:secret:${key}-??????`;
}

/** The least that the reader needs, in one sentence. */
export function readerNeeds(manager: SecretManager, { key }: RemoteEntry, reader: SecretReader): string {
  const who = readerName(reader);
  switch (manager.kind) {
    case "aws-secrets-manager":
      return `the IAM role of ${who} needs ${ACTIONS.join(" and ")} on ${entryArn(manager.region, key, reader)}`;
    case "gcp-secret-manager":
      return `${who} needs roles/secretmanager.secretAccessor on secret ${key} of project ${manager.project}`;
    default:
      return `Vault's role ${manager.role} needs a policy with "read" on ${manager.path}/data/${key}, and to be bound to ${who}`;
  }
}

/** The same as files for whoever looks after the manager. */
export function readerFiles(
  manager: SecretManager,
  { key }: RemoteEntry,
  reader: SecretReader,
): { readonly name: string; readonly content: string }[] {
  switch (manager.kind) {
    case "aws-secrets-manager": {
      const statement = {
        Sid: "ReadAntflyCredentials",
        Effect: "Allow",
        Action: ACTIONS,
        Resource: entryArn(manager.region, key, reader),
      };
      const policy = { Version: "2012-10-17", Statement: [statement] };
      return [
        { name: "reader-policy.json", content: `${JSON.stringify(policy, undefined, 2)}\n` },
        { name: "reader.tf", content: terraform(key, reader) },
      ];
    }
    case "gcp-secret-manager":
      return [{ name: "reader.sh", content: script(manager.project, key, reader) }];
    default:
      return [{ name: "reader-policy.hcl", content: vaultPolicy(manager, key, reader) }];
  }
}

function terraform(key: string, reader: SecretReader): string {
  const { namespace, name } = reader.cluster;
  const known = reader.role === undefined ? undefined : parseRoleArn(reader.role)?.name;
  const variable = `variable "reader_role" {
  description = "Name of the IAM role that External Secrets reads with"
  type        = string
}

`;
  return `# Lets ${readerName(reader)} read ${key} of AWS Secrets Manager.
# An entry that is encrypted with a KMS key of your own takes kms:Decrypt on that key as well.
${known === undefined ? variable : ""}resource "aws_iam_role_policy" "antfly_reader" {
  name   = ${quoted(`antfly-${namespace}-${name}-reader`.slice(0, 128))}
  role   = ${known === undefined ? "var.reader_role" : quoted(known)}
  policy = file("\${path.module}/reader-policy.json")
}
`;
}

/** What the operator's chart calls its ServiceAccount and namespace. */
const OPERATOR = "external-secrets";

function script(project: string, key: string, reader: SecretReader): string {
  const { serviceAccount = OPERATOR, googleAccount, clusterProject, cluster } = reader;
  const namespace = reader.serviceAccount === undefined ? OPERATOR : cluster.namespace;
  const own = `${variables({ cluster_project: clusterProject ?? project, namespace, service_account: serviceAccount })}
number=$(gcloud projects describe "$cluster_project" --format 'value(projectNumber)')
member="principal://iam.googleapis.com/projects/$number/locations/global/workloadIdentityPools/${workloadPoolOf("$cluster_project")}/subject/ns/$namespace/sa/$service_account"`;
  return `#!/bin/sh
# Lets ${readerName(reader)} read secret ${key} of Google Secret Manager, which has to be there first.
set -eu
${variables({ project, secret: key })}
${googleAccount === undefined ? own : variables({ member: `serviceAccount:${googleAccount}` })}
gcloud secrets add-iam-policy-binding "$secret" --project "$project" --role roles/secretmanager.secretAccessor --member "$member"
`;
}

function vaultPolicy(
  { path, role, mount }: Extract<SecretManager, { kind: "vault" }>,
  key: string,
  reader: SecretReader,
): string {
  const { namespace, name } = reader.cluster;
  const policy = `antfly-${namespace}-${name}`;
  const bound = `bound_service_account_names=${reader.serviceAccount ?? OPERATOR} bound_service_account_namespaces=${reader.serviceAccount === undefined ? OPERATOR : namespace}`;
  return `# Lets ${readerName(reader)} read ${key} of Vault:
#   vault policy write ${policy} reader-policy.hcl
# and, for a role that is not there yet (one that is there gets this policy beside its own):
#   vault write auth/${mount}/role/${role} ${bound} policies=${policy} ttl=1h
path ${quoted(`${path}/data/${key}`)} {
  capabilities = ["read"]
}
`;
}
