import type { Redactor } from "../domain/redact.ts";
import type { AwsSelection } from "../ports.ts";
import { ownCredentials, type Credentials } from "./aws-credentials.ts";
import { loadProfiles } from "./aws-profile.ts";
import { AwsTransport, type AwsSurroundings, type ClientSettings, type Mode } from "./aws-transport.ts";

/** Services that are asked with the tool's own identity; S3 for the policies of buckets alone. */
export type Service = "STS" | "IAM" | "EKS" | "S3";

/** STS and IAM are asked in the partition of this region where none is set. */
const ANY_REGION = "us-east-1";

/** What the calls of every service are sent with. */
export interface AwsConnection {
  readonly transport: AwsTransport;
  readonly redactor: Redactor;
  readonly env: AwsSurroundings["env"];
  readonly timeoutMs: number;
  /** Undefined where nothing names one. */
  readonly region: string | undefined;
  readonly notes: readonly string[];
  /** `other`: a region that is not the tool's own. */
  readonly settings: (service: Service, mode: Mode, other?: string) => ClientSettings;
}

/** Reads the environment and the profile; asks nothing yet. */
export async function connectionOf(selection: AwsSelection, surroundings: AwsSurroundings): Promise<AwsConnection> {
  const { env, redactor } = surroundings;
  const profile = selection.profile ?? (env["AWS_PROFILE"] || undefined);
  const region = selection.region ?? (await regionOf(env, profile));
  const transport = new AwsTransport(selection.timeoutMs, surroundings);
  const settings = (service: Service, mode: Mode, other?: string): ClientSettings => {
    const endpoint = env[`AWS_ENDPOINT_URL_${service}`] || undefined;
    return transport.settings(mode, { region: other ?? region ?? ANY_REGION, endpoint, credentials });
  };
  const credentials: () => Promise<Credentials> = ownCredentials(async () => {
    const { sourcesOf } = await import("./aws-sources.ts");
    const { region: own, requestHandler, ignoreConfiguredEndpointUrls, endpoint } = settings("STS", "read");
    const sts = { region: own, requestHandler, ignoreConfiguredEndpointUrls };
    return sourcesOf({ profile, env, sts: endpoint === undefined ? sts : { ...sts, endpoint } });
  }, redactor);
  const { timeoutMs } = selection;
  return { transport, redactor, env, timeoutMs, region, notes: notesOf(env), settings };
}

async function regionOf(env: AwsSurroundings["env"], profile: string | undefined): Promise<string | undefined> {
  const set = env["AWS_REGION"] || env["AWS_DEFAULT_REGION"];
  if (set) return set;
  const profiles = await loadProfiles(env);
  return profiles[profile ?? "default"]?.["region"] || undefined;
}

function notesOf(env: AwsSurroundings["env"]): string[] {
  if (!env["AWS_ENDPOINT_URL"]) return [];
  return [
    "AWS_ENDPOINT_URL is set, and not followed for STS, IAM and EKS, because people set it for a store; AWS_ENDPOINT_URL_STS, _IAM and _EKS are",
  ];
}
