/** What an endpoint URL points to, without naming it. */
export interface EndpointKind {
  readonly scheme: "https" | "http" | "none" | "other";
  readonly host: "aws" | "gcs" | "localhost" | "in-cluster" | "other" | "malformed";
}

/** Classifies an endpoint as the runtimes read it: a URL, or a bare host with an optional port. */
export function endpointKind(text: string): EndpointKind {
  const match = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text);
  const protocol = match?.[1]?.toLowerCase();
  const scheme = protocol === undefined ? "none" : protocol === "https" || protocol === "http" ? protocol : "other";
  let host: string;
  try {
    host = new URL(match === null ? `https://${text}` : text).hostname.toLowerCase();
  } catch {
    return { scheme, host: "malformed" };
  }
  return { scheme, host: hostKind(host) };
}

function hostKind(host: string): EndpointKind["host"] {
  if (host === "") return "malformed";
  if (/(^|\.)amazonaws\.com(\.cn)?$/.test(host)) return "aws";
  if (/(^|\.)(storage\.googleapis\.com|storage\.cloud\.google\.com)$/.test(host)) return "gcs";
  if (/^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|host\.docker\.internal)$/.test(host)) return "localhost";
  if (/\.svc(\.cluster\.local)?$/.test(host)) return "in-cluster";
  return "other";
}
