import { quoted } from "./hcl.ts";
import type { RoleIdentityInput } from "./identity-input.ts";
import type { Mechanism } from "./identity-files.ts";
import type { EksClusterInput } from "./init-pod-identity.ts";

/**
 * The same in Terraform's language. The policies are read from the files beside it, since a policy's own `${…}` would be
 * one of Terraform's. A role that is there is imported; of what the file does not say nothing is changed in it.
 */
export function terraformFile({ cluster, account, role }: RoleIdentityInput, mechanism: Mechanism): string {
  const blocks = [
    `# The identity of ServiceAccount ${cluster.namespace}/${account.name} in AWS.`,
    requirements(role.existing !== undefined),
    ...(mechanism.kind === "irsa" ? [provider(mechanism.provider)] : []),
    ...(role.existing === undefined ? [] : [`import {\n  to = aws_iam_role.antfly\n  id = ${quoted(role.name)}\n}`]),
    roleBlock(role),
    ...(role.aims.length === 0 ? [] : [policyBlock(role)]),
    ...(role.existing?.ownPolicy === undefined || role.aims.length === 0 ? [] : [policyImport(role)]),
    ...(mechanism.kind === "irsa" ? [] : [association(mechanism.eksCluster, cluster.namespace, account.name)]),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** Import blocks came with 1.5; an OIDC provider without thumbprints with version 5.81 of the AWS provider. */
function requirements(imports: boolean): string {
  const version = imports ? `  required_version = ">= 1.5"\n` : "";
  return `terraform {
${version}  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.81"
    }
  }
}`;
}

function provider({ arn, url, audience, clientIds }: Extract<Mechanism, { kind: "irsa" }>["provider"]): string {
  // One that is there serves other workloads of the cluster, and belongs to whoever made it.
  if (clientIds?.includes(audience) === true) {
    return `data "aws_iam_openid_connect_provider" "cluster" {\n  arn = ${quoted(arn)}\n}`;
  }
  const ids = [...(clientIds ?? []), audience].map(quoted).join(", ");
  const block = `resource "aws_iam_openid_connect_provider" "cluster" {\n  url            = ${quoted(url)}\n  client_id_list = [${ids}]\n}`;
  if (clientIds === undefined) return block;
  return `import {\n  to = aws_iam_openid_connect_provider.cluster\n  id = ${quoted(arn)}\n}\n\n${block}`;
}

function roleBlock({ name, path, existing }: RoleIdentityInput["role"]): string {
  const kept = ["description", "max_session_duration", "permissions_boundary", "tags", "tags_all"];
  const lifecycle = existing === undefined ? "" : `\n\n  lifecycle {\n    ignore_changes = [${kept.join(", ")}]\n  }`;
  return `resource "aws_iam_role" "antfly" {
  name               = ${quoted(name)}
  path               = ${quoted(path)}
  assume_role_policy = file("\${path.module}/trust.json")${lifecycle}
}`;
}

function policyBlock({ ownPolicy }: RoleIdentityInput["role"]): string {
  return `resource "aws_iam_role_policy" "backups" {
  name   = ${quoted(ownPolicy)}
  role   = aws_iam_role.antfly.name
  policy = file("\${path.module}/permissions.json")
}`;
}

function policyImport({ name, ownPolicy }: RoleIdentityInput["role"]): string {
  return `import {\n  to = aws_iam_role_policy.backups\n  id = ${quoted(`${name}:${ownPolicy}`)}\n}`;
}

function association(eksCluster: EksClusterInput, namespace: string, serviceAccount: string): string {
  return `resource "aws_eks_pod_identity_association" "antfly" {
  cluster_name    = ${quoted(eksCluster.name)}
  namespace       = ${quoted(namespace)}
  service_account = ${quoted(serviceAccount)}
  role_arn        = aws_iam_role.antfly.arn
}`;
}
