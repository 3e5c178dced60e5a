import { shell } from "../shell.ts";
import type { Clues } from "./clues.ts";

/** What comes next after a cause was named: a command that can be pasted, or what to look at. */
export type Next = (clues: Clues) => string;

/** Names for the holes of a command; what the text does not say is left in capitals, to be filled in. */
export const inNs = ({ namespace }: Clues): string[] => (namespace === undefined ? [] : ["-n", namespace]);
export const secret = ({ secrets }: Clues): readonly string[] => (secrets.length === 0 ? ["SECRET"] : secrets);
export const account = ({ serviceAccount }: Clues): string => serviceAccount ?? "SERVICEACCOUNT";
export const bucket = ({ bucket: name }: Clues): string => name ?? "BUCKET";
export const roleName = ({ role, caller }: Clues): string =>
  role?.name ?? (caller?.kind === "assumed-role" ? caller.name : "ROLE");
export const email = ({ email: address }: Clues): string => address ?? "GSA@PROJECT.iam.gserviceaccount.com";

/** The check that decides what the text alone does not. */
export const doctor =
  (...codes: readonly string[]): Next =>
  (clues) =>
    shell`antfly-creds doctor ${inNs(clues)} ${codes.flatMap((code) => ["--only", code])}`;

/** Why the role does not let the pods' ServiceAccount in: of the role that the text names, else of the annotated one. */
export const roleTrust: Next = (clues) => {
  const { name, account: of, partition = "aws" } = clues.role ?? {};
  if (name === undefined || of === undefined) return doctor("ANT0304")(clues);
  return shell`antfly-creds trust-policy ${inNs(clues)} --check ${`arn:${partition}:iam::${of}:role/${name}`}`;
};

export const rolePolicies: Next = (clues) => shell`aws iam list-attached-role-policies --role-name ${roleName(clues)}`;

export const serviceAccount: Next = (clues) =>
  shell`kubectl get serviceaccount ${account(clues)} ${inNs(clues)} -o yaml`;

/** The ServiceAccount that the database pods run under, and what was injected into them. */
export const podIdentity: Next = (clues) =>
  clues.pod === undefined
    ? shell`kubectl get pods ${inNs(clues)} -l app.kubernetes.io/name=antfly-database -o custom-columns=POD:.metadata.name,SA:.spec.serviceAccountName,CREATED:.metadata.creationTimestamp`
    : shell`kubectl get pod ${clues.pod} ${inNs(clues)} -o yaml`;

export const pods: Next = (clues) =>
  clues.pod === undefined
    ? shell`kubectl describe pods ${inNs(clues)} -l app.kubernetes.io/name=antfly-database`
    : shell`kubectl describe pod ${clues.pod} ${inNs(clues)}`;
