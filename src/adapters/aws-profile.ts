import { loadSharedConfigFiles } from "@smithy/shared-ini-file-loader";

import { UserError } from "../domain/errors.ts";
import type { Redactor } from "../domain/redact.ts";
import { Sensitive } from "../domain/sensitive.ts";
import { nearest } from "../domain/text.ts";
import type { AwsProfile } from "../ports.ts";

/**
 * Static keys of a profile in `~/.aws/credentials` and `~/.aws/config` (or the files that AWS_SHARED_CREDENTIALS_FILE and
 * AWS_CONFIG_FILE name).
 * @throws UserError when there is no such profile
 */
export async function readAwsProfile(name: string, redactor: Redactor): Promise<AwsProfile> {
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  if (configFile[name] === undefined && credentialsFile[name] === undefined) {
    const near = nearest(name, [...Object.keys(configFile), ...Object.keys(credentialsFile)]);
    throw new UserError("unknown-profile", `there is no AWS profile "${name}"`, {
      hint: near === undefined ? "aws configure list-profiles shows what there is" : `did you mean --profile ${near}?`,
    });
  }
  const profile = { ...configFile[name], ...credentialsFile[name] };
  const secret = (value: string | undefined): Sensitive | undefined => {
    if (value === undefined || value === "") return undefined;
    const kept = new Sensitive(value);
    redactor.watch(kept);
    return kept;
  };
  return {
    accessKeyId: secret(profile["aws_access_key_id"]),
    secretAccessKey: secret(profile["aws_secret_access_key"]),
    sessionToken: secret(profile["aws_session_token"]),
    region: profile["region"],
  };
}
