import type { ResourceType } from "./resources.ts";

/** v1 came with release 0.16 of the operator, and since 0.17 v1beta1 is not served (failure catalogue, section 6). */
export type ExternalSecretsVersion = "v1" | "v1beta1";

export type StoreKind = "SecretStore" | "ClusterSecretStore";

export const EXTERNAL_SECRETS_GROUP = "external-secrets.io";

/** A kind of the External Secrets operator in the version that the cluster serves. */
export function externalSecretsType(kind: "ExternalSecret" | StoreKind, version: ExternalSecretsVersion): ResourceType {
  return { group: EXTERNAL_SECRETS_GROUP, version, resource: `${kind.toLowerCase()}s`, kind };
}

/** `external-secrets.io/v1`. */
export function apiVersionOf({ group, version }: ResourceType): string {
  return group === "" ? version : `${group}/${version}`;
}
