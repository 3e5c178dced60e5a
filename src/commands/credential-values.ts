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
import { sentenceList } from "../domain/text.ts";
import { shapesOf } from "../domain/values/classify.ts";
import { endpointKind } from "../domain/values/endpoint.ts";
import { SHAPE_TEXT } from "../domain/values/shapes.ts";
import type { App } from "../ports.ts";

export type Provider = "aws" | "gcs" | "minio" | "s3-compatible";

export interface ValueOptions {
  readonly provider: Provider;
  readonly fromEnvFile?: string;
  readonly fromStdin?: boolean;
  readonly profile?: string;
  readonly endpoint?: string;
  readonly region?: string;
}

/** A value for one key; `shown` repeats it when it is no secret and did not come out of a file. */
export interface GivenValue {
  readonly value: Sensitive;
  readonly shown: string | undefined;
}

export type GivenValues = ReadonlyMap<string, GivenValue>;

/**
 * The values that the user gives: from an env file, standard input, an AWS profile, flags that are no secrets, or the
 * prompt. `held` are the keys that the Secret has already; only what is missing is asked for.
 * @throws UserError for values that cannot work, and when something is missing and nobody can be asked
 */
export async function givenValues(options: ValueOptions, held: ReadonlySet<string>, app: App): Promise<GivenValues> {
  const sources = [options.fromEnvFile, options.fromStdin, options.profile].filter((source) => source !== undefined);
  if (sources.length > 1)
    throw new UserError("usage", "--from-env-file, --from-stdin and --profile exclude each other");
  const values = new Map<string, GivenValue>(await fromSource(options, app));
  addFromFlags(values, options);
  const missing = [ACCESS_KEY_ID, SECRET_ACCESS_KEY].filter((key) => !values.has(key) && !held.has(key));
  if (missing.length > 0) await askFor(missing, values, options, sources.length > 0, app);
  await addEndpoint(values, options, held, app);
  for (const [key, { value }] of values) assertShape(key, value);
  assertFits(values, held);
  return values;
}

async function fromSource(options: ValueOptions, app: App): Promise<[string, GivenValue][]> {
  if (options.profile !== undefined) return fromProfile(options.profile, app);
  if (options.fromEnvFile === undefined && options.fromStdin !== true) return [];
  const source = options.fromEnvFile ?? "standard input";
  const bytes =
    options.fromEnvFile === undefined ? await app.terminal.readStdin() : await app.files.read(options.fromEnvFile);
  const given: [string, GivenValue][] = [];
  const ignored: string[] = [];
  for (const [name, text] of parseEnvFile(bytes, source)) {
    const wanted = CREDENTIAL_KEYS.find((key) => isNearMiss(name, key));
    if ((CREDENTIAL_KEYS as readonly string[]).includes(name)) given.push([name, keep(app, name, text)]);
    else if (wanted !== undefined) {
      throw new UserError("near-miss", `${source} sets ${name}, which the database does not read`, {
        hint: `call it ${wanted}`,
      });
    } else ignored.push(name);
  }
  if (ignored.length > 0)
    app.terminal.err(
      `note: ${source}: ${sentenceList(ignored)} left out; the database does not read ${ignored.length === 1 ? "it" : "them"}\n`,
    );
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
  if (region !== undefined) given.push([REGION, { value: new Sensitive(region), shown: region }]);
  return given;
}

function keep(app: App, name: string, text: string): GivenValue {
  const value = new Sensitive(text);
  if (name !== REGION && name !== ENDPOINT_URL) app.redactor.watch(value);
  return { value, shown: undefined };
}

function addFromFlags(values: Map<string, GivenValue>, { region, endpoint }: ValueOptions): void {
  if (region !== undefined) {
    if (!/^[a-z0-9-]+$/.test(region))
      throw new UserError("bad-region", `--region ${region} is no region`, { hint: "for example --region us-east-1" });
    values.set(REGION, { value: new Sensitive(region), shown: region });
  }
  if (endpoint === undefined) return;
  const { scheme, host } = endpointKind(endpoint);
  if ((scheme !== "https" && scheme !== "http") || host === "malformed") {
    throw new UserError("bad-endpoint", "--endpoint is not an http or https URL", {
      hint: "for example --endpoint https://minio.example.com",
    });
  }
  const url = new URL(endpoint);
  if (url.username !== "" || url.password !== "")
    throw new UserError("bad-endpoint", "--endpoint holds a user name or password; leave them out");
  values.set(ENDPOINT_URL, { value: new Sensitive(endpoint), shown: endpoint });
}

