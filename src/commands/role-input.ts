import type { StorageAim } from "../domain/aws-facts.ts";
import { UserError } from "../domain/errors.ts";
import type { ConnectionAim, ConnectionCredentials } from "../domain/operator/connections.ts";
import { valueOf } from "../domain/known.ts";
import { distinctBy } from "../domain/distinct.ts";
import { sentenceList } from "../domain/text.ts";
import type { RoleIdentityInput } from "../plans/identity-input.ts";
import { trustPolicyFor, type RoleTrust } from "../plans/role-trust.ts";
import type { Aws } from "../ports.ts";
import { regionOfBucket } from "./bucket-region.ts";
import type { ChosenRole } from "./identity-role.ts";
import { useOfBackups } from "./identity-use.ts";
import type { IdentityLook } from "./init-identity.ts";
import { orThrow, permissionsIn } from "./or-throw.ts";

/** What is planned from, but for what a kind of identity has of its own. */
export async function inputFor(
  found: IdentityLook,
  aws: Aws,
  role: ChosenRole,
  how: { readonly trust: RoleTrust; readonly credentials: ConnectionCredentials },
): Promise<RoleIdentityInput> {
  const { look, cluster, spec, account, options, note } = found;
  const trust = trustPolicyFor(how.trust, role.existing?.trustPolicy);
  if ("problem" in trust) {
    throw new UserError(
      "untrusting",
      `IAM role ${role.name} cannot be made to trust ServiceAccount ${account.name}: ${trust.problem}`,
      {
        hint: "change that by hand, or choose another role with --role NAME",
      },
    );
  }
  assertOfThisCluster(role, trust.text, found);
  const aims = await aimsOf(found);
  const input = {
    target: look.target,
    cluster,
    spec,
    role: { ...role, trustPolicy: trust.text, aims },
    account,
    note,
  };
  // Where a bucket is matters to a connection alone.
  const isFor = options.identityOnly === true ? [] : aims;
  const placed = await Promise.all(isFor.map((aim) => placedAim(aim, role.partition, found, aws)));
  const use = await useOfBackups(found, placed, { protocol: "s3", credentials: how.credentials });
  return { ...input, use };
}

/**
 * Two Kubernetes clusters of one account can have an AntflyCluster of the same name: one would get what the other may do.
 * @throws UserError for a role that nobody named and that does not trust the ServiceAccount yet
 */
function assertOfThisCluster(
  { byDefault, existing, name, arn }: ChosenRole,
  trustPolicy: string,
  { account, cluster }: IdentityLook,
): void {
  if (!byDefault || existing === undefined || existing.trustPolicy === trustPolicy) return;
  const subject = `${cluster.namespace}/${account.name}`;
  throw new UserError(
    "anothers-role",
    `IAM role ${name} is there already and does not trust ServiceAccount ${subject} of this cluster: it may be that of another one`,
    { hint: `if it is to serve both, say so with --role ${arn}; else choose another name with --role NAME` },
  );
}

/** Buckets of AWS that the database's own credentials are for. */
async function aimsOf({ look, kube, options, cluster }: IdentityLook): Promise<StorageAim[]> {
  const fact = await look.collection.get("aims");
  const known = options.identityOnly === true ? (valueOf(fact) ?? []) : orThrow(fact, permissionsIn(kube));
  const mine = known.filter(({ identity, endpoint }) => identity !== "own-keys" && endpoint === undefined);
  const aims = distinctBy(mine, ({ bucket, prefix }) => `${bucket}/${prefix}`);
  if (aims.length > 0 || options.identityOnly === true) return aims;
  const others = sentenceList(known.map(({ from }) => from));
  const why =
    others === ""
      ? `no AntflyBackup of ${cluster.name} says which bucket backups go to`
      : `what the backups of ${cluster.name} go to (${others}) has keys or a store of its own, and takes no role`;
  throw new UserError("no-bucket", why, { hint: "say which bucket the role is for with --bucket BUCKET/PREFIX" });
}

/** What a connection is to say of the region: nothing, where S3 does not tell it and nobody else does. */
async function placedAim(
  aim: StorageAim,
  partition: string,
  { cloud, app, options }: IdentityLook,
  aws: Aws,
): Promise<ConnectionAim> {
  const { bucket, prefix, region } = aim;
  if (region !== undefined) return { bucket, prefix, region };
  const told = await regionOfBucket(aws, { bucket, partition, timeoutMs: cloud.timeoutMs });
  if (told !== "missing") return { bucket, prefix, region: told.region ?? options.region };
  app.terminal.err(`note: there is no bucket ${bucket}, which ${aim.from} names\n`);
  return { bucket, prefix, region: options.region };
}
