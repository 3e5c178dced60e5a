import { orNothing } from "../apply/cloud-look.ts";
import type { StorageAim } from "../domain/aws-facts.ts";
import { UserError } from "../domain/errors.ts";
import { accountNamed } from "../domain/gcp/account-name.ts";
import { shell } from "../domain/shell.ts";
import { count, printable } from "../domain/text.ts";
import type { HmacInput } from "../plans/hmac-steps.ts";
import { CloudError, type Google } from "../ports.ts";
import { chosenRole, readGoogleBuckets } from "./google-buckets.ts";
import { describeSource, type ValueOptions } from "./value-sources.ts";

export interface HmacOptions extends ValueOptions {
  readonly writeTo?: string;
}

/** @throws UserError for options that do not go with a key that is made */
export function assertHmacOptions(options: HmacOptions): void {
  const { createHmac, provider, writeTo } = options;
  if (createHmac === undefined) return;
  const source = describeSource(options);
  if (source !== undefined)
    throw new UserError("usage", `--create-hmac makes the key, and ${source} would bring another one`, {
      hint: "give one of them",
    });
  if (provider !== undefined && provider !== "gcs")
    throw new UserError("usage", `--create-hmac makes a key of Google Cloud Storage, and --provider says ${provider}`, {
      hint: "--provider gcs, or leave it out",
    });
  if (writeTo !== undefined)
    throw new UserError(
      "usage",
      "--create-hmac makes a key in Google Cloud, and --write-to changes nothing but files",
      {
        hint: shell`make it with gcloud storage hmac create ${createHmac}, and give it with --from-env-file`,
      },
    );
  if (accountNamed(createHmac) === undefined)
    throw new UserError(
      "bad-account",
      `--create-hmac says "${printable(createHmac)}", which is no Google service account`,
      {
        hint: "it takes an email, such as backups@acme-prod.iam.gserviceaccount.com",
      },
    );
}

/**
 * What Google has of the account, and on which buckets it lacks a role.
 * @throws GoogleError; UserError for an account that no key can be made for
 */
export async function readForHmac(
  { createHmac: account = "" }: HmacOptions,
  google: Google,
  aims: readonly StorageAim[],
): Promise<{ readonly input: HmacInput; readonly notes: readonly string[] }> {
  const found = await orNothing(google.getServiceAccount(account));
  if (found === undefined) {
    const { made } = accountNamed(account) ?? {};
    throw new UserError("no-account", `there is no Google service account ${account}`, {
      hint:
        made === undefined
          ? shell`gcloud iam service-accounts list shows which there are`
          : shell`create it: gcloud iam service-accounts create ${made.id} --project ${made.project}`,
    });
  }
  const { project } = found;
  if (found.disabled) {
    throw new UserError("disabled", `Google service account ${account} is disabled`, {
      hint: shell`gcloud iam service-accounts enable ${account} --project ${found.project}`,
    });
  }
  const [keys, { buckets, notes }] = await Promise.all([
    keysOf(google, project, account),
    bucketsOf(google, aims, { account, project }),
  ]);
  return {
    input: { account, project, role: (await chosenRole(google, undefined)).name, buckets },
    notes: [...keys, ...notes],
  };
}

async function keysOf(google: Google, project: string, account: string): Promise<string[]> {
  try {
    const active = (await google.listHmacKeys(project, account)).filter(({ state }) => state === "ACTIVE");
    if (active.length === 0) return [];
    const list = shell`gcloud storage hmac list --service-account ${account} --project ${project}`;
    return [`${account} has ${count(active.length, "active HMAC key")} already, which stay as they are: ${list}`];
  } catch (error) {
    if (error instanceof CloudError) return [];
    throw error;
  }
}

interface Buckets {
  readonly buckets: HmacInput["buckets"];
  readonly notes: readonly string[];
}

/** Who may not look at a bucket's policy can make a key all the same, and the proof shows whether it opens the bucket. */
async function bucketsOf(
  google: Google,
  aims: readonly StorageAim[],
  { account, project }: { readonly account: string; readonly project: string },
): Promise<Buckets> {
  const mine = aims.filter(({ identity, endpoint }) => identity === "usual" && endpoint === undefined);
  const role = await chosenRole(google, undefined);
  const principal = `serviceAccount:${account}`;
  if (mine.length === 0) {
    const grant = shell`gcloud storage buckets add-iam-policy-binding gs://BUCKET --member ${principal} --role ${role.name}`;
    return {
      buckets: [],
      notes: [`no backup names a bucket that the key is for; ${account} needs a role there: ${grant}`],
    };
  }
  const told = mine.map(async (aim): Promise<Buckets> => {
    try {
      return await readGoogleBuckets(google, [aim], { role, principal, project });
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      const grant = shell`gcloud storage buckets add-iam-policy-binding ${`gs://${aim.bucket}`} --member ${principal} --role ${role.name}`;
      return {
        buckets: [],
        notes: [
          `whether ${account} may use bucket ${aim.bucket} could not be read (${error.message}); if it may not: ${grant}`,
        ],
      };
    }
  });
  const all = await Promise.all(told);
  const names = new Map(all.flatMap(({ buckets }) => buckets.map((bucket) => [bucket.name, bucket] as const)));
  return { buckets: [...names.values()], notes: [...new Set(all.flatMap(({ notes }) => notes))] };
}
