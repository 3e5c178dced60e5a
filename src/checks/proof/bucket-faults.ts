import type { StaticKeyFacts, StoreFacts } from "../../domain/aws-facts.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import {
  command,
  edit,
  type Code,
  type Evidence,
  type Fix,
  type Severity,
  safeAwsCommand,
} from "../../domain/finding.ts";
import type { Generation } from "../../domain/operator/generation.ts";
import { firstCandidate } from "./candidate.ts";

export interface BucketFault {
  readonly cause: string;
  readonly severity: Severity;
  /** Goes on after the place. */
  readonly what: string;
  readonly evidence: readonly Evidence[];
  readonly fixes: readonly Fix[];
  readonly explainedBy?: readonly Code[];
}

export interface BucketCase {
  readonly key: StaticKeyFacts;
  readonly store: StoreFacts;
  readonly cluster: ClusterFacts;
  readonly generation: Generation | undefined;
}

/** What is wrong with one bucket, or with where it is looked for; undefined where it is there and in its place. */
export function bucketFault(one: BucketCase): BucketFault | undefined {
  return wrongRegion(one) ?? notThere(one) ?? otherScheme(one) ?? unknownAuthority(one) ?? elsewhere(one);
}

/** The Go images of generation 1 ask the bucket where it is (operator facts, 7.1). */
function wrongRegion({ key, store, cluster, generation }: BucketCase): BucketFault | undefined {
  const { bucketRegion, region, list, aim } = store;
  const said = list.state === "refused" ? /expecting ['"]([a-z0-9-]{1,40})['"]/.exec(list.message)?.[1] : undefined;
  const named = key.provider === "aws" && bucketRegion.state === "known" ? bucketRegion.value : undefined;
  const want = said ?? named;
  const refused =
    list.state === "refused" &&
    /^(AuthorizationHeaderMalformed|PermanentRedirect|IllegalLocationConstraintException)$/.test(list.code);
  if (want === undefined || want === region || (generation === 1 && !refused)) return undefined;
  const own = key.provider !== "aws";
  const unset = key.regionFrom === "default" && aim.region === undefined;
  const cause = own ? "minio.region-mismatch" : unset ? "s3.region-default" : "s3.region-mismatch";
  const has = unset ? `${region}, because AWS_REGION is not set` : region;
  const where = own ? `a store that calls its region ${want}` : `region ${want}`;
  return {
    cause,
    severity: "error",
    what: `is in ${where}, and the database signs for ${has}: its requests are refused`,
    evidence: [
      { label: "AWS_REGION", want, has: unset ? "not set" : region, path: "/data/AWS_REGION" },
      ...(list.state === "refused" ? [{ label: "store said", has: `${list.code}: ${list.message}` }] : []),
    ],
    fixes: [setRegion(key, cluster, want)],
    explainedBy: ["ANT0213"],
  };
}

/** The endpoint of AWS names the region as well. */
function setRegion(
  { secret, provider, endpoint }: StaticKeyFacts,
  { namespace, name }: ClusterFacts,
  region: string,
): Fix {
  if (secret === undefined) return edit(`set AWS_REGION to ${region} for the nodes of AntflyCluster ${name}`);
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const regional = provider === "aws" && endpoint !== undefined;
  const values = { AWS_REGION: region, ...(regional ? { AWS_ENDPOINT_URL: `https://s3.${region}.${suffix}` } : {}) };
  return command`kubectl patch secret ${secret} -n ${namespace} --type merge -p ${JSON.stringify({ stringData: values })}`;
}

function notThere({ store: { aim, list, bucketRegion }, generation }: BucketCase): BucketFault | undefined {
  const missing = list.state === "refused" && (list.code === "NoSuchBucket" || list.code === "NotFound");
  if (!missing) return undefined;
  const then = generation === 2 ? "; the database would try to make it" : "";
  return {
    cause: "s3.nosuchbucket",
    severity: "error",
    what: `does not exist: the store has no bucket ${aim.bucket}${then}`,
    evidence: [
      { label: "bucket", want: "there", has: `${list.code}: ${list.message}` },
      ...(bucketRegion.state === "known" ? [{ label: "region", has: bucketRegion.value }] : []),
    ],
    fixes: [
      edit(`correct the name in ${aim.from}, or make the bucket`),
      safeAwsCommand`aws s3api head-bucket --bucket ${aim.bucket}`,
    ],
    explainedBy: ["ANT0204"],
  };
}

const NO_TLS: ReadonlySet<string | undefined> = new Set([
  "EPROTO",
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
]);

/** What the client heard from a server that speaks the other protocol. */
function otherScheme({ key, store }: BucketCase): BucketFault | undefined {
  const heard = heardFrom(store);
  const tls =
    store.speaksTls === true ||
    (heard !== undefined && firstCandidate(heard, ["s3.endpoint-scheme-wrong"]) !== undefined);
  const noTls = store.list.state === "failed" && NO_TLS.has(store.list.network);
  if (heard === undefined || !(tls || noTls)) return undefined;
  return {
    cause: "s3.endpoint-scheme-wrong",
    severity: "error",
    what: tls
      ? "is on a server that speaks TLS, and the endpoint begins with http://"
      : "is on a server that does not speak TLS, and the endpoint does not begin with http://",
    evidence: [
      { label: "AWS_ENDPOINT_URL", want: tls ? "https://" : "http://", path: "/data/AWS_ENDPOINT_URL" },
      { label: "heard", has: heard },
    ],
    fixes: [edit(`write the endpoint in ${key.source} with ${tls ? "https://" : "http://"}`)],
  };
}

function unknownAuthority({ key, store }: BucketCase): BucketFault | undefined {
  const heard = heardFrom(store);
  const untrusted = store.list.state === "failed" && /CERT|UNABLE_TO_/.test(store.list.network ?? "");
  if (heard === undefined || !untrusted) return undefined;
  return {
    cause: "s3.tls-ca",
    severity: "warning",
    what: "is on a server whose certificate is not trusted here: the nodes have to know its authority, too",
    evidence: [{ label: "heard", has: heard }],
    fixes: [
      edit(`mount the authority's certificate into the nodes, if ${key.source} is for a store of your own`),
      edit("NODE_EXTRA_CA_CERTS=FILE makes antfly-creds trust it"),
    ],
  };
}

function heardFrom({ list }: StoreFacts): string | undefined {
  if (list.state === "failed") return list.why;
  return list.state === "refused" && list.code !== "AccessDenied" ? `${list.code}: ${list.message}` : undefined;
}

/** Names of buckets are shared by all the world. */
function elsewhere({ key, store }: BucketCase): BucketFault | undefined {
  if (store.foreign !== true) return undefined;
  const account = key.caller?.account ?? "of the key";
  return {
    cause: "s3.bucket-taken-elsewhere",
    severity: "warning",
    what: `is not in account ${account}, which the key is of: if nobody shares it with you, it is somebody else's`,
    evidence: [{ label: "owner", want: account, has: "another account" }],
    fixes: [edit("correct the name of the bucket, unless it is meant to be in another account")],
  };
}
