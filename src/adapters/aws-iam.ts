import {
  GetAccessKeyLastUsedCommand,
  GetOpenIDConnectProviderCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListOpenIDConnectProvidersCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
  type AttachedPolicy,
  type Role,
  type Tag,
} from "@aws-sdk/client-iam";

import { AwsError, type Aws, type IamRole } from "../ports.ts";
import type { AwsConnection } from "./aws-connection.ts";

export type IamReads = Pick<
  Aws,
  | "getRole"
  | "listRolePolicies"
  | "getRolePolicy"
  | "listAttachedRolePolicies"
  | "listUserPolicies"
  | "getUserPolicy"
  | "listAttachedUserPolicies"
  | "getManagedPolicy"
  | "getOidcProvider"
  | "listOidcProviders"
  | "accessKeyUser"
  | "listAccessKeys"
>;

/** A list that never ends is no list. */
const MOST_PAGES = 100;

/** What IAM is asked. It has one endpoint a partition. */
export function iamReads({ transport, settings }: AwsConnection): IamReads {
  const client = transport.adopt(new IAMClient(settings("IAM", "read")));
  const paged = async <T>(
    action: string,
    page: (marker: string | undefined, options: { abortSignal: AbortSignal }) => Promise<Page<T>>,
  ): Promise<readonly T[]> => {
    const items: T[] = [];
    let marker: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const { found, more, isTruncated } = await transport.read(action, (options) => page(marker, options));
      if (found === undefined && isTruncated === undefined)
        throw new AwsError("malformed", action, "IAM sent an answer without the list");
      items.push(...(found ?? []));
      if (more === undefined) return items;
      marker = more;
    }
    throw new AwsError("malformed", action, "the list never ends");
  };
  return {
    async getRole(name) {
      const action = "iam:GetRole";
      const command = new GetRoleCommand({ RoleName: name });
      const { Role } = await transport.read(action, (options) => client.send(command, options));
      return roleOf(action, Role);
    },

    listRolePolicies: (role) =>
      paged("iam:ListRolePolicies", async (marker, options) => {
        const command = new ListRolePoliciesCommand({ RoleName: role, Marker: marker });
        const { PolicyNames, IsTruncated, Marker } = await client.send(command, options);
        return { found: PolicyNames, more: IsTruncated === true ? Marker : undefined, isTruncated: IsTruncated };
      }),

    async getRolePolicy(role, policy) {
      const action = "iam:GetRolePolicy";
      const command = new GetRolePolicyCommand({ RoleName: role, PolicyName: policy });
      const { PolicyDocument } = await transport.read(action, (options) => client.send(command, options));
      return decoded(action, PolicyDocument);
    },

    async listAttachedRolePolicies(role) {
      const attached = await paged("iam:ListAttachedRolePolicies", async (marker, options) => {
        const command = new ListAttachedRolePoliciesCommand({ RoleName: role, Marker: marker });
        const { AttachedPolicies, IsTruncated, Marker } = await client.send(command, options);
        return { found: AttachedPolicies, more: IsTruncated === true ? Marker : undefined, isTruncated: IsTruncated };
      });
      return attached.map(attachedOf);
    },

    listUserPolicies: (user) =>
      paged("iam:ListUserPolicies", async (marker, options) => {
        const command = new ListUserPoliciesCommand({ UserName: user, Marker: marker });
        const { PolicyNames, IsTruncated, Marker } = await client.send(command, options);
        return { found: PolicyNames, more: IsTruncated === true ? Marker : undefined, isTruncated: IsTruncated };
      }),

    async getUserPolicy(user, policy) {
      const action = "iam:GetUserPolicy";
      const command = new GetUserPolicyCommand({ UserName: user, PolicyName: policy });
      const { PolicyDocument } = await transport.read(action, (options) => client.send(command, options));
      return decoded(action, PolicyDocument);
    },

    async listAttachedUserPolicies(user) {
      const attached = await paged("iam:ListAttachedUserPolicies", async (marker, options) => {
        const command = new ListAttachedUserPoliciesCommand({ UserName: user, Marker: marker });
        const { AttachedPolicies, IsTruncated, Marker } = await client.send(command, options);
        return { found: AttachedPolicies, more: IsTruncated === true ? Marker : undefined, isTruncated: IsTruncated };
      });
      return attached.map(attachedOf);
    },

    async getManagedPolicy(arn) {
      const { Policy } = await transport.read("iam:GetPolicy", (options) =>
        client.send(new GetPolicyCommand({ PolicyArn: arn }), options),
      );
      const action = "iam:GetPolicyVersion";
      const command = new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: Policy?.DefaultVersionId });
      const { PolicyVersion } = await transport.read(action, (options) => client.send(command, options));
      return decoded(action, PolicyVersion?.Document);
    },

    async getOidcProvider(arn) {
      const action = "iam:GetOpenIDConnectProvider";
      const command = new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn });
      const answer = await transport.read(action, (options) => client.send(command, options));
      if (answer.Url === undefined) throw new AwsError("malformed", action, "IAM sent an answer without the provider");
      return {
        url: answer.Url,
        clientIds: answer.ClientIDList ?? [],
        thumbprints: answer.ThumbprintList ?? [],
        tags: tagsOf(answer.Tags),
      };
    },

    async listOidcProviders() {
      const { OpenIDConnectProviderList } = await transport.read("iam:ListOpenIDConnectProviders", (options) =>
        client.send(new ListOpenIDConnectProvidersCommand(), options),
      );
      return (OpenIDConnectProviderList ?? []).flatMap(({ Arn }) => (Arn === undefined ? [] : [Arn]));
    },

    async accessKeyUser(accessKeyId) {
      const id = Buffer.from(accessKeyId.reveal()).toString("utf8");
      const answer = await transport.read("iam:GetAccessKeyLastUsed", (options) =>
        client.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: id }), options),
      );
      return { user: answer.UserName ?? "", lastUsedAt: answer.AccessKeyLastUsed?.LastUsedDate?.toISOString() };
    },

    async listAccessKeys(user) {
      const keys = await paged("iam:ListAccessKeys", async (marker, options) => {
        const command = new ListAccessKeysCommand({ UserName: user, Marker: marker });
        const { AccessKeyMetadata, IsTruncated, Marker } = await client.send(command, options);
        return { found: AccessKeyMetadata, more: IsTruncated === true ? Marker : undefined, isTruncated: IsTruncated };
      });
      return keys.map(({ AccessKeyId = "", Status, CreateDate }) => ({
        id: AccessKeyId,
        status: Status === "Active" ? "Active" : "Inactive",
        createdAt: CreateDate?.toISOString(),
      }));
    },
  };
}

