import { endpointKind } from "./endpoint.ts";

/** Names that a cluster, or one network, has for itself. */
const WITHIN = /\.(svc|cluster\.local|local|internal|intranet|lan|home\.arpa)$/;
/** RFC 1918, 6598 (carrier-grade NAT), 3927 (link-local), 4193 and 4291. */
const PRIVATE = [
  /^10\./,
  /^192\.168\./,
  /^172\.(1[6-9]|2\d|3[01])\./,
  /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
  /^169\.254\./,
  /^\[f[cd]/,
  /^\[fe[89ab]/,
];

/**
 * Why a store is not to be asked from outside of the cluster: the same name or address may be another machine there, or
 * none. Undefined where nothing speaks against it.
 */
export function whyOutOfReach(endpoint: string): string | undefined {
  const url = parse(endpoint);
  if (url === undefined) return "its endpoint is no URL of a host";
  const name = url.hostname.toLowerCase();
  const { host } = endpointKind(endpoint);
  if (host === "localhost") return `${name} is the pod itself, and another machine here`;
  if (host === "in-cluster" || WITHIN.test(name)) return `${name} is a name within the cluster's network`;
  if (/\.vpce\.amazonaws\.com(\.cn)?$/.test(name)) return `${name} is an endpoint within a VPC`;
  if (PRIVATE.some((range) => range.test(name))) return `${name} is a private address`;
  return name.includes(".") || name.includes(":") ? undefined : `${name} is the name of a Service in the cluster`;
}

function parse(endpoint: string): URL | undefined {
  try {
    return new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(endpoint) ? endpoint : `https://${endpoint}`);
  } catch {
    return undefined;
  }
}
