import { isAccountEmail, projectOfAccount } from "./account-form.ts";
import { identityOf } from "../identity.ts";

/** Longest part of an email before the @ (IAM documentation, "Create service accounts"). */
const LONGEST = 30;
const ID = /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/;

/** A Google service account by its email. */
export interface AccountName {
  readonly email: string;
  /** Undefined for one that Google makes, which nobody else can make. */
  readonly made: { readonly id: string; readonly project: string } | undefined;
}

export function isAccountId(text: string): boolean {
  return ID.test(text);
}

/** The account of an email; undefined for what is none. */
export function accountNamed(email: string): AccountName | undefined {
  if (!isAccountEmail(email)) return undefined;
  const [id = ""] = email.split("@");
  const project = email.endsWith(".iam.gserviceaccount.com") ? projectOfAccount(email) : undefined;
  return { email, made: project === undefined || !isAccountId(id) ? undefined : { id, project } };
}

/** The account of a project; one of a domain (`example.com:acme`) stands the other way round in an email. */
export function accountIn(project: string, id: string): AccountName {
  const place = project.split(":").toReversed().join(".");
  return { email: `${id}@${place}.iam.gserviceaccount.com`, made: { id, project } };
}

/** `antfly-NAMESPACE-CLUSTER` where that can be an id; else its beginning, and what tells it from others. */
export function defaultAccountId(namespace: string, cluster: string): string {
  const name = `antfly-${namespace}-${cluster}`;
  if (ID.test(name)) return name;
  const mark = identityOf([namespace, cluster]).slice(0, 8);
  const stem = name.replaceAll(/[^a-z0-9-]/g, "-").slice(0, LONGEST - mark.length - 1);
  return `${stem.replace(/-+$/, "")}-${mark}`;
}
