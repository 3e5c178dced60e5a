import { isDeniedByGoogle } from "../../domain/call-outcome.ts";
import { OBJECT_USER, OBJECT_VIEWER } from "../../domain/gcp/roles.ts";
import { edit, gcloudCommand, safeGcloudCommand, type Fix } from "../../domain/finding.ts";
import type { StorageAim } from "../../domain/aws-facts.ts";
import { candidatesFor } from "../../domain/why/match.ts";
import { MINUTES } from "../gcp/google-fixes.ts";
import type { Denial, Refusal } from "./denial.ts";

export type GooglePermission =
  | "storage.objects.create"
  | "storage.objects.get"
  | "storage.objects.list"
  | "storage.objects.delete";

/** The role is there, and Google says no all the same. */
export const LATER: readonly Fix[] = [
  edit("try again in some minutes; then ask who looks after the organisation's policies"),
];

/** What says no whatever roles there are. */
const OTHERS: ReadonlySet<string> = new Set(["gke.requester-pays", "gke.vpc-sc"]);

/** Why Google refused a request for a bucket; undefined for an answer that is about something else. */
export function googleDenial(refusal: Pick<Refusal, "said" | "action" | "aim" | "arn">): Denial | undefined {
  const { said, action, aim, arn } = refusal;
  const text = `${said.code} ${action}: ${said.message}`;
  const other = candidatesFor(text).find(({ cause }) => OTHERS.has(cause))?.cause;
  if (other === "gke.requester-pays") return requesterPays(aim);
  if (other === "gke.vpc-sc") return PERIMETER;
  if (/retention|hold/i.test(said.code)) return keeps(aim);
  // Of an object Google says the same in other words, and that is for whoever asked for it.
  if (said.status === 404 && !/no such object/i.test(said.message)) return noBucket(aim);
  if (!isDeniedByGoogle(said)) return undefined;
  return {
    cause: "gke.role-missing",
    because: `${arn ?? "its principal"} has no ${action} there`,
    fixes: roleFixes(aim, arn),
  };
}

/** The least predefined role that backups need, on the bucket and not on the project. */
export function roleFixes(aim: StorageAim, principal: string | undefined): Fix[] {
  const role = aim.writes ? OBJECT_USER : OBJECT_VIEWER;
  if (principal === undefined) return [edit(`give the ServiceAccount's principal ${role} on bucket ${aim.bucket}`)];
  const member = principal.includes("@") ? `serviceAccount:${principal}` : principal;
  // Where some binding has a condition gcloud asks whether the new one is to have one, too.
  return [
    gcloudCommand`gcloud storage buckets add-iam-policy-binding ${`gs://${aim.bucket}`} --role ${role} --member ${member} --condition None`,
    MINUTES,
  ];
}

function requesterPays({ bucket }: StorageAim): Denial {
  return {
    cause: "gke.requester-pays",
    because: "the bucket lets whoever asks pay, and the database names no project that does",
    fixes: [
      edit("use another bucket, or let the bucket's owner pay:"),
      gcloudCommand`gcloud storage buckets update ${`gs://${bucket}`} --no-requester-pays`,
    ],
  };
}

const PERIMETER: Denial = {
  cause: "gke.vpc-sc",
  because: "a perimeter of VPC Service Controls keeps requests from here out; one from a pod may be inside it",
  fixes: [edit("ask who looks after the perimeter, with the identifier that Google said")],
};

function noBucket({ bucket, from }: StorageAim): Denial {
  return {
    cause: "s3.nosuchbucket",
    because: `there is no bucket ${bucket}`,
    fixes: [
      edit(`correct the bucket in ${from}, or make it`),
      safeGcloudCommand`gcloud storage buckets describe ${`gs://${bucket}`}`,
    ],
  };
}

function keeps({ bucket }: StorageAim): Denial {
  return {
    cause: "s3.object-lock-versioning",
    because: "a retention policy or a hold keeps it until its time has come",
    fixes: [safeGcloudCommand`gcloud storage buckets describe ${`gs://${bucket}`}`],
  };
}
