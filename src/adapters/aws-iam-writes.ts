import {
  AddClientIDToOpenIDConnectProviderCommand,
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  DeleteOpenIDConnectProviderCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
  RemoveClientIDFromOpenIDConnectProviderCommand,
  UpdateAssumeRolePolicyCommand,
  type Tag,
} from "@aws-sdk/client-iam";

import { AwsError, type Aws } from "../ports.ts";
import type { AwsConnection } from "./aws-connection.ts";
import { roleOf } from "./aws-iam.ts";

export type IamWrites = Pick<
  Aws,
  | "createOidcProvider"
  | "deleteOidcProvider"
  | "addClientId"
  | "removeClientId"
  | "createRole"
  | "deleteRole"
  | "updateTrustPolicy"
  | "putRolePolicy"
  | "deleteRolePolicy"
>;

/** What is changed in IAM. */
export function iamWrites({ transport, settings }: AwsConnection): IamWrites {
  const client = transport.adopt(new IAMClient(settings("IAM", "write")));
  return {
    async createOidcProvider(url, clientIds, tags) {
      const action = "iam:CreateOpenIDConnectProvider";
      const command = new CreateOpenIDConnectProviderCommand({
        Url: url,
        ClientIDList: [...clientIds],
        Tags: tagList(tags),
      });
      const { OpenIDConnectProviderArn: arn } = await transport.write(action, (options) =>
        client.send(command, options),
      );
      if (arn === undefined) throw new AwsError("malformed", action, "IAM sent an answer without the provider's ARN");
      return arn;
    },

    async deleteOidcProvider(arn) {
      const command = new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn });
      await transport.write("iam:DeleteOpenIDConnectProvider", (options) => client.send(command, options));
    },

    async addClientId(arn, clientId) {
      const input = { OpenIDConnectProviderArn: arn, ClientID: clientId };
      await transport.write("iam:AddClientIDToOpenIDConnectProvider", (options) =>
        client.send(new AddClientIDToOpenIDConnectProviderCommand(input), options),
      );
    },

    async removeClientId(arn, clientId) {
      const input = { OpenIDConnectProviderArn: arn, ClientID: clientId };
      await transport.write("iam:RemoveClientIDFromOpenIDConnectProvider", (options) =>
        client.send(new RemoveClientIDFromOpenIDConnectProviderCommand(input), options),
      );
    },

    async createRole({ name, path, trustPolicy, description, tags }) {
      const action = "iam:CreateRole";
      const command = new CreateRoleCommand({
        RoleName: name,
        Path: path,
        AssumeRolePolicyDocument: trustPolicy,
        Description: description,
        Tags: tagList(tags),
      });
      const { Role } = await transport.write(action, (options) => client.send(command, options));
      return roleOf(action, Role);
    },

    async deleteRole(name) {
      await transport.write("iam:DeleteRole", (options) =>
        client.send(new DeleteRoleCommand({ RoleName: name }), options),
      );
    },

    async updateTrustPolicy(role, document) {
      const command = new UpdateAssumeRolePolicyCommand({ RoleName: role, PolicyDocument: document });
      await transport.write("iam:UpdateAssumeRolePolicy", (options) => client.send(command, options));
    },

    async putRolePolicy(role, policy, document) {
      const command = new PutRolePolicyCommand({ RoleName: role, PolicyName: policy, PolicyDocument: document });
      await transport.write("iam:PutRolePolicy", (options) => client.send(command, options));
    },

    async deleteRolePolicy(role, policy) {
      const command = new DeleteRolePolicyCommand({ RoleName: role, PolicyName: policy });
      await transport.write("iam:DeleteRolePolicy", (options) => client.send(command, options));
    },
  };
}

function tagList(tags: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
