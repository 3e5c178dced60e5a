import { isPublicKey } from "../domain/values/public-keys.ts";
import { parseEnvFile } from "../collect/env-file.ts";
import {
  ACCESS_KEY_ID,
  CREDENTIAL_KEYS,
  ENDPOINT_URL,
  isNearMiss,
  REGION,
  SECRET_ACCESS_KEY,
  SESSION_TOKEN,
} from "../domain/env/static-keys.ts";
import { UserError } from "../domain/errors.ts";
import { Sensitive } from "../domain/sensitive.ts";
import { count, sentenceList } from "../domain/text.ts";
import type { App } from "../ports.ts";

export type Provider = "aws" | "gcs" | "minio" | "s3-compatible";

export interface ValueOptions {
  readonly provider?: Provider;
  readonly fromEnvFile?: string;
  readonly fromStdin?: boolean;
  readonly profile?: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly overwrite?: boolean;
  /** Email of the Google service account that a key is made for, instead of bringing one. */
  readonly createHmac?: string;
}

/** A value for one key; `shown` repeats it when it is no secret and did not come out of a file. */
export interface GivenValue {
  readonly value: Sensitive;
  readonly shown: string | undefined;
}

/** What the user calls the source of the values; undefined when there is none and somebody has to be asked. */
export function describeSource({ fromEnvFile, fromStdin, profile }: ValueOptions): string | undefined {
  if (fromEnvFile !== undefined) return fromEnvFile;
  if (fromStdin === true) return "standard input";
  return profile === undefined ? undefined : `profile ${profile}`;
}

/**
 * The values of the env file, standard input, AWS profile and flags; a flag wins.
 * @throws UserError for a source that cannot be used, and for two of them
 */
export async function valuesFromSources(options: ValueOptions, app: App): Promise<Map<string, GivenValue>> {
  const sources = [options.fromEnvFile, options.fromStdin, options.profile].filter((source) => source !== undefined);
  if (sources.length > 1)
    throw new UserError("usage", "--from-env-file, --from-stdin and --profile exclude each other");
  const values = new Map(await fromSource(options, app));
  if (options.region !== undefined) values.set(REGION, shown(options.region));
  if (options.endpoint !== undefined) values.set(ENDPOINT_URL, shown(options.endpoint));
  return values;
}

/** A value that is no secret. */
export function shown(text: string): GivenValue {
  return { value: new Sensitive(text), shown: text };
}

async function fromSource(options: ValueOptions, app: App): Promise<[string, GivenValue][]> {
  if (options.profile !== undefined) return fromProfile(options.profile, app);
  const source = describeSource(options);
  if (source === undefined) return [];
  const bytes =
    options.fromEnvFile === undefined
      ? await app.terminal.readStdin({ hint: "pipe an env file into the command, or use --from-env-file FILE" })
      : await app.files.read(options.fromEnvFile);
  const given: [string, GivenValue][] = [];
  let ignored = 0;
  for (const [name, { text, line }] of parseEnvFile(bytes, source)) {
    const wanted = CREDENTIAL_KEYS.find((key) => isNearMiss(name, key));
    if ((CREDENTIAL_KEYS as readonly string[]).includes(name)) given.push([name, keep(app, name, text)]);
    else if (wanted !== undefined) {
      throw new UserError("near-miss", `${source}:${line} sets ${name}, which the database does not read`, {
        hint: `call it ${wanted}`,
      });
    } else ignored += 1;
  }
  // Not by name: what looks like one may be the rest of a value that was broken in two.
  if (ignored > 0)
    app.terminal.err(`note: ${source}: ${count(ignored, "other line")} left out; the database does not read them\n`);
  return given;
}

async function fromProfile(name: string, app: App): Promise<[string, GivenValue][]> {
  const { accessKeyId, secretAccessKey, sessionToken, region } = await app.awsProfile(name);
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new UserError("no-static-keys", `the AWS profile "${name}" holds no access key (it signs in another way)`, {
      hint: "static keys belong to an IAM user: aws iam create-access-key --user-name USER",
    });
  }
  const given: [string, GivenValue][] = [
    [ACCESS_KEY_ID, { value: accessKeyId, shown: undefined }],
    [SECRET_ACCESS_KEY, { value: secretAccessKey, shown: undefined }],
  ];
  if (sessionToken !== undefined) given.push([SESSION_TOKEN, { value: sessionToken, shown: undefined }]);
  if (region !== undefined) given.push([REGION, shown(region)]);
  return given;
}

function keep(app: App, name: string, text: string): GivenValue {
  const value = new Sensitive(text);
  if (!isPublicKey(name)) app.redactor.watch(value);
  return { value, shown: undefined };
}

/** @throws UserError when the required keys are missing and nobody can be asked for them */
export async function askForKeys(
  values: Map<string, GivenValue>,
  missing: readonly string[],
  options: ValueOptions,
  app: App,
): Promise<void> {
  const source = describeSource(options);
  if (source !== undefined) {
    throw new UserError("missing-value", `${source} does not set ${sentenceList(missing)}`);
  }
  if (!app.terminal.interactive) {
    throw new UserError("no-values", `no values for ${sentenceList(missing)}, and no terminal to ask on`, {
      hint: "use --from-env-file FILE, --from-stdin or --profile NAME",
    });
  }
  for (const key of missing) values.set(key, { value: await app.terminal.askSecret(key), shown: undefined });
}
