import { memberOf, parseMember, principalOf, type Workload } from "./member.ts";
import { isSlip } from "./slip.ts";

/** One part of a member that is not as it should be. */
export interface Difference {
  /** `project`, `namespace`, `ServiceAccount`, `brackets` … */
  readonly part: string;
  readonly want: string;
  readonly has: string;
  /** Goes on after the member: `has the project's number where its id belongs`. */
  readonly says: string;
}

/** A member that was most likely meant to be the wanted one. */
export interface NearMember {
  readonly member: string;
  /** The same NAMESPACE/NAME, well written, of another project's pool: that of a cluster elsewhere, or a mix-up. */
  readonly otherPool: string | undefined;
  readonly differences: readonly Difference[];
}

/** The members that come close to the wanted one, nearest first; right bindings of other ServiceAccounts are none. */
export function nearMembers(members: readonly string[], wanted: Workload): NearMember[] {
  const near = members.flatMap((member) => nearMember(member, wanted) ?? []);
  return near.sort((a, b) => weight(a) - weight(b) || a.member.localeCompare(b.member));
}

/** One of another pool may be right where it is. */
function weight({ differences, otherPool }: NearMember): number {
  return differences.length + (otherPool === undefined ? 0 : 10);
}

/** Compares part by part; undefined for what is right, or about something else. */
export function nearMember(member: string, wanted: Workload): NearMember | undefined {
  const exact = parseMember(member);
  if (exact.kind === "account" || exact.kind === "everyone") return undefined;
  if (exact.kind === "set" && exact.of !== "other") return undefined;
  const loose = /^\s*(?:deleted:)?principal(?:Set)?:/i.test(member) ? principalParts(member) : workloadParts(member);
  if (loose === undefined) return undefined;
  const differences = compare(member, loose, wanted);
  if (differences === undefined || differences.length === 0) return undefined;
  const [only] = differences;
  const foreign = (exact.kind === "workload" || exact.kind === "principal") && differences.length === 1;
  const otherPool = foreign && only?.part === "project" ? exact.pool : undefined;
  return { member, otherPool, differences };
}

/** What a member is made of, however badly it is put together. */
interface Parts {
  readonly project: string;
  readonly namespace: string;
  readonly name: string;
  /** Parts that are wrong whatever they name. */
  readonly form: readonly Difference[];
}

const DOMAIN = /^(.*?)\.?(svc[._-]id[._-]goo?gl?e?(?:\.com)?)(.*)$/i;

