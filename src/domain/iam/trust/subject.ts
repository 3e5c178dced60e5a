import type { ServiceAccountName } from "./trust-types.ts";

/** `sub` of a ServiceAccount's token. */
export function subjectOf({ namespace, serviceAccount }: ServiceAccountName): string {
  return `system:serviceaccount:${namespace}:${serviceAccount}`;
}

/** The ServiceAccount that a `sub` names; undefined where it names none. */
export function parseSubject(sub: string): ServiceAccountName | undefined {
  const [, namespace, serviceAccount] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(sub) ?? [];
  return namespace === undefined || serviceAccount === undefined ? undefined : { namespace, serviceAccount };
}
