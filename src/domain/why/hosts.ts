import { nameAt, nameOrNothing } from "./conceal.ts";

/** A host that could not be reached, as the error names it. */
export interface Unreached {
  readonly host: string;
  readonly port: number | undefined;
  /** The name was not found; the connection was refused, or nobody answered; or the client does not say which. */
  readonly how: "name" | "refused" | "timeout" | "unsaid";
  readonly place: Place;
}

/** What the host is, which decides whom to suspect. */
export type Place =
  | "pod-identity-agent"
  | "metadata-server"
  | "sts"
  | "antfly-api"
  | "eso-webhook"
  | "bucket-twice"
  | "bucket-before-store"
  | "wrong-partition"
  | "not-a-region"
  | "localhost"
  | "in-cluster"
  | "private"
  | "store";

/** With its port, and in brackets if it is an IPv6 address. */
const HOST = String.raw`(\[[0-9a-f:.]{2,45}\](?::\d{1,5})?|[^\s"'<>()\[\]{},;/\\]{1,253})`;
const URL_OF = String.raw`["']?https?://([^\s"'<>/]{1,253})`;
const POOL = String.raw`host=["']([^\s"']{1,253})["'], port=(\d{1,5}).{0,240}`;
const NO_NAME = "(?:name or service not known|temporary failure in name resolution|nodename nor servname)";
const LATE = "(?:timed out|timeout|deadline exceeded)";

/** How the clients of Node, Go, Python, Java and curl tell it. URLs first: the address behind a name says less. */
const ERRORS: readonly (readonly [Unreached["how"], RegExp])[] = [
  ["name", error(String.raw`\b(?:ENOTFOUND|EAI_AGAIN|UnknownHostException:) ${HOST}`)],
  ["name", error(String.raw`\blookup ${HOST}(?: on \S{1,80})?: (?:no such host|server misbehaving|i/o timeout)`)],
  ["name", error(String.raw`could not resolve host:? ${HOST}`)],
  ["name", error(POOL + NO_NAME)],
  ["timeout", error(POOL + LATE)],
  ["refused", error(`${POOL}refused`)],
  ["unsaid", error(`could not connect to the endpoint url: ${URL_OF}`)],
  ["timeout", error(`(?:connect|read) timeout on endpoint url: ${URL_OF}`)],
  ["refused", error(String.raw`\b(?:get|post|put|head|delete) ${URL_OF}\S{0,240} .{0,120}connection refused`)],
  ["timeout", error(String.raw`\b(?:get|post|put|head|delete|connection to) ${URL_OF}\S{0,240} .{0,120}${LATE}`)],
  ["refused", error(String.raw`\b(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH) ${HOST}`)],
  ["timeout", error(String.raw`\bETIMEDOUT ${HOST}`)],
  ["refused", error(String.raw`\bdial tcp ${HOST}(?:->\S{1,80})?: connect: (?:connection refused|no route to host)`)],
  ["timeout", error(String.raw`\bdial tcp ${HOST}(?:->\S{1,80})?: (?:i/o timeout|connect: connection timed out)`)],
  ["refused", error(String.raw`failed to connect to ${HOST} port (\d{1,5}).{0,80}(?:refused|could.?n.?t connect)`)],
  ["timeout", error(String.raw`failed to connect to ${HOST} port (\d{1,5}).{0,80}timed out`)],
  ["refused", error(String.raw`\bconnect to ${HOST} \[.{0,120}\] failed: connection refused`)],
  ["timeout", error(String.raw`\bconnect to ${HOST} \[.{0,120}\] failed: .{0,20}timed out`)],
  ["refused", error(String.raw`\bconnect(?:ion|ing)? to (?:https?://)?${HOST}\S{0,80} (?:was |connection )?refused`)],
];

/** Ports of databases, queues and the Kubernetes API: whoever listens there stores no objects. */
const FOREIGN_PORTS = new Set([
  22, 25, 53, 111, 389, 465, 587, 636, 1433, 1521, 2049, 2379, 2380, 3306, 4222, 5432, 5433, 5672, 6379, 6432, 6443,
  8125, 8200, 8500, 9042, 9090, 9092, 9093, 9200, 9300, 10250, 11211, 15432, 26257, 26379, 27017,
]);
/** Ports that MinIO, SeaweedFS, Garage, Ceph and LocalStack listen on by default. */
const STORE_PORTS = new Set([9000, 8333, 3900, 7480, 4566]);
const STORE_WORDS =
  /\b(s3|minio|bucket|object[- ]?stor(?:e|age)|aws_endpoint_url|ceph|rgw|radosgw|garage|seaweed(?:fs)?|rustfs|storage\.googleapis\.com|(?:put|get|head|delete)object|listobjects(?:v2)?|headbucket)\b/i;