function workloadParts(member: string): Parts | undefined {
  const form: Difference[] = [];
  const rest = withoutType(member, form);
  const [, before, domain, after] = DOMAIN.exec(rest) ?? [];
  const bracket = /^([^[\]({]+)([[({].*)$/.exec(rest);
  const project = (before ?? bracket?.[1] ?? "").trim();
  const tail = (after ?? bracket?.[2] ?? "").trim();
  if (project === "" || tail === "") return undefined;
  if (domain !== "svc.id.goog")
    form.push({
      part: "pool",
      want: ".svc.id.goog",
      has: domain === undefined ? "nothing" : `.${domain}`,
      says:
        domain === undefined ? "has no .svc.id.goog after the project" : `has .${domain} where .svc.id.goog belongs`,
    });
  const named = insideBrackets(tail, form);
  return named === undefined ? undefined : { project, ...named, form };
}

/** The text after `serviceAccount:`. */
function withoutType(member: string, form: Difference[]): string {
  const deleted = /^\s*deleted:/.test(member);
  if (deleted) form.push({ part: "deleted", want: "a living member", has: member, says: "is marked as deleted" });
  const plain = member.replace(/^\s*deleted:/, "").replace(/\?uid=.*$/, "");
  if (/\s/.test(plain)) form.push({ part: "spaces", want: "none", has: member, says: "has a space in it" });
  const [, type, rest] = /^\s*(serviceAccount|user|group|domain|member|ksa|principal)\s*:(.*)$/i.exec(plain) ?? [];
  if (type !== "serviceAccount")
    form.push({
      part: "type",
      want: "serviceAccount:",
      has: type === undefined ? "nothing" : `${type}:`,
      says: `begins with ${type === undefined ? "no type" : `${type}:`} in place of serviceAccount:`,
    });
  return (rest ?? plain).trim();
}

/** `[NAMESPACE/NAME]`. */
function insideBrackets(tail: string, form: Difference[]): { namespace: string; name: string } | undefined {
  const inner = tail.replace(/^[/:.\s]*[[({]?\s*/, "").replace(/\s*[\])}]?\s*$/, "");
  if (!/^\[.*\]$/.test(tail))
    form.push({ part: "brackets", want: "[NAMESPACE/NAME]", has: tail, says: "has no [ and ] around NAMESPACE/NAME" });
  const plain = inner.replace(/^system:serviceaccount:/i, "").replace(/^ns\/([^/]+)\/sa\//, "$1/");
  const [, namespace, separator, name] = /^([^\s/:,]+)\s*([/:,])\s*([^\s/:,]+)$/.exec(plain) ?? [];
  if (namespace === undefined || name === undefined) return undefined;
  if (separator !== "/" || plain !== inner)
    form.push({
      part: "separator",
      want: "NAMESPACE/NAME",
      has: inner,
      says: `has ${separator === "/" || plain !== inner ? inner : separator} where NAMESPACE/NAME belongs`,
    });
  return { namespace, name };
}

function principalParts(member: string): Parts | undefined {
  const form: Difference[] = [];
  if (/^\s*deleted:/.test(member))
    form.push({ part: "deleted", want: "a living member", has: member, says: "is marked as deleted" });
  const plain = member
    .trim()
    .replace(/^deleted:/, "")
    .replace(/\?uid=.*$/, "");
  const [, start, path, pool, subject = ""] =
    /^(principal(?:Set)?:\/*(?:iam\.googleapis\.com)?\/*)projects\/([^/]+)\/locations\/global\/workloadIdentityPools\/([^/]+)\/subject\/(.+)$/i.exec(
      plain,
    ) ?? [];
  if (start === undefined || path === undefined || pool === undefined) return undefined;
  if (start !== "principal://iam.googleapis.com/")
    form.push({
      part: "type",
      want: "principal://iam.googleapis.com/",
      has: start,
      says: `begins with ${start} in place of principal://iam.googleapis.com/`,
    });
  const [, namespace, name] =
    /^ns\/([^/]+)\/sa\/([^/]+)$/.exec(subject) ??
    /^(?:system:serviceaccount:)?([^/:]+)[/:]([^/:]+)$/.exec(subject) ??
    [];
  if (namespace === undefined || name === undefined) return undefined;
  if (!/^ns\/[^/]+\/sa\/[^/]+$/.test(subject))
    form.push({
      part: "subject",
      want: "ns/NAMESPACE/sa/NAME",
      has: subject,
      says: `has ${subject} where ns/NAMESPACE/sa/NAME belongs`,
    });
  // Path and pool name one project; the one in the path by its number.
  return { project: `${path} ${pool}`, namespace, name, form };
}

function compare(
  member: string,
  { project, namespace, name, form }: Parts,
  wanted: Workload,
): Difference[] | undefined {
  const differences = [...form];
  const swapped = namespace === wanted.name && name === wanted.namespace && namespace !== name;
  if (swapped)
    differences.push({
      part: "order",
      want: `${wanted.namespace}/${wanted.name}`,
      has: `${namespace}/${name}`,
      says: "has namespace and ServiceAccount in the wrong order",
    });
  else {
    const pairs = [
      ["namespace", namespace, wanted.namespace],
      ["ServiceAccount", name, wanted.name],
    ] as const;
    const wrong = pairs.filter(([, has, want]) => has !== want);
    // One of another name is another one, unless that is a slip and all the rest is right.
    if (wrong.some(([, has, want]) => !isSlip(has, want))) return undefined;
    if (wrong.length > 1 && !wrong.some(([, has, want]) => has.toLowerCase() === want.toLowerCase())) return undefined;
    for (const [part, has, want] of wrong)
      differences.push({ part, want, has, says: `names ${part} ${has} in place of ${want}${caseOnly(has, want)}` });
  }
  const place = project.includes(" ") ? pathDifferences(project, wanted) : projectDifference(project, wanted);
  differences.push(...place);
  const strange = place.some(({ part }) => part === "project");
  return strange && differences.some(({ part }) => part === "namespace" || part === "ServiceAccount")
    ? undefined
    : member === memberOf(wanted) || member === principalOf(wanted)
      ? []
      : differences;
}

function caseOnly(has: string, want: string): string {
  return has.toLowerCase() === want.toLowerCase() ? ": upper and lower case count" : "";
}

function projectDifference(has: string, { pool, projectNumber }: Workload): Difference[] {
  const want = pool.replace(/\.svc\.id\.goog$/, "");
  if (has === want) return [];
  if (has === projectNumber || (projectNumber === undefined && /^\d{6,}$/.test(has)))
    return [{ part: "number", want, has, says: "has the project's number where its id belongs" }];
  if (isSlip(has, want))
    return [{ part: "project id", want, has, says: `names project ${has} in place of ${want}${caseOnly(has, want)}` }];
  return [{ part: "project", want, has, says: `is of the pool of project ${has}, and the cluster is in ${want}` }];
}

function pathDifferences(both: string, wanted: Workload): Difference[] {
  const [path = "", pool = ""] = both.split(" ");
  const { projectNumber: number, pool: wantPool } = wanted;
  const id = wantPool.replace(/\.svc\.id\.goog$/, "");
  const ofPool = pool === wantPool ? [] : projectDifference(pool.replace(/\.svc\.id\.goog$/, ""), wanted);
  if (ofPool.some(({ part }) => part === "project")) return ofPool;
  if (path === number || (number === undefined && path !== id)) return ofPool;
  const says =
    path === id
      ? "has the project's id where its number belongs"
      : `has ${path} in its path where ${number ?? "the project's number"} belongs`;
  return [...ofPool, { part: "number", want: number ?? "the project's number", has: path, says }];
}
