import { describeSource, refOfSource, type EffectiveEnvironment, type Supply } from "../../domain/env/effective.ts";
import { ACCESS_KEY_ID, ENDPOINT_URL } from "../../domain/env/static-keys.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import type { ServiceAccountFacts } from "../../domain/workload-facts.ts";
import { edit, finding, type Finding, type Fix, type Severity } from "../../domain/finding.ts";
import { writeKeys } from "../../domain/fixes.ts";
import type { EndpointKind } from "../../domain/values/endpoint.ts";

export interface EndpointSurroundings {
  readonly namespace: string;
  readonly cluster: ClusterFacts | undefined;
  /** Buckets that backups go to. */
  readonly buckets: readonly string[];
  readonly serviceAccount: ServiceAccountFacts | undefined;
}

interface Fault {
  readonly cause: string;
  readonly severity: Severity;
  /** Goes on after `AWS_ENDPOINT_URL in Secret x`. */
  readonly problem: string;
  readonly want: string;
  /** Where writing the endpoint anew mends nothing. */
  readonly fix?: Fix;
}

/** What is wrong with the endpoint of one environment; nothing where there is none. */
export function endpointFaults(
  environment: EffectiveEnvironment,
  { namespace, cluster, buckets, serviceAccount }: EndpointSurroundings,
): Finding[] {
  const supply = environment.variables[ENDPOINT_URL]?.from;
  const endpoint = supply?.facts.endpoint;
  if (supply === undefined || endpoint === undefined) return [];
  const form = environment.variables[ACCESS_KEY_ID]?.from?.facts.form;
  const broken = malformed(endpoint);
  const faults =
    broken === undefined
      ? [
          noScheme(endpoint),
          wrongService(endpoint) ?? holdsBucket(endpoint, buckets) ?? goesOn(endpoint),
          localhost(endpoint),
          otherCloud(endpoint, form),
          hitsSts(serviceAccount),
        ]
      : [broken];
  return faults.flatMap((fault) => (fault === undefined ? [] : [tell(fault, supply, namespace, cluster)]));
}

function tell(
  { cause, severity, problem, want, fix }: Fault,
  { source, key }: Supply,
  namespace: string,
  cluster: ClusterFacts | undefined,
): Finding {
  const subject = refOfSource(source, namespace);
  return finding(cause, severity, subject, `${key} in ${describeSource({ ...source, prefix: "" })} ${problem}`, {
    evidence: [{ label: key, want, path: `/data/${key}` }],
    fixes: [fix ?? writeKeys(cluster, subject)],
  });
}

function malformed({ scheme, host }: EndpointKind): Fault | undefined {
  if (host !== "malformed" && scheme !== "other") return undefined;
  const problem = "is not the URL of a host";
  return { cause: "s3.endpoint-malformed", severity: "error", problem, want: "https://HOST" };
}

function noScheme({ scheme }: EndpointKind): Fault | undefined {
  if (scheme !== "none") return undefined;
  return {
    cause: "s3.endpoint-no-scheme",
    severity: "warning",
    problem: "has no https://: some database images then speak plain HTTP",
    want: "https://HOST",
  };
}

function wrongService({ wrongService: service }: EndpointKind): Fault | undefined {
  if (service === undefined) return undefined;
  return {
    cause: "s3.wrong-service-endpoint",
    severity: "error",
    problem: `is the address of ${service}, not of the S3 API`,
    want: "https://s3.<region>.amazonaws.com, or https://storage.googleapis.com",
  };
}

const ALONE = "the endpoint alone: https://HOST";
/** First labels of AWS's own endpoints; before all others stands a bucket. */
const OF_AWS = /^(s3|s3-.*|vpce-.*|bucket|accesspoint|control)$/;

/** The database puts the bucket in itself. */
function holdsBucket({ host, firstLabel }: EndpointKind, buckets: readonly string[]): Fault | undefined {
  const ofAws = host === "aws" && firstLabel !== "" && !OF_AWS.test(firstLabel);
  const ofGoogle = host === "gcs" && firstLabel !== "" && firstLabel !== "storage";
  if (ofAws || ofGoogle) {
    const problem = "has the bucket in its host name: the database adds the bucket itself, and asks for it twice";
    return { cause: "s3.endpoint-has-bucket", severity: "error", problem, want: ALONE };
  }
  // A host of one's own may be called like the bucket; the first label of a Service is its name.
  if (host !== "other" || !buckets.includes(firstLabel)) return undefined;
  const problem = `begins with ${firstLabel}, the bucket of a backup: if the host is not called so, the database asks for the bucket twice`;
  return { cause: "s3.endpoint-has-bucket", severity: "warning", problem, want: ALONE };
}

/** Of a URL the database takes the host and drops the rest; a bare host it takes as it is. */
function goesOn({ scheme, rest }: EndpointKind): Fault | undefined {
  const bare = scheme === "none";
  if (rest === "login") {
    const problem = "holds a user name or a password: no key is read from there, and nobody hides an endpoint";
    return { cause: "s3.endpoint-malformed", severity: "error", problem, want: ALONE };
  }
  if (rest === "path") {
    const problem = bare
      ? "has something after the host name: without https:// before it, the database takes all of it for the host"
      : "has something after the host name: the database drops it, and programs with an AWS SDK put the bucket behind it";
    return { cause: "s3.endpoint-has-bucket", severity: bare ? "error" : "warning", problem, want: ALONE };
  }
  if (rest !== "slash") return undefined;
  const problem = bare
    ? "ends with a slash: without https:// before it, some database images take that for part of the host"
    : "ends with a slash: the database drops it, and other programs may double it in every path";
  return { cause: "s3.endpoint-trailing", severity: bare ? "warning" : "info", problem, want: ALONE };
}

function localhost({ host }: EndpointKind): Fault | undefined {
  if (host !== "localhost") return undefined;
  return {
    cause: "s3.endpoint-localhost",
    severity: "error",
    problem: "points to localhost: in a pod that is the pod itself",
    want: "the Service, for example http://minio.storage.svc:9000",
  };
}

function otherCloud({ host }: EndpointKind, form: Supply["facts"]["form"]): Fault | undefined {
  if (form === "gcs-hmac-id" && host === "aws") {
    return {
      cause: "s3.endpoint-key-mismatch",
      severity: "error",
      problem: "is an AWS endpoint, but the access key is a Google HMAC key",
      want: "https://storage.googleapis.com",
    };
  }
  if ((form !== "aws-key-id" && form !== "aws-temporary-key-id") || host !== "gcs") return undefined;
  return {
    cause: "s3.endpoint-key-mismatch",
    severity: "error",
    problem: "is Google's endpoint, but the access key is an AWS key",
    want: "https://s3.<region>.amazonaws.com",
  };
}

/** AWS's SDKs take the variable for all services: STS is then asked at the bucket's address. The database is none of them. */
function hitsSts(account: ServiceAccountFacts | undefined): Fault | undefined {
  if (account?.awsRole === undefined) return undefined;
  return {
    cause: "s3.endpoint-global-var-hits-sts",
    severity: "info",
    problem: `sends STS requests there as well, in programs with an AWS SDK: with it they cannot assume the role of ServiceAccount ${account.name}`,
    want: "AWS_ENDPOINT_URL for the database alone",
    fix: edit(
      "keep the Secret from programs with an AWS SDK, and give them AWS_ENDPOINT_URL_S3; the database does not read that",
    ),
  };
}
