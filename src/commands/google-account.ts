import { orNothing } from "../apply/cloud-look.ts";
import { markOf } from "../apply/marks.ts";
import { UserError } from "../domain/errors.ts";
import {
  accountIn,
  accountNamed,
  defaultAccountId,
  isAccountId,
  type AccountName,
} from "../domain/gcp/account-name.ts";
import { accountProblem } from "../domain/gcp/account-form.ts";
import { gives } from "../domain/gcp/edit-policy.ts";
import { WORKLOAD_USER } from "../domain/gcp/roles.ts";
import { GOOGLE_ANNOTATION } from "../domain/gcp/workload-identity.ts";
import { shell } from "../domain/shell.ts";
import { printable } from "../domain/text.ts";
import { accountDescription } from "../plans/google-steps.ts";
import type { GoogleAccountInput } from "../plans/workload-identity-input.ts";
import { CloudError, type Google, type GoogleServiceAccount } from "../ports.ts";
import type { LeftBy } from "./earlier-run.ts";
import type { WorkloadOptions } from "./identity-options.ts";
import type { IdentityLook } from "./init-identity.ts";

const CREDENTIALS_API = "iamcredentials.googleapis.com";

export interface WantedAccount extends AccountName {
  /** Project in which one that is missing is made. */
  readonly project: string;
  /** Nobody named it: another cluster may have one of the same name. */
  readonly byDefault: boolean;
}

/**
 * The account that was named; else the one that the ServiceAccount names; else one for this cluster.
 * @throws UserError for what names none, and for another one than the ServiceAccount has
 */
export function wantedAccount({
  named,
  annotated,
  project,
  namespace,
  cluster,
  serviceAccount,
}: {
  readonly named: string | undefined;
  readonly annotated: string | undefined;
  readonly project: string;
  readonly namespace: string;
  readonly cluster: string;
  /** What names the ServiceAccount to kubectl. */
  readonly serviceAccount: readonly string[];
}): WantedAccount {
  const has = annotated === undefined ? undefined : accountNamed(annotated);
  if (named === undefined) {
    if (has !== undefined) return { ...has, project, byDefault: false };
    if (annotated === undefined)
      return { ...accountIn(project, defaultAccountId(namespace, cluster)), project, byDefault: true };
    throw badAnnotation(annotated, project, serviceAccount);
  }
  const account = named.includes("@") ? accountNamed(named) : isAccountId(named) && accountIn(project, named);
  if (account === undefined || account === false) {
    throw new UserError(
      "bad-account",
      `--google-account says "${printable(named)}", which is no Google service account`,
      {
        hint: "it takes an email, or the part before the @: 6 to 30 lower-case letters, digits and dashes, with a letter first",
      },
    );
  }
  if (has === undefined || has.email === account.email) return { ...account, project, byDefault: false };
  throw new UserError("annotated", `the ServiceAccount is that of Google service account ${has.email} already`, {
    hint: `leave --google-account out to use that one, or give the pods another ServiceAccount with --service-account NAME`,
  });
}

/** Somebody else has written it, and it is theirs: it is not overwritten unasked. */
function badAnnotation(value: string, project: string, serviceAccount: readonly string[]): UserError {
  const { problem, meant } = accountProblem(value, project) ?? { problem: "names no Google service account" };
  const change = `${GOOGLE_ANNOTATION}${meant === undefined ? "-" : `=${meant}`}`;
  const overwrite = meant === undefined ? [] : ["--overwrite"];
  return new UserError(
    "bad-account",
    `the ServiceAccount's annotation ${GOOGLE_ANNOTATION} says "${printable(value)}", which ${problem}`,
    { hint: shell`kubectl annotate serviceaccount ${serviceAccount} ${overwrite} ${change}` },
  );
}

/**
 * What Google has of the account.
 * @throws GoogleError; UserError for one that cannot be used or made, or that may be another cluster's
 */
export async function readGoogleAccount(
  google: Google,
  wanted: WantedAccount,
  of: Pick<IdentityLook<WorkloadOptions>, "cluster" | "account"> & {
    /** Of the cluster. */
    readonly project: string;
    readonly pool: string;
    readonly member: string;
  },
): Promise<{ readonly input: GoogleAccountInput; readonly notes: readonly string[] }> {
  const { email, made } = wanted;
  const project = made?.project ?? of.project;
  const id = made?.id ?? email.replace(/@.*/, "");
  const found = await orNothing(google.getServiceAccount(email));
  const notes = await notesOf(google, project);
  if (found === undefined) {
    assertCanBeMade(wanted);
    return { input: { email, id, project, existing: undefined }, notes };
  }
  if (found.disabled) {
    throw new UserError("disabled", `Google service account ${email} is disabled`, {
      hint: shell`gcloud iam service-accounts enable ${email} --project ${project}`,
    });
  }
  const policy = await google.getServiceAccountPolicy(email);
  const isBound = gives(policy, { role: WORKLOAD_USER, member: of.member });
  if (wanted.byDefault && !isBound) assertOfThisCluster(found, of);
  return { input: { email, id, project, existing: { etag: policy.etag, isBound } }, notes };
}

function assertCanBeMade({ email, made, project }: WantedAccount): void {
  if (made?.project === project) return;
  const hint =
    made === undefined
      ? "leave --google-account out, and one is made for this cluster"
      : shell`create it there: gcloud iam service-accounts create ${made.id} --project ${made.project}`;
  throw new UserError("no-account", `there is no Google service account ${email}`, { hint });
}

/** Two clusters can have an AntflyCluster of the same name: one would get what the other may do. */
function assertOfThisCluster(
  { email, description }: GoogleServiceAccount,
  { cluster, account, pool }: Pick<IdentityLook, "cluster" | "account"> & { readonly pool: string },
): void {
  if (description.startsWith(`${accountDescription(cluster, pool)} `)) return;
  const subject = `${cluster.namespace}/${account.name}`;
  throw new UserError(
    "anothers-account",
    `Google service account ${email} is there already, and ServiceAccount ${subject} of this cluster may not act as it: it may be that of another one`,
    { hint: `if it is to serve this one, too, say so with --google-account ${email}; else choose another name there` },
  );
}

async function notesOf(google: Google, project: string): Promise<string[]> {
  const state = await google.getService(project, CREDENTIALS_API).catch((error: unknown) => {
    if (!(error instanceof CloudError)) throw error;
    return undefined;
  });
  if (state !== "DISABLED") return [];
  const enable = shell`gcloud services enable ${CREDENTIALS_API} --project ${project}`;
  return [
    `API ${CREDENTIALS_API} is off in project ${project}, and without it nobody can act as the account: ${enable}`,
  ];
}

/** An account of that run which is not the one in use now. */
export function accountLeftBy(google: Google, now: string | undefined): LeftBy {
  return async ({ do: kind, email }, { run }) => {
    if (kind !== "google.account.create" || email === undefined || email === now) return undefined;
    const left = await orNothing(google.getServiceAccount(email)).catch(() => undefined);
    if (left?.description.endsWith(markOf(run)) !== true) return undefined;
    const remove = shell`gcloud iam service-accounts delete ${email} --project ${left.project}`;
    return `it is there, and nothing uses it; this removes it: ${remove}`;
  };
}
