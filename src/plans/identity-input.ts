import type { ClusterFacts } from "../domain/facts.ts";
import type { RoleName } from "../domain/iam/role-name.ts";
import type { S3Aim } from "../domain/iam/policy-types.ts";
import type { ChosenConnection } from "../domain/operator/connections.ts";
import type { Target } from "../domain/report.ts";

/** The role as AWS has it. */
export interface ExistingRole {
  /** JSON text. */
  readonly trustPolicy: string;
  /** The inline policy that is this cluster's own, as JSON text. */
  readonly ownPolicy: string | undefined;
}

export interface RoleInput extends RoleName {
  readonly existing: ExistingRole | undefined;
  /** The whole trust policy as it is to be, as JSON text; what the role trusts already is in it. */
  readonly trustPolicy: string;
  /** Name of the inline policy that is this cluster's own. */
  readonly ownPolicy: string;
  readonly aims: readonly S3Aim[];
}

export interface AccountInput {
  readonly name: string;
  /** Undefined: there is no such ServiceAccount yet. */
  readonly existing:
    | {
        readonly uid: string;
        readonly labels: Readonly<Record<string, string>>;
        readonly annotations: Readonly<Record<string, string>>;
      }
    | undefined;
  /** What it pulls images with; a new one takes over what that of the pods has now. */
  readonly pullSecrets: readonly string[];
}

/** An AntflyBackup or AntflyRestore that names no connection yet, as it is on the server. */
export interface UnconnectedBackup {
  readonly kind: "AntflyBackup" | "AntflyRestore";
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly field: "destination" | "source";
  readonly place: Readonly<Record<string, unknown>>;
  /** Of `connections`. */
  readonly connection: string;
}

/** How the backups come to use the identity. */
export interface BackupUse {
  readonly connections: readonly ChosenConnection[];
  /** `spec.config` with what is added to it. */
  readonly config: string;
  readonly backups: readonly UnconnectedBackup[];
}

/** What every kind of identity is planned from. */
export interface IdentityInput {
  readonly target: Target;
  readonly cluster: ClusterFacts;
  /** `spec` of the AntflyCluster as it is on the server. */
  readonly spec: Readonly<Record<string, unknown>>;
  readonly account: AccountInput;
  /** Undefined: the identity is for something else than backups. */
  readonly use: BackupUse | undefined;
  /** The note of an earlier run that was cut off. */
  readonly note: { readonly name: string; readonly uid: string } | undefined;
}

/** What both kinds of identity on AWS are planned from. */
export interface RoleIdentityInput extends IdentityInput {
  readonly role: RoleInput;
}
