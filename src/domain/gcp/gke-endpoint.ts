/** Names of control planes that are reached by DNS. */
const GOOGLE_NAME = ".gke.goog";

/**
 * Whether the address that an API server is reached at can be one of a GKE cluster's. A tunnel or a proxy stands for any
 * cluster: then it cannot be told.
 */
export function isAtEndpoint(server: string, endpoints: readonly string[]): boolean | undefined {
  const host = hostOf(server);
  if (host === undefined) return undefined;
  if (endpoints.includes(host)) return true;
  const isGoogleName = host.endsWith(GOOGLE_NAME);
  if (!isGoogleName && !isPublicAddress(host)) return undefined;
  return endpoints.some((one) => one.endsWith(GOOGLE_NAME) === isGoogleName) ? false : undefined;
}

function hostOf(url: string): string | undefined {
  return /^https?:\/\/([^/:[\]]+)(?::\d+)?(?:\/|$)/.exec(url)?.[1];
}

/** An IPv4 address that no private network, and no machine for itself, has (RFC 1918, 6598, 1122, 3927). */
function isPublicAddress(host: string): boolean {
  const parts = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(host);
  if (parts === null) return false;
  const [a, b] = [Number(parts[1]), Number(parts[2])];
  if (a === 10 || a === 127 || a === 0) return false;
  if (a === 172 && b >= 16 && b <= 31) return false;
  if ((a === 192 && b === 168) || (a === 169 && b === 254)) return false;
  return !(a === 100 && b >= 64 && b <= 127);
}
