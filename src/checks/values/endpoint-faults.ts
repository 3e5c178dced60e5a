import { describeSource, refOfSource, type EffectiveEnvironment, type Supply } from "../../domain/env/effective.ts";
import { ACCESS_KEY_ID, ENDPOINT_URL } from "../../domain/env/static-keys.ts";
import type { ClusterFacts, ServiceAccountFacts } from "../../domain/facts.ts";
import { finding, type Finding, type Severity } from "../../domain/finding.ts";
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
  const faults = [
    malformed(endpoint),
    wrongService(endpoint) ?? holdsBucket(endpoint, buckets),
    localhost(endpoint),
    otherCloud(endpoint, form),
    hitsSts(endpoint, serviceAccount),
  ];
  return faults.flatMap((fault) => (fault === undefined ? [] : [tell(fault, supply, namespace, cluster)]));
}

function tell(
  { cause, severity, problem, want }: Fault,
  { source, key }: Supply,
  namespace: string,
  cluster: ClusterFacts | undefined,
): Finding {
  const subject = refOfSource(source, namespace);
  return finding(cause, severity, subject, `${key} in ${describeSource({ ...source, prefix: "" })} ${problem}`, {
    evidence: [{ label: key, want, path: `/data/${key}` }],
    fixes: [writeKeys(cluster, subject)],
  });
}

function malformed({ scheme, host }: EndpointKind): Fault | undefined {
  if (host === "malformed" || scheme === "other") {
    return {
      cause: "s3.endpoint-malformed",
      severity: "error",
      problem: "is not a URL of an S3 endpoint",
      want: "https://HOST",
    };
  }
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
    want: "https://s3.<region>.amazonaws.com",
  };
}

/** The database puts the bucket in itself; one runtime drops a path, another keeps it. */
function holdsBucket({ host, firstLabel, rest }: EndpointKind, buckets: readonly string[]): Fault | undefined {
  const ofAws =
    host === "aws" && firstLabel !== "" && !/^(s3|s3-.*|vpce-.*|bucket|accesspoint|control)$/.test(firstLabel);
  const ofGoogle = host === "gcs" && firstLabel !== "" && firstLabel !== "storage";
  const want = "the endpoint alone: https://HOST";
  if (ofAws || ofGoogle || buckets.includes(firstLabel) || rest === "path") {
    const where = rest === "path" ? "has something after the host name" : "has the bucket in its host name";
    const problem = `${where}: the database adds the bucket itself, and asks for it twice`;
    return { cause: "s3.endpoint-has-bucket", severity: "error", problem, want };
  }
  if (rest !== "slash") return undefined;
  const problem = "ends with a slash, which doubles in every path";
  return { cause: "s3.endpoint-trailing", severity: "warning", problem, want };
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

/** AWS's SDKs take the variable for all services: STS is then asked at the bucket's address. */
function hitsSts({ host }: EndpointKind, account: ServiceAccountFacts | undefined): Fault | undefined {
  if (account?.awsRole === undefined || host === "malformed") return undefined;
  return {
    cause: "s3.endpoint-global-var-hits-sts",
    severity: "warning",
    problem: `sends STS requests there too, in programs that use an AWS SDK: ServiceAccount ${account.name} has a role, and assuming it fails`,
    want: "AWS_ENDPOINT_URL_S3 for such programs; the database itself reads AWS_ENDPOINT_URL alone",
  };
}
