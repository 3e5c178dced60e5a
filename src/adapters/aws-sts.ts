import {
  AssumeRoleWithWebIdentityCommand,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  STSClient,
} from "@aws-sdk/client-sts";

import { Sensitive } from "../domain/sensitive.ts";
import { AwsError, type Aws } from "../ports.ts";
import type { AwsConnection } from "./aws-connection.ts";
import { revealed } from "./aws-credentials.ts";

export type StsCalls = Pick<Aws, "callerIdentity" | "assumeRoleWithWebIdentity" | "accessKeyAccount">;

/** Calls of STS, at the region's own endpoint. */
export function stsCalls({ transport, settings, redactor }: AwsConnection): StsCalls {
  const client = transport.adopt(new STSClient(settings("STS", "read")));
  return {
    async callerIdentity(credentials) {
      const action = "sts:GetCallerIdentity";
      const asked =
        credentials === undefined
          ? client
          : transport.adopt(
              new STSClient({ ...settings("STS", "read"), credentials: async () => revealed(credentials) }),
            );
      const { Account, Arn } = await transport.read(action, (options) =>
        asked.send(new GetCallerIdentityCommand(), options),
      );
      if (Account === undefined || Arn === undefined) throw unreadable(action);
      return { account: Account, arn: Arn };
    },

    async assumeRoleWithWebIdentity({ roleArn, token, sessionName, durationSeconds, policy }) {
      const action = "sts:AssumeRoleWithWebIdentity";
      redactor.watch(token);
      const command = new AssumeRoleWithWebIdentityCommand({
        RoleArn: roleArn,
        RoleSessionName: sessionName,
        WebIdentityToken: Buffer.from(token.reveal()).toString("utf8"),
        DurationSeconds: durationSeconds,
        ...(policy === undefined ? {} : { Policy: policy }),
      });
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
      const { Account } = await transport.read(action, (options) => client.send(command, options));
      if (Account === undefined) throw unreadable(action);
      return Account;
    },
  };
}

function unreadable(action: string): AwsError {
  return new AwsError("malformed", action, "AWS sent an answer without what was asked for");
}