async function askFor(
  missing: readonly string[],
  values: Map<string, GivenValue>,
  options: ValueOptions,
  hasSource: boolean,
  app: App,
): Promise<void> {
  if (hasSource) {
    const source =
      options.fromEnvFile ?? (options.profile === undefined ? "standard input" : `profile ${options.profile}`);
    throw new UserError("missing-value", `${source} does not set ${sentenceList(missing)}`);
  }
  if (!app.terminal.interactive) {
    throw new UserError("no-values", `no values for ${sentenceList(missing)}, and no terminal to ask on`, {
      hint: "use --from-env-file FILE, --from-stdin or --profile NAME",
    });
  }
  for (const key of missing) values.set(key, { value: await app.terminal.askSecret(key), shown: undefined });
}

/** The endpoint is always written: most database images refuse s3:// without it. */
async function addEndpoint(
  values: Map<string, GivenValue>,
  options: ValueOptions,
  held: ReadonlySet<string>,
  app: App,
): Promise<void> {
  if (values.has(ENDPOINT_URL)) return;
  if (options.provider === "gcs") {
    if (!held.has(ENDPOINT_URL)) set(values, ENDPOINT_URL, "https://storage.googleapis.com");
    if (!held.has(REGION) && !values.has(REGION)) set(values, REGION, "auto");
    return;
  }
  if (held.has(ENDPOINT_URL) && options.region === undefined) return;
  if (options.provider === "aws") {
    let region = decoded(values.get(REGION));
    if (region === undefined) {
      if (!app.terminal.interactive)
        throw new UserError("no-region", "the region of the bucket is not known", {
          hint: "add --region, for example --region us-east-1",
        });
      region = await app.terminal.ask("Region of the bucket", { initial: "us-east-1" });
      set(values, REGION, region);
    }
    set(values, ENDPOINT_URL, `https://s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`);
    return;
  }
  if (!app.terminal.interactive) {
    throw new UserError("no-endpoint", `--provider ${options.provider} needs the store's address`, {
      hint: "add --endpoint https://HOST",
    });
  }
  set(
    values,
    ENDPOINT_URL,
    await app.terminal.ask("S3 endpoint (https://…)", {
      validate: (text) => (/^https?:\/\/[^/]/.test(text) ? undefined : "a URL, please"),
    }),
  );
}

function set(values: Map<string, GivenValue>, key: string, text: string): void {
  values.set(key, { value: new Sensitive(text), shown: text });
}

function decoded(given: GivenValue | undefined): string | undefined {
  return given === undefined ? undefined : Buffer.from(given.value.reveal()).toString("utf8");
}

function assertShape(key: string, value: Sensitive): void {
  const [shape] = shapesOf(value.reveal());
  if (shape === undefined) return;
  throw new UserError("bad-value", `the value of ${key} ${SHAPE_TEXT[shape].problem}`, {
    hint: `wanted: ${SHAPE_TEXT[shape].want}; nothing was changed`,
  });
}

/** Combinations that no store accepts. */
function assertFits(values: GivenValues, held: ReadonlySet<string>): void {
  const id = decoded(values.get(ACCESS_KEY_ID)) ?? "";
  const endpoint = decoded(values.get(ENDPOINT_URL));
  const host = endpoint === undefined ? undefined : endpointKind(endpoint).host;
  if (id.startsWith("ASIA") && !values.has(SESSION_TOKEN) && !held.has(SESSION_TOKEN)) {
    throw new UserError("bad-value", `${ACCESS_KEY_ID} is a temporary key (ASIA…) and ${SESSION_TOKEN} is missing`, {
      hint: "use the key of an IAM user (AKIA…)",
    });
  }
  if (id.startsWith("GOOG") && host === "aws") {
    throw new UserError("bad-value", `${ACCESS_KEY_ID} is a Google HMAC key (GOOG…), and the endpoint is AWS's`, {
      hint: "use --provider gcs",
    });
  }
  if (/^(AKIA|ASIA)/.test(id) && host === "gcs") {
    throw new UserError("bad-value", `${ACCESS_KEY_ID} is an AWS key, and the endpoint is Google's`, {
      hint: "use --provider aws",
    });
  }
}