interface Page<T> {
  readonly found: readonly T[] | undefined;
  readonly more: string | undefined;
  /** What IAM says of every list, an empty one as well; undefined where it has sent none. */
  readonly isTruncated: boolean | undefined;
}

/** @throws AwsError malformed for an answer without the role */
export function roleOf(action: string, role: Role | undefined): IamRole {
  if (role?.Arn === undefined || role.RoleName === undefined)
    throw new AwsError("malformed", action, "IAM sent an answer without the role");
  return {
    arn: role.Arn,
    name: role.RoleName,
    createdAt: role.CreateDate?.toISOString(),
    trustPolicy: decoded(action, role.AssumeRolePolicyDocument),
    maxSessionSeconds: role.MaxSessionDuration ?? 3600,
    boundary: role.PermissionsBoundary?.PermissionsBoundaryArn,
    tags: tagsOf(role.Tags),
  };
}

/** IAM sends documents percent-encoded. */
function decoded(action: string, document: string | undefined): string {
  if (document === undefined) throw new AwsError("malformed", action, "IAM sent an answer without the document");
  try {
    return decodeURIComponent(document);
  } catch {
    throw new AwsError("malformed", action, "IAM sent a document that cannot be decoded");
  }
}

function attachedOf({ PolicyName = "", PolicyArn = "" }: AttachedPolicy): { name: string; arn: string } {
  return { name: PolicyName, arn: PolicyArn };
}

function tagsOf(tags: readonly Tag[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
}
