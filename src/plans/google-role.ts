import type { GoogleGrant } from "../domain/grant.ts";

/** A custom role, as `gcloud iam roles create --file` takes it. */
export interface GoogleRole {
  readonly title: string;
  readonly description: string;
  readonly stage: "GA";
  readonly includedPermissions: readonly string[];
}

/** The least custom role for these grants; undefined where Google is asked nothing. */
export function googleRoleFor(grants: readonly GoogleGrant[]): GoogleRole | undefined {
  const permissions = [...new Set(grants.map(({ permission }) => permission))].sort();
  if (permissions.length === 0) return undefined;
  return {
    title: "antfly-creds",
    description: "What antfly-creds asks of Google Cloud",
    stage: "GA",
    includedPermissions: permissions,
  };
}
