import { nearest } from "../../text.ts";
import { isRecord, pointer } from "../policy-reader.ts";
import { readCondition } from "./read-condition.ts";
import { readPrincipal } from "./read-principal.ts";
import { trustFinding } from "./trust-finding.ts";
import type { TrustActions, TrustStatement } from "./trust-statement.ts";
import type { TrustFinding } from "./trust-types.ts";

const ELEMENTS = ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Condition"] as const;

/** Notes what IAM would refuse (`irsa.trust-json`) with its place. */
export type Note = (path: string, message: string, more?: Partial<Pick<TrustFinding, "want" | "has" | "fix">>) => void;

export function noteInto(problems: TrustFinding[]): Note {
  return (path, message, more) => problems.push(trustFinding("irsa.trust-json", "error", path, message, more));
}

/** One statement, with everything noted that IAM would not take; undefined where it is no statement at all. */
export function readStatement(value: unknown, index: number, path: string, note: Note): TrustStatement | undefined {
  if (!isRecord(value)) {
    note(path, "a statement is a JSON object");
    return undefined;
  }
  // What is misspelt explains what is missing, and comes first.
  const others = noteMisspelt(value, path, note);
  const sid = value["Sid"];
  if (sid !== undefined && (typeof sid !== "string" || !/^[A-Za-z0-9]*$/.test(sid)))
    note(`${path}/Sid`, "Sid is letters and digits alone");
  const { effect, guessed } = readEffect(value["Effect"], path, note);
  const { tests, whole } = readCondition(value["Condition"], `${path}/Condition`, note);
  const read = {
    index,
    path,
    sid: typeof sid === "string" ? sid : undefined,
    effect,
    effectGuessed: guessed,
    principal: readPrincipal(value, path, note),
    actions: readActions(value, path, note),
    tests: whole ? tests : [...tests, unreadableTest(`${path}/Condition`)],
  };
  for (const key of others) noteForeign(key, pointer(path, key), note);
  return read;
}

function unreadableTest(path: string): TrustStatement["tests"][number] {
  return { operator: undefined, written: "Condition", key: "", values: [], list: false, path };
}

/** Elements that were probably meant to be others; gives those that are of no statement. */
function noteMisspelt(statement: Record<string, unknown>, path: string, note: Note): string[] {
  const unknown = Object.keys(statement).filter((key) => !(ELEMENTS as readonly string[]).includes(key));
  return unknown.filter((key) => {
    const meant = key.endsWith("Resource") ? undefined : nearest(key, ELEMENTS);
    if (meant === undefined) return true;
    note(pointer(path, key), `a statement has no ${key}; did you mean ${meant}?`, { has: key, want: meant });
    return false;
  });
}

function noteForeign(key: string, path: string, note: Note): void {
  if (key === "Resource" || key === "NotResource")
    note(path, `a trust policy has no ${key}: the role itself is what is asked for`, { fix: `remove ${key}` });
  else note(path, `a statement has no ${key}`, { has: key });
}

function readEffect(value: unknown, path: string, note: Note): { effect: "Allow" | "Deny"; guessed: boolean } {
  if (value === "Allow" || value === "Deny") return { effect: value, guessed: false };
  if (value === undefined) {
    note(path, "the statement has no Effect", { want: "Allow or Deny" });
    return { effect: "Allow", guessed: true };
  }
  const meant = typeof value === "string" ? nearest(value, ["Allow", "Deny"]) : undefined;
  const effect = meant === "Deny" ? "Deny" : "Allow";
  note(
    `${path}/Effect`,
    `Effect is Allow or Deny, written so${meant === undefined ? "" : `; did you mean ${meant}?`}`,
    {
      want: meant ?? "Allow or Deny",
      has: typeof value === "string" ? value : JSON.stringify(value),
    },
  );
  return { effect, guessed: true };
}

function readActions(statement: Record<string, unknown>, path: string, note: Note): TrustActions | undefined {
  const not = statement["Action"] === undefined && statement["NotAction"] !== undefined;
  const name = not ? "NotAction" : "Action";
  const value = statement[name];
  const at = `${path}/${name}`;
  if (value === undefined) {
    note(path, "the statement has no Action", { want: "sts:AssumeRoleWithWebIdentity" });
    return undefined;
  }
  if (!not && statement["NotAction"] !== undefined)
    note(`${path}/NotAction`, "a statement has Action or NotAction, not both");
  const listed: unknown[] = Array.isArray(value) ? value : [value];
  const items: { text: string; path: string }[] = [];
  listed.forEach((item, i) => {
    const where = Array.isArray(value) ? `${at}/${i}` : at;
    if (typeof item !== "string") note(where, `${name} is text, or a list of texts`);
    else {
      items.push({ text: item, path: where });
      if (!/^(\*|sts:.+)$/is.test(item))
        note(where, "an action of a trust policy has sts: in front, as in sts:AssumeRoleWithWebIdentity", {
          has: item,
        });
    }
  });
  return items.length < listed.length ? undefined : { not, items, path: at };
}
