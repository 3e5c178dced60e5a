import { looksSecret } from "../why/conceal.ts";

/**
 * Scheme, host and port of an endpoint. Undefined for what names no host, or may be a secret in the wrong place: where it
 * stands is told, and not what it is.
 */
export function shownEndpoint(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined) return undefined;
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(endpoint);
  try {
    const { protocol, host } = new URL(hasScheme ? endpoint : `https://${endpoint}`);
    if (host === "" || looksSecret(endpoint)) return undefined;
    return hasScheme ? `${protocol}//${host}` : host;
  } catch {
    return undefined;
  }
}

/** A region's name; stores of one's own call theirs as they like. */
export function shownRegion(region: string): string {
  return /^[a-z0-9-]{1,32}$/.test(region) && !looksSecret(region) ? region : "another text";
}
