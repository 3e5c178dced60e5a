import { nearest } from "../../text.ts";
import { isRecord, pointer } from "../policy-reader.ts";
import type { Note } from "./read-statement.ts";
import type { PrincipalEntry, PrincipalKind, TrustPrincipal } from "./trust-statement.ts";

const KINDS: readonly PrincipalKind[] = ["AWS", "Federated", "Service", "CanonicalUser"];

/** `Principal` or `NotPrincipal` of a statement; undefined where it has none, or nothing can be read of it. */
export function readPrincipal(
  statement: Record<string, unknown>,
  path: string,
  note: Note,
): TrustPrincipal | undefined {
  const not = statement["Principal"] === undefined && statement["NotPrincipal"] !== undefined;
  const name = not ? "NotPrincipal" : "Principal";
  const value = statement[name];
  const at = `${path}/${name}`;
  if (value === undefined) {
    note(path, "the statement has no Principal; without one it belongs to a permissions policy, not to a trust policy");
    return undefined;
  }
  // IAM User Guide, "AWS JSON policy elements: NotPrincipal": not "in an IAM role trust policy".
  if (statement["NotPrincipal"] !== undefined)
    note(`${path}/NotPrincipal`, "the trust policy of a role has no NotPrincipal; IAM refuses it");
  if (value === "*") return { not, any: true, entries: [], path: at };
  if (!isRecord(value)) {
    note(at, `${name} is "*" or an object, as in {"Federated": "arn:aws:iam::…:oidc-provider/…"}`);
    return undefined;
  }
  const entries = readEntries(value, at, note);
  if (entries === undefined) return undefined;
  // "The following elements are equivalent": {"AWS": "*"} and "*".
  const any = entries.some(({ kind, text }) => text === "*" && (kind === "AWS" || kind === "Federated"));
  return { not, any, entries, path: at };
}

function readEntries(value: Record<string, unknown>, at: string, note: Note): PrincipalEntry[] | undefined {
  const entries: PrincipalEntry[] = [];
  let whole = true;
  for (const [key, under] of Object.entries(value)) {
    const where = pointer(at, key);
    const kind = KINDS.find((known) => known === key);
    if (kind === undefined) {
      const meant = nearest(key, KINDS);
      note(where, `a principal has no ${key}${meant === undefined ? "" : `; did you mean ${meant}?`}`, {
        has: key,
        ...(meant === undefined ? {} : { want: meant }),
      });
      whole = false;
      continue;
    }
    const listed: unknown[] = Array.isArray(under) ? under : [under];
    listed.forEach((item, i) => {
      const place = Array.isArray(under) ? `${where}/${i}` : where;
      if (typeof item === "string") entries.push({ kind, text: item, path: place });
      else {
        note(place, `${key} is text, or a list of texts`);
        whole = false;
      }
    });
  }
  if (Object.keys(value).length === 0) note(at, "the principal is empty");
  return whole || entries.length > 0 ? entries : undefined;
}
