const PRIVATE_ADDRESS = /^(10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|0\.|\[(::1|f[cde]))/i;
const PRIVATE_NAME = /(^|\.)(localhost|local|internal|svc|test|example|invalid)$/i;

/**
 * Why AWS certainly cannot read an issuer's keys: IAM takes https alone, and fetches the keys from the public Internet.
 * Undefined where it may be able to.
 */
export function notPublic(issuer: string): string | undefined {
  let url: URL;
  try {
    url = new URL(issuer);
  } catch {
    return "is no URL";
  }
  if (url.protocol !== "https:") return "is not https";
  if (PRIVATE_ADDRESS.test(url.hostname)) return "is a private address";
  if (PRIVATE_NAME.test(url.hostname) || !url.hostname.includes("."))
    return "is a name inside the cluster or the network";
  return undefined;
}
