import { orNothing } from "../apply/cloud-look.ts";
import { distinctBy } from "../domain/distinct.ts";
import { UserError } from "../domain/errors.ts";
import { gives } from "../domain/gcp/edit-policy.ts";
import { OBJECT_USER, OBJECT_WRITE } from "../domain/gcp/roles.ts";
import type { GoogleAim } from "../domain/google-facts.ts";
import { shell } from "../domain/shell.ts";
import { printable, sentenceList } from "../domain/text.ts";
import type { GoogleBucketInput } from "../plans/workload-identity-input.ts";
import { CloudError, type Google } from "../ports.ts";

/** With one of these nothing is missing. */
const ENOUGH = [OBJECT_USER, "roles/storage.objectAdmin", "roles/storage.admin"];
const ROLE = /^(?:roles|(?:projects|organizations)\/[a-z0-9:.-]+\/roles)\/[\w.]+$/;

interface ChosenRole {
  readonly name: string;
  /** Roles of which any one is enough. */
  readonly enough: readonly string[];
  readonly notes: readonly string[];
}

/** @throws GoogleError; UserError for what is no role */
export async function chosenRole(google: Google, named: string | undefined): Promise<ChosenRole> {
  if (named === undefined) return { name: OBJECT_USER, enough: ENOUGH, notes: [] };
  const permissions = ROLE.test(named) ? await orNothing(google.getRole(named)) : undefined;
  if (permissions === undefined) {
    throw new UserError("bad-role", `--role says "${printable(named)}", which is no role of Google Cloud`, {
      hint: `as in --role ${OBJECT_USER}, or --role projects/PROJECT/roles/NAME`,
    });
  }
  const missing = OBJECT_WRITE.filter((one) => !permissions.includes(one));
  const notes =
    missing.length === 0 ? [] : [`role ${named} does not give ${sentenceList(missing)}, which backups need`];
  return { name: named, enough: [named], notes };
}

/** @throws GoogleError; UserError for a bucket that is not there */
export async function readGoogleBuckets(
  google: Google,
  aims: readonly Pick<GoogleAim, "bucket" | "from">[],
  { role, principal, project }: { readonly role: ChosenRole; readonly principal: string; readonly project: string },
): Promise<{ readonly buckets: readonly GoogleBucketInput[]; readonly notes: readonly string[] }> {
  const found = await Promise.all(
    distinctBy(aims, ({ bucket }) => bucket).map(async ({ bucket: name, from }) => {
      const [pays, policy] = await Promise.all([requesterPays(google, name), orNothing(policyOf(google, name))]);
      if (policy === undefined) {
        throw new UserError("no-bucket", `there is no bucket ${name}, which ${from} names`, {
          hint: shell`gcloud storage buckets create ${`gs://${name}`} --project ${project} --uniform-bucket-level-access`,
        });
      }
      const isBound = role.enough.some((one) => gives(policy, { role: one, member: principal }));
      const note = `bucket ${name} is one where the requester pays, and the database names no project that would`;
      return { input: { name, etag: policy.etag, isBound }, notes: pays ? [note] : [] };
    }),
  );
  return { buckets: found.map(({ input }) => input), notes: found.flatMap(({ notes }) => notes) };
}

/** @throws UserError where whoever asks would have to name a project that pays, as the database does not either */
function policyOf(google: Google, bucket: string): ReturnType<Google["getBucketPolicy"]> {
  return google.getBucketPolicy(bucket).catch((error: unknown) => {
    if (!(error instanceof CloudError) || !/requester pays/i.test(error.message)) throw error;
    const message = `whoever asks bucket ${bucket} has to name a project that pays for it, and the database names none`;
    const hint = shell`gcloud storage buckets update ${`gs://${bucket}`} --no-requester-pays`;
    throw new UserError("requester-pays", message, { hint });
  });
}

/** To see the bucket is a right of its own, which the rest does not need. */
async function requesterPays(google: Google, bucket: string): Promise<boolean> {
  try {
    return (await google.getBucket(bucket)).requesterPays;
  } catch (error) {
    if (error instanceof CloudError) return false;
    throw error;
  }
}
