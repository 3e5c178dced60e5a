import { getDefaultRoleAssumer, getDefaultRoleAssumerWithWebIdentity } from "@aws-sdk/client-sts";
import { fromHttp, fromIni, fromInstanceMetadata, fromTokenFile } from "@aws-sdk/credential-providers";

import { nearest, printable } from "../domain/text.ts";
import type { Nothing, Source } from "./aws-credentials.ts";
import { loadProfiles, sharedFiles, type Profile } from "./aws-profile.ts";
import type { AwsSurroundings, ClientSettings } from "./aws-transport.ts";

const METADATA_MS = 1_000;
/** The SDK writes its warnings to the console unless it is given something else. */
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, trace: nothing };

function nothing(): void {}

export interface Chain {
  /** `--profile` or AWS_PROFILE. */
  readonly profile: string | undefined;
  readonly env: AwsSurroundings["env"];
  /** For the calls that turn one identity into another. */
  readonly sts: Pick<ClientSettings, "region" | "endpoint" | "requestHandler" | "ignoreConfiguredEndpointUrls">;
}

/**
 * The places that the SDK looks in: environment, profile (keys, SSO, role, process), web identity, container. Two things
 * differ: a profile that was chosen is the only place, so that no other identity takes its part unseen, and EC2's metadata
 * is asked only when AWS_EC2_METADATA_DISABLED=false says so, because elsewhere that takes seconds.
 */
export function sourcesOf(chain: Chain): readonly Source[] {
  if (chain.profile !== undefined) return [() => fromProfile(chain, printable(chain.profile ?? ""))];
  return [() => fromEnvironment(chain), () => fromProfile(chain), ...remote(chain)];
}

async function fromEnvironment({ env }: Chain): ReturnType<Source> {
  const accessKeyId = env["AWS_ACCESS_KEY_ID"] || undefined;
  const secretAccessKey = env["AWS_SECRET_ACCESS_KEY"] || undefined;
  const sessionToken = env["AWS_SESSION_TOKEN"] || undefined;
  if (accessKeyId === undefined) return { why: "AWS_ACCESS_KEY_ID is not set" };
  if (secretAccessKey === undefined) return { why: "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY" };
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

async function fromProfile(chain: Chain, chosen?: string): ReturnType<Source> {
  const { env, sts } = chain;
  const name = chosen ?? "default";
  const profiles = await loadProfiles(env);
  const profile = profiles[name];
  if (profile === undefined) {
    const near = chosen === undefined ? undefined : nearest(name, Object.keys(profiles));
    return {
      why: `there is no AWS profile "${name}"`,
      ...(chosen === undefined
        ? {}
        : { next: near === undefined ? "aws configure list-profiles shows what there is" : `did you mean ${near}?` }),
    };
  }
  try {
    return await fromIni({
      profile: name,
      ...sharedFiles(env),
      ignoreCache: true,
      roleAssumer: getDefaultRoleAssumer(sts),
      roleAssumerWithWebIdentity: getDefaultRoleAssumerWithWebIdentity(sts),
      // SSO has a region of its own, and gets no configured endpoint: a bare AWS_ENDPOINT_URL would be handed its token.
      clientConfig: { requestHandler: sts.requestHandler, ignoreConfiguredEndpointUrls: true },
      logger,
    })();
  } catch (error) {
    return ofProfile(name, profile, error);
  }
}

/** Why a profile gave none, by what is in it: the SDK's own words are the same for most. */
function ofProfile(name: string, profile: Profile, error: unknown): Nothing {
  if (profile["mfa_serial"] !== undefined) {
    const next = `eval "$(aws configure export-credentials --profile ${name} --format env)" asks for it`;
    return { why: `profile "${name}" takes a role with an MFA code, which is not asked for here`, next };
  }
  if (profile["sso_session"] !== undefined || profile["sso_start_url"] !== undefined) {
    return {
      why: `the SSO session of profile "${name}" has run out or was never begun`,
      next: `run aws sso login --profile ${name}`,
    };
  }
  if (profile["login_session"] !== undefined)
    return { why: `the login of profile "${name}" has run out`, next: `run aws login --profile ${name}` };
  if (profile["credential_process"] !== undefined)
    return { why: `the credential_process of profile "${name}" failed or printed no credentials` };
  if (profile["role_arn"] !== undefined)
    return { why: `the role of profile "${name}" could not be assumed${codeOf(error)}` };
  return { why: `profile "${name}" holds neither keys nor a way to get them` };
}

function remote({ env, sts }: Chain): Source[] {
  const webIdentityTokenFile = env["AWS_WEB_IDENTITY_TOKEN_FILE"] || undefined;
  const roleArn = env["AWS_ROLE_ARN"] || undefined;
  const relative = env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] || undefined;
  const full = env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] || undefined;
  const webIdentity: Source = async () => {
    if (webIdentityTokenFile === undefined || roleArn === undefined) return { why: "there is no web identity" };
    const roleAssumerWithWebIdentity = getDefaultRoleAssumerWithWebIdentity(sts);
    const options = { webIdentityTokenFile, roleArn, roleAssumerWithWebIdentity, logger };
    return orWhy(fromTokenFile(options)(), (error) => {
      const unreadable = (error as { code?: unknown }).code === "ENOENT";
      if (unreadable) return "the file that AWS_WEB_IDENTITY_TOKEN_FILE names is not there";
      return `the role in AWS_ROLE_ARN could not be assumed with the web identity${codeOf(error)}`;
    });
  };
  const container: Source = async () => {
    if (relative === undefined && full === undefined) return { why: "there is no container endpoint" };
    const token = env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
    const options = {
      ...(relative === undefined ? { awsContainerCredentialsFullUri: full ?? "" } : {}),
      ...(relative === undefined ? {} : { awsContainerCredentialsRelativeUri: relative }),
      ...(token === undefined ? {} : { awsContainerAuthorizationTokenFile: token }),
    };
    return orWhy((async () => fromHttp({ ...options, logger })())(), () => "the container endpoint gave none");
  };
  const metadata: Source = async () => {
    if (env["AWS_EC2_METADATA_DISABLED"] !== "false")
      return { why: "EC2's metadata is asked only with AWS_EC2_METADATA_DISABLED=false" };
    return orWhy(
      fromInstanceMetadata({ timeout: METADATA_MS, maxRetries: 0, logger })(),
      () => "EC2's metadata gave none",
    );
  };
  return [webIdentity, container, metadata];
}

async function orWhy(found: ReturnType<Source>, why: (error: unknown) => string): ReturnType<Source> {
  try {
    return await found;
  } catch (error) {
    return { why: why(error) };
  }
}

/** ` (AccessDenied)`, when it was AWS that said no. */
function codeOf(error: unknown): string {
  const { name, $metadata } = error as { name?: unknown; $metadata?: unknown };
  return typeof name === "string" && $metadata !== undefined ? ` (${printable(name)})` : "";
}