const PRIVATE =
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd][0-9a-f]{2}:)/i;
const MOST = 40;

function error(source: string): RegExp {
  return new RegExp(source, "gi");
}

/** The first host that could not be reached and that has to do with credentials or storage. */
export function unreachedIn(flat: string): Unreached | undefined {
  const storage = STORE_WORDS.test(flat);
  for (const [how, pattern] of ERRORS) {
    for (const match of [...flat.matchAll(pattern)].slice(0, MOST)) {
      const [host, port] = split(nameAt(flat, match) ?? "", match[2]);
      const place = host === undefined ? undefined : placeOf(host, port, how, flat, storage);
      if (host !== undefined && place !== undefined) return { host, port, how, place };
    }
  }
  return undefined;
}

function split(token: string, port: string | undefined): [string | undefined, number | undefined] {
  // A URL without its scheme may still have a password before the host.
  const place = token.slice(token.lastIndexOf("@") + 1);
  const match = /^\[?([^\]]*?)\]?(?::(\d{1,5}))?$/.exec(place.replace(/[.:,…]+$/, ""));
  const host = nameOrNothing(match?.[1]?.toLowerCase());
  const number = port ?? match?.[2];
  return [host, number === undefined ? undefined : Number(number)];
}

function placeOf(
  host: string,
  port: number | undefined,
  how: Unreached["how"],
  flat: string,
  storage: boolean,
): Place | undefined {
  if (host === "169.254.170.23" || host === "fd00:ec2::23") return "pod-identity-agent";
  if (/^(169\.254\.169\.25[24]|metadata\.google\.internal|fd00:ec2::254)$/.test(host)) return "metadata-server";
  if (/^sts(-fips)?\.([a-z0-9-]+\.)?amazonaws\.com(\.cn)?$/.test(host)) return "sts";
  if (/^[^.]+-public-api\.[^.]+\.svc(\.|$)/.test(host)) return "antfly-api";
  if (host.startsWith("external-secrets-webhook.")) return "eso-webhook";
  if (port !== undefined && FOREIGN_PORTS.has(port)) return undefined;
  if (/\.amazonaws\.com(\.cn)?$/.test(host)) return awsPlace(host, how);
  const store = storage || (port !== undefined && STORE_PORTS.has(port)) || STORE_WORDS.test(host);
  if (!store || isKubernetesItself(host, flat)) return undefined;
  if (mayBeName(how) && isTwice(host)) return "bucket-twice";
  if (mayBeName(how) && isBucketBefore(host, flat)) return "bucket-before-store";
  if (/^(localhost|127\.\d+\.\d+\.\d+|::1|host\.docker\.internal)$/.test(host))
    return port === 8080 ? undefined : "localhost";
  if (/\.svc(\.|$)/.test(host)) return "in-cluster";
  return PRIVATE.test(host) ? "private" : "store";
}

function mayBeName(how: Unreached["how"]): boolean {
  return how === "name" || how === "unsaid";
}

/** Of AWS's services only S3 is storage; what the others answer is not our matter. */
function awsPlace(host: string, how: Unreached["how"]): Place | undefined {
  const match = /(?:^|\.)s3[.-](?:dualstack\.|fips\.)?([a-z0-9-]+)(?:\.vpce)?\.amazonaws\.com(\.cn)?$/.exec(host);
  const region = match?.[1];
  if (region === undefined) return /(^|\.)s3\.amazonaws\.com$/.test(host) ? "store" : undefined;
  if (!mayBeName(how) || /accelerate|website/.test(region)) return "store";
  if (isTwice(host)) return "bucket-twice";
  if (region.startsWith("cn-") !== (match?.[2] !== undefined)) return "wrong-partition";
  return /^[a-z]{2,3}(-[a-z]+){1,2}-\d$/.test(region) ? "store" : "not-a-region";
}

function isKubernetesItself(host: string, flat: string): boolean {
  return /^kubernetes(\.|$)|-webhook[-.]|\.eks\.amazonaws\.com$/.test(host) || /failed calling webhook/i.test(flat);
}

/** `backups.backups.s3…`; but the Service `minio` of a namespace `minio` is in order. */
function isTwice(host: string): boolean {
  const labels = host.split(".");
  return labels.length > 2 && labels[0] === labels[1] && labels[2] !== "svc";
}

/** Virtual-host style: the store's own name has the bucket's before it; a Service has only its namespace behind it. */
function isBucketBefore(host: string, flat: string): boolean {
  const labels = host.split(".");
  if (/^minio([-…]|$)/.test(labels[1] ?? "") && labels[2] !== "svc") return true;
  const bucket = /\bs3:\/\/([a-z0-9][a-z0-9.-]{1,62})/i.exec(flat)?.[1]?.toLowerCase();
  return bucket !== undefined && host.startsWith(`${bucket}.`);
}
