const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** What the API server takes as the name of a Secret, ConfigMap or custom resource: a DNS subdomain (RFC 1123). */
export function isObjectName(name: string): boolean {
  return name.length <= 253 && SUBDOMAIN.test(name);
}

/** The name of a namespace: a DNS label (RFC 1123). */
export function isNamespaceName(name: string): boolean {
  return name.length <= 63 && LABEL.test(name);
}
