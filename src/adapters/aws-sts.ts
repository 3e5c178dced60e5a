import {
  AssumeRoleWithWebIdentityCommand,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  STSClient,
} from "@aws-sdk/client-sts";

import { Sensitive } from "../domain/sensitive.ts";
import { AwsError, type Aws, type AwsCredentials } from "../ports.ts";
import type { AwsConnection } from "./aws-connection.ts";
import { revealed } from "./aws-credentials.ts";

export type StsCalls = Pick<Aws, "callerIdentity" | "assumeRoleWithWebIdentity" | "accessKeyAccount">;

/** Calls of STS, at a region's own endpoint. */
export function stsCalls({ transport, settings, redactor }: AwsConnection): StsCalls {
  const clients = new Map<string | undefined, STSClient>();
  const clientIn = (region?: string): STSClient => {
    const known = clients.get(region) ?? transport.adopt(new STSClient(settings("STS", "read", region)));
    clients.set(region, known);
    return known;
  };
  const clientAs = (credentials: AwsCredentials, region?: string): STSClient => {
    const config = { ...settings("STS", "read", region), credentials: async () => revealed(credentials, redactor) };
    return transport.adopt(new STSClient(config));
  };
  return {
    async callerIdentity(credentials, region) {
      const action = "sts:GetCallerIdentity";
      const client = credentials === undefined ? clientIn(region) : clientAs(credentials, region);
      const { Account, Arn } = await transport.read(action, (options) =>
        client.send(new GetCallerIdentityCommand(), options),
      );
      if (Account === undefined || Arn === undefined) throw unreadable(action);
      return { account: Account, arn: Arn };
    },

    async assumeRoleWithWebIdentity({ roleArn, token, sessionName, durationSeconds, policy, region }) {
      const action = "sts:AssumeRoleWithWebIdentity";
      redactor.watch(token);
      const command = new AssumeRoleWithWebIdentityCommand({
        RoleArn: roleArn,
        RoleSessionName: sessionName,
        WebIdentityToken: Buffer.from(token.reveal()).toString("utf8"),
        DurationSeconds: durationSeconds,
        ...(policy === undefined ? {} : { Policy: policy }),
      });
      const client = clientIn(region);
      const answer = await transport.read(action, (options) => client.send(command, options));
      const { AccessKeyId, SecretAccessKey, SessionToken } = answer.Credentials ?? {};
      const arn = answer.AssumedRoleUser?.Arn;
      if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined || arn === undefined)
        throw unreadable(action);
      const made = {
        accessKeyId: new Sensitive(AccessKeyId),
        secretAccessKey: new Sensitive(SecretAccessKey),
        sessionToken: new Sensitive(SessionToken),
      };
      for (const secret of [made.secretAccessKey, made.sessionToken]) redactor.watch(secret);
      return { credentials: made, arn, provider: answer.Provider, audience: answer.Audience };
    },

    async accessKeyAccount(accessKeyId) {
      const action = "sts:GetAccessKeyInfo";
      const command = new GetAccessKeyInfoCommand({ AccessKeyId: Buffer.from(accessKeyId.reveal()).toString("utf8") });
      const { Account } = await transport.read(action, (options) => clientIn().send(command, options));
      if (Account === undefined) throw unreadable(action);
      return Account;
    },
  };
}

function unreadable(action: string): AwsError {
  return new AwsError("malformed", action, "AWS sent an answer without what was asked for");
}
