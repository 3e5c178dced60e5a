import { loadSharedConfigFiles } from "@smithy/shared-ini-file-loader";

import { UserError } from "../domain/errors.ts";
import type { Redactor } from "../domain/redact.ts";
import { Sensitive } from "../domain/sensitive.ts";
import { nearest } from "../domain/text.ts";
import type { AwsProfile } from "../ports.ts";

export type Profile = Readonly<Record<string, string | undefined>>;

/** Where the shared files lie, when it is not where they usually do. */
export function sharedFiles(env: Readonly<Record<string, string | undefined>>): {
  filepath?: string;
  configFilepath?: string;
} {
  const filepath = env["AWS_SHARED_CREDENTIALS_FILE"] || undefined;
  const configFilepath = env["AWS_CONFIG_FILE"] || undefined;
  return {
    ...(filepath === undefined ? {} : { filepath }),
    ...(configFilepath === undefined ? {} : { configFilepath }),
  };
}

/**
 * The profiles in `~/.aws/credentials` and `~/.aws/config`, or the files that AWS_SHARED_CREDENTIALS_FILE and
 * AWS_CONFIG_FILE name; of a setting in both, the credentials file's.
 */
export async function loadProfiles(
  env: Readonly<Record<string, string | undefined>>,
): Promise<Readonly<Record<string, Profile>>> {
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ...sharedFiles(env), ignoreCache: true });
  const names = [...Object.keys(configFile), ...Object.keys(credentialsFile)];
  return Object.fromEntries(names.map((name) => [name, { ...configFile[name], ...credentialsFile[name] }]));
}

/**
 * Static keys of a profile.
 * @throws UserError when there is no such profile
 */
export async function readAwsProfile(
  name: string,
  { env, redactor }: { env: Readonly<Record<string, string | undefined>>; redactor: Redactor },
): Promise<AwsProfile> {
  const profiles = await loadProfiles(env);
  const profile = profiles[name];
  if (profile === undefined) {
    const near = nearest(name, Object.keys(profiles));
    throw new UserError("unknown-profile", `there is no AWS profile "${name}"`, {
      hint: near === undefined ? "aws configure list-profiles shows what there is" : `did you mean --profile ${near}?`,
    });
  }
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
